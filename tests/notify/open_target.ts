/** The ways to all kinds of targets, which the daemon's two processes have a part of each. */

import type { NotifyConfig } from "../../src/config/notify_model.ts";
import { openRemoteTarget } from "../../src/front/notify/remote_targets.ts";
import { execTarget } from "../../src/notify/exec.ts";
import { fifoTarget } from "../../src/notify/fifo.ts";
import type { Target } from "../../src/notify/target.ts";

export function openTarget(config: NotifyConfig, node: string): Target {
  if (config.type === "exec") return execTarget(config);
  if (config.type === "fifo") return fifoTarget(config, () => Promise.resolve("no pipes here"));
  return openRemoteTarget(config, node, { run: "run1", readFile: Deno.readTextFile });
}
