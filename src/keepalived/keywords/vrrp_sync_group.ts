/**
 * `vrrp_sync_group NAME { ... }`.
 *
 * @module
 */

import type { PartialGroup } from "../partial.ts";
import { NOTIFY_RULES } from "./notify.ts";
import { carried, each, type Rules } from "./rules.ts";
import { trackRule, UNTRACKED } from "./vrrp_instance.ts";

export const SYNC_GROUP_RULES: Rules<PartialGroup> = {
  group: carried("sync_groups[].instances", ({ members }, { block }) => {
    for (const { keyword, words } of block ?? []) members.push(keyword, ...words);
  }, {
    maxWords: 0,
    first: true,
    takesBlock: true,
  }),
  track_script: trackRule("script", "instances[].track[].check"),
  track_process: trackRule("process", "instances[].track[].check"),
  track_file: trackRule("file", "instances[].track[].check"),
  track_interface: trackRule("interface", "instances[].track[].interface"),
  ...UNTRACKED,
  ...NOTIFY_RULES,
  ...each(
    "sync_group_tracking_weight global_tracking",
    carried<PartialGroup>("", (group) => {
      group.weights = true;
    }, { note: "weights of one member always move the priority of all", maxWords: 0 }),
  ),
};
