/**
 * The targets on the network.
 *
 * @module
 */

import type { RemoteNotifyConfig } from "../../config/notify_model.ts";
import type { Target, TargetContext } from "../../notify/target.ts";
import { emailTarget } from "./email.ts";
import { webhookTarget } from "./webhook.ts";

/** Opens a target. `node` names this load balancer. */
export function openRemoteTarget(
  config: RemoteNotifyConfig,
  node: string,
  context: TargetContext,
): Target {
  return config.type === "webhook"
    ? webhookTarget(config, node, context)
    : emailTarget(config, node, context);
}
