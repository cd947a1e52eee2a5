/**
 * What `vipd status`, `vipd watch` and `vipd events` show otherwise, and their helps.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const VERDICT_FIRST =
  "`vipd status` and `vipd watch` begin with the verdict on the pair, its reasons and their " +
  "remedies. Three instances and more are a table, faults first";
const WHY_NOW = "`why` in `vipd status` is the reason now; what began the state stands in `since`";
const SELECTION =
  "`vipd status` and `vipd watch` take names of instances, also with `*` and `?`, `--state` and " +
  "`--verdict`; `vipd status` also takes `--brief` and `--exit-code`, with the new exit code 7";
const FITS =
  "`vipd watch` fits any terminal: a long line ends with `…`, and what has no place is " +
  "counted";
const ZONE = "Times in `vipd status`, `vipd watch` and `vipd events` are in this machine's zone; " +
  "`--utc` and JSON have them in UTC";
const SINCE = "`vipd events --since 1h` shows the last hour. While the API does not answer, " +
  "`vipd events` shows the journal's file";
const SINCE_TIME = "`vipd events --since` takes times as it prints them";
const BEFORE_COMMAND = "`vipd --no-color status`: this option may stand before the command";
const HELP_NAMED =
  "After a wrong command line `vipd` names the help of that command, and another program that " +
  "answers in place of vipd is reported without a number of HTTP";
const PEER_EVENTS =
  "New call `GET /v1/peers/{peer}/events`, the journal of the other node, which the page's timeline " +
  "shows; new error codes `peer_unknown` and `peer_journal_unknown`";
const OF_DIFF = "`vipd help` says that exit code 1 of `vipd diff` is a difference";
const INSTANCE_NAMES = "The completions know the names of the running vipd's instances";

export const SHOWN: readonly AcceptedDifference[] = [
  ...of(
    "status/*",
    ["* /*/out |   why       *", WHY_NOW],
    ["* /*/out |   since     *", WHY_NOW],
  ),
  ...of(
    "codes/problems",
    ["+ /peer_unknown 404", PEER_EVENTS],
    ["+ /peer_journal_unknown 503", PEER_EVENTS],
  ),
  ...of(
    "codes/OpenAPI",
    ["+ /paths//v1/peers/{peer}/events *", PEER_EVENTS],
    ['+ /components/schemas/Problem/properties/code/enum/* "peer_unknown"', PEER_EVENTS],
    ['+ /components/schemas/Problem/properties/code/enum/* "peer_journal_unknown"', PEER_EVENTS],
    ["+ /components/examples/peer_unknown *", PEER_EVENTS],
    ["+ /components/examples/peer_journal_unknown *", PEER_EVENTS],
  ),
  ...of(
    "status/a sync group and another",
    ["* /*/out | *MASTER  *", VERDICT_FIRST],
    ["+ /*/out | NAME   STATE   PRIORITY  ADDRESS       WHY", VERDICT_FIRST],
    ["- /*/out |   *", VERDICT_FIRST],
    ["- /*/out | ", VERDICT_FIRST],
  ),
  ...of(
    "cli/*",
    ["* /* |   --no-color    no colours *", BEFORE_COMMAND],
    ["+ /* |                 the command", BEFORE_COMMAND],
    ["- /* |   1  it failed at run time", SELECTION],
    ["+ /* |   1  it failed; diff: a difference; *", OF_DIFF],
    ["+ /* |   7  of status --exit-code: unverified", SELECTION],
    ["- /err | See vipd help.", HELP_NAMED],
    ["+ /err | See vipd help *.", HELP_NAMED],
    ["- /err | vipd: {api} answered * and is not vipd; *", HELP_NAMED],
    ["+ /err | vipd: what answers at {api} is not vipd; *", HELP_NAMED],
  ),
  ...of(
    "cli/*status*",
    ["- /out | Shows the state of the running vipd: *", VERDICT_FIRST],
    ["- /out | master, why, and since when; *", VERDICT_FIRST],
    ["+ /out | Shows first whether the service of the pair *", VERDICT_FIRST],
    ["+ /out | running vipd: each instance with its addresses, *", VERDICT_FIRST],
    ["+ /out | when; each check with its last result. *", VERDICT_FIRST],
    ["+ /out | faults first. NAME limits it to instances*", VERDICT_FIRST],
    ["+ /out |   --brief *", SELECTION],
    ["+ /out |   --exit-code *", SELECTION],
    ["+ /out |                      is unprotected, contested or *", SELECTION],
  ),
  ...of(
    "cli/*watch*",
    ["* /out | Shows what vipd status shows, drawn *", FITS],
    ["+ /out | fits the terminal: *", FITS],
    ["+ /out | counted.", FITS],
  ),
  ...["cli/*status*", "cli/*watch*"].flatMap((items) =>
    of(
      items,
      ["+ /out |   vipd * VI_1 'web*", SELECTION],
      ["+ /out |   --state STATE *", SELECTION],
      ["+ /out |                      fault,backup", SELECTION],
      ["+ /out |   --verdict VERDICT *", SELECTION],
      ["+ /out |                      of several: unserved, *", SELECTION],
      ["+ /out |                      protected", SELECTION],
      ["+ /out |   --utc *", ZONE],
    )
  ),
  ...of(
    "cli/*status*",
    ["+ /out |   vipd status --state *", SELECTION],
    ["+ /out |   vipd status --exit-code *", SELECTION],
  ),
  ...of(
    "codes/exit codes",
    ["~ /1 *", SELECTION],
    ["+ /7 *", SELECTION],
  ),
  ...of("cli/mistake: status extra", ["*", SELECTION]),
  ...of("cli/mistake: watch extra", ["*", SELECTION]),
  ...of(
    "cli/*events*",
    ["* /out | checks, commands, alarms, discarded packets.*", SINCE],
    ["+ /out | the API of this machine's vipd does not answer, *", SINCE],
    ["* /out |   --since *", SINCE],
    ["+ /out |                      time on, such as 20:10 *", SINCE_TIME],
    ["+ /out |                      after the one with this id", SINCE],
    ["+ /out |   vipd events --since 1h", SINCE],
    ["+ /out |   --utc *", ZONE],
    ["* /err | vipd: --since takes *", SINCE],
    ["- /out | 2026-03-01T10:00:00.000Z *", ZONE],
    ["+ /out | 2026-03-01 10:00:00.000 *", ZONE],
  ),
  ...of(
    "cli/*completion*",
    ["* /out | Prints what makes a shell complete *", INSTANCE_NAMES],
    ["+ /out | and the names of the running vipd's *", INSTANCE_NAMES],
    ["+ /out | vipd completion instances.", INSTANCE_NAMES],
    ["+ /out | Options:", INSTANCE_NAMES],
    ["+ /out | ", INSTANCE_NAMES],
    ["+ /out |   --config FILE      the names of *", INSTANCE_NAMES],
  ),
  ...of("cli/completion *sh", ["+ /out | _vipd_instances() *", INSTANCE_NAMES]),
  ...of(
    "cli/completion bash",
    ["+ /out |     --state) *", SELECTION],
    ["+ /out |     --verdict) *", SELECTION],
  ),
  ...of(
    "cli/completion fish",
    ["+ /out | *(vipd completion instances 2>/dev/null)'", INSTANCE_NAMES],
    ["+ /out | *_from completion' -l config *", INSTANCE_NAMES],
    ["+ /out | *_from status' -l *", SELECTION],
    ["+ /out | *_from watch' -l *", SELECTION],
    ["* /out | *_from events' -l since *", SINCE],
    ["+ /out | *_from events' -l utc *", ZONE],
  ),
  ...of(
    "cli/manpage",
    ["* /out | Shows the state of the running vipd: *", VERDICT_FIRST],
    ["+ /out | Shows first whether the service *", VERDICT_FIRST],
    ["+ /out | *vipd status *", SELECTION],
    ["+ /out | *vipd watch VI_1 *", SELECTION],
    ["+ /out | \\fB\\-\\-*\\fR*", SELECTION],
    ["+ /out | \\fB7\\fR", SELECTION],
    ["+ /out | only instances *", SELECTION],
    ["+ /out | one line for each instance, *", SELECTION],
    ["+ /out | end with 0 if all instances *", SELECTION],
    ["- /out | it failed at run time", SELECTION],
    ["+ /out | it failed; diff: a difference; *", OF_DIFF],
    ["+ /out | of status *", SELECTION],
    ["+ /out | times in UTC, *", ZONE],
    ["* /out | Shows the journal of the running vipd: *", SINCE],
    ["* /out | \\fB\\-\\-since\\fR *", SINCE],
    ["* /out | only entries *", SINCE],
    ["+ /out | vipd events *", SINCE],
    ["* /out | Prints what makes a shell complete *", INSTANCE_NAMES],
    ["+ /out | the names of the vipd of this configuration", INSTANCE_NAMES],
  ),
];
