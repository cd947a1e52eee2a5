/**
 * The facts that `vipd init` finds on the machine.
 *
 * @module
 */

import type { CliContext } from "../../context.ts";
import type { Machine } from "./config.ts";
import { exists } from "./files.ts";

/** How long nginx has to answer, in milliseconds: the timeout of the check that `vipd init` may write. */
const ANSWER_LIMIT_MS = 1000;
const NGINX_PLACES = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/nginx/sbin/nginx"];

export async function foundMachine(context: CliContext): Promise<Machine> {
  // Imported here, so that no other command opens libc.
  const { openLinuxHost } = await import("../../../daemon/linux_process.ts");
  const host = openLinuxHost((error) => {
    throw error;
  });
  try {
    const interfaces = host.interfaceNames()
      .map((name) => host.interfaceState(name))
      .filter((state) => state !== null && state.name !== "lo");
    const places = await Array.fromAsync(NGINX_PLACES, (place) => exists(place));
    const nginx = places.includes(true);
    return {
      hostname: context.hostname(),
      interfaces: interfaces.filter((state) => state !== null),
      nginx,
      nginxAnswers: nginx && await answersWell("http://127.0.0.1/"),
    };
  } finally {
    await host.close();
  }
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
