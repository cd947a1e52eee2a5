/**
 * The verdict on the pair.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const VERDICT =
  "The status of an instance has `pair`: the verdict on whether its service survives the loss of " +
  "the node that serves it";
const PAIR_CALL = "New call `GET /v1/pair`; new metrics `vipd_pair_verdict` and `vipd_pair_reason`";
const PAIR_NEWS =
  "New alarm `unprotected`, new code of the journal `verdict_changed`, new events of `notify`: " +
  "`unprotected`, `protected`, `unserved`, `contested`";
const VERDICT_LINES = "The log has one line for each new verdict";

const MISSING = "A backup that hears no master reports `adverts_missing` in its status";

export const PAIR: readonly AcceptedDifference[] = [
  ...of("codes/alarms", ['+ /unprotected "warning"', PAIR_NEWS]),
  ...of("codes/journal", ["+ /verdict_changed *", PAIR_NEWS]),
  ...of(
    "codes/OpenAPI",
    ["+ /paths//v1/pair *", PAIR_CALL],
    ["+ /components/schemas/Pair*", PAIR_CALL],
    ['+ /*/Alarm/*"unprotected"', PAIR_NEWS],
    ["+ /*/JournalEntry/properties/verdict *", PAIR_NEWS],
    ["+ /components/schemas/*Instance/properties/adverts_missing *", MISSING],
    ["+ /*/InstancePair *", VERDICT],
    ["+ /*/Instance/properties/pair *", VERDICT],
    ["+ /*/Instance/properties/client_check *", VERDICT],
    ["+ /*/ClientCheck *", VERDICT],
    ["+ /*/Peer/properties/clock_offset_ms *", VERDICT],
  ),
  ...of(
    "metrics/*",
    ["+ /vipd_pair_*", PAIR_CALL],
    ['+ /vipd_alarms_active/*code="unprotected"*', PAIR_NEWS],
  ),
  ...of(
    "api/*",
    ["+ /body/*pair {*", VERDICT],
    ["+ /body/vipd_pair_*", PAIR_CALL],
    ["+ /body/*unprotected*", PAIR_NEWS],
    ["+ /body/vipd_journal_entries_total/*verdict_changed*", PAIR_NEWS],
    ['+ /body/vipd_journal_entries_total/*severity="warning",code="alarm_raised"*', PAIR_NEWS],
  ),
  ...of("traces/*", ["~ /verdicts in * line 1: (end) -> *", PAIR_NEWS]),
  ...of("packets/*", ["~ /verdicts in * line 1: (end) -> *", PAIR_NEWS]),
  ...of(
    "cli/simulate *",
    ["+ /out | *unprotected*", PAIR_NEWS],
    ["+ /out | *: * -> *: VI_1 is *", VERDICT_LINES],
  ),
];
