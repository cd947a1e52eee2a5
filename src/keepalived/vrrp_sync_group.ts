/**
 * `vrrp_sync_group NAME { ... }`.
 *
 * @module
 */

import type { GroupDraft } from "./draft.ts";
import { carried, notCarried, type Rules } from "./rules.ts";
import { trackRule, UNTOLD, UNTRACKED } from "./vrrp_instance.ts";

export const SYNC_GROUP_RULES: Rules<GroupDraft> = {
  group: carried("", ({ members }, { block, words }) => {
    members.push(...words);
    for (const { keyword, words } of block ?? []) members.push(keyword, ...words);
  }, {
    note: "the members become instances of their own; what the group tracks, each of them tracks",
    maxWords: Infinity,
    adds: true,
  }),
  track_script: trackRule("script", "instances[].track[].check"),
  track_process: trackRule("process", "instances[].track[].check"),
  track_interface: trackRule("interface", "instances[].track[].interface"),
  ...UNTRACKED,
  ...UNTOLD,
  global_tracking: notCarried(
    "each instance has tracks of its own",
    "look through the `track` lists of the members",
  ),
  sync_group_tracking_weight: notCarried(
    "each instance has tracks of its own, with weights",
    "give the members the same `track` lists",
  ),
};
