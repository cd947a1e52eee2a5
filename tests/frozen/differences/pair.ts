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

const CONFLICT =
  "The verdict is `contested` on both nodes if a third machine answers for an address";
const CHECK_UNKNOWN =
  "`unverified` is the verdict if its client check has never been answered or is not asked " +
  "(new key `client_check_unknown`), and if its vipd is 0.1.0 (`peer_older`; new key `without_verdict`";
const NOT_ASKED =
  "If this node cannot read its own `token_file`, it says so (`peer_not_asked`), and " +
  "`peer_unreachable` does. New key `error_cause` of a peer";
const NOT_HELD = "the new key `addresses_missing` of a peer's instance names them";
const LOWERED = "the new key `lowered_by` of a peer's instance has that";
const NONE_SHOWN =
  "`vipd status --exit-code` ends with 7 if no instance is shown; it ended with 0. A node without " +
  'instances does not say "no alarms"';
const HEALED = "After two masters no alarm about them is raised again once one has yielded";
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
    ["+ /components/schemas/*Instance/properties/address_conflict *", CONFLICT],
    ["+ /components/schemas/AddressConflict *", CONFLICT],
    ["+ /components/schemas/*Instance/properties/client_check_unknown *", CHECK_UNKNOWN],
    ["+ /components/schemas/PeerInstance/properties/without_verdict *", CHECK_UNKNOWN],
    ["+ /components/schemas/PeerInstance/properties/lowered_by *", LOWERED],
    ["+ /components/schemas/PeerInstance/properties/addresses_missing *", NOT_HELD],
    ["+ /components/schemas/Peer/properties/error_cause *", NOT_ASKED],
  ),
  ...of(
    "status/no instances",
    ["- /*/out | lb01  vipd {version}, up 8 min, no alarms", NONE_SHOWN],
    ["+ /*/out | lb01  vipd {version}, up 8 min", NONE_SHOWN],
  ),
  ...of("cli/*", ["+ /out |                      7 also if none is shown", NONE_SHOWN]),
  ...of(
    "cli/simulate asymmetric-link",
    ["+ /out | *lb01  VI_1: split_brain_advert is over after 8 s: *", HEALED],
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
    ['+ /body/* {*"code":"verdict_changed",*', PAIR_NEWS],
    ["+ /body/vipd_journal_entries_total/*verdict_changed*", PAIR_NEWS],
  ),
  // The alarm is raised while the walk asks.
  ...of(
    "api/*",
    ['+ /body/vipd_journal_entries_total/*severity="warning",code="alarm_raised"*', PAIR_NEWS],
  ).map((entry) => ({ ...entry, byChance: true })),
  ...["packets/*", "traces/*"].flatMap((items) =>
    of(
      items,
      ["+ /journal | * verdict_changed *", PAIR_NEWS],
      ["+ /messages | * verdict_changed *", PAIR_NEWS],
      ['+ /journal | * warning alarm_raised * {"alarm":"unprotected"}', PAIR_NEWS],
      ['+ /journal | * notice alarm_cleared * {"alarm":"unprotected"}', PAIR_NEWS],
      ["+ /messages | * alarm_raised *: unprotected: *", PAIR_NEWS],
      ["+ /messages | * alarm_cleared *: unprotected is over *", PAIR_NEWS],
    )
  ),
  ...of(
    "cli/simulate *",
    ["+ /out | *unprotected*", PAIR_NEWS],
    ["+ /out | *: * -> *: VI_1 is *", VERDICT_LINES],
  ),
];
