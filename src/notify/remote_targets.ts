/**
 * The targets that are reached over the network.
 *
 * @module
 */

import type { EmailNotifyConfig, WebhookNotifyConfig } from "../config/notify_model.ts";
import { emailTarget } from "./email.ts";
import type { ReadFile, Target } from "./target.ts";
import { webhookTarget } from "./webhook.ts";

/** The way to a target. `node` names this load balancer, `run` tells this run of vipd from others. */
export function openRemoteTarget(
  config: WebhookNotifyConfig | EmailNotifyConfig,
  node: string,
  run: string,
  readFile: ReadFile,
): Target {
  return config.type === "webhook"
    ? webhookTarget(config, node, run, readFile)
    : emailTarget(config, node, readFile);
}
