/**
 * The facts that `vipd init` finds on the machine.
 *
 * @module
 */

import { DEFAULT_RUN_DIR } from "../../../config/model.ts";
import type { CliContext } from "../../context.ts";
import type { MachineFacts } from "./model.ts";
import { exists } from "../../new_files.ts";

/** How long nginx has to answer, in milliseconds: the timeout of the check that `vipd init` may write. */
const ANSWER_LIMIT_MS = 1000;
const NGINX_PLACES = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/nginx/sbin/nginx"];

export async function foundMachine(context: CliContext): Promise<MachineFacts> {
  // Imported here, so that no other command opens libc.
  const { machineAddresses } = await import("../../../daemon/machine_addresses.ts");
  const found = await machineAddresses({ runDir: DEFAULT_RUN_DIR, instances: [] });
  const places = await Array.fromAsync(NGINX_PLACES, (place) => exists(place));
  const nginx = places.includes(true);
  return {
    ...found,
    hostname: context.hostname(),
    interfaces: found.interfaces.filter(({ name }) => name !== "lo"),
    nginx,
    nginxAnswers: nginx && await answersWell("http://127.0.0.1/"),
  };
}

async function answersWell(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    await answer.body?.cancel();
    return answer.status >= 200 && answer.status < 400;
  } catch {
    return false;
  }
}
