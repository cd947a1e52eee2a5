/**
 * One alarm of one cause, and what the doctor and `vipd listen` name.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const ONE_CAUSE = "Alarms of an instance that have one cause are one: the most certain one stands";
const FAULT = "New alarm `fault`, an error, for an instance in state fault";
const VRRP_REMEDY = "The remedy of an alarm about dropped adverts is `vipd doctor`";
const LISTENS =
  "`vipd listen` hears before the firewall, and reports what arrives and does not pass it";
const OWN_ADVERTS = "New finding of the doctor: `firewall_drops_own_adverts`";

const AT_ONCE = "`reload_failed` ends with the next good reload, `state_damaged` with the next " +
  "override, at once";

export const ALARMS_BY_CAUSE: readonly AcceptedDifference[] = [
  ...of("codes/alarms", ['+ /fault "error"', FAULT]),
  ...of("metrics/*", ['+ /vipd_alarms_active/samples/{code="fault",*', FAULT]),
  ...of("codes/findings of the doctor", ["+ /firewall_drops_own_adverts *", OWN_ADVERTS]),
  ...of(
    "codes/OpenAPI",
    ['+ /*/Alarm/properties/code/enum/* "fault"', FAULT],
    ["+ /*/Alarm/properties/evidence *", ONE_CAUSE],
  ),
  ...of(
    "cli/*listen*",
    ["- /out | that every router discards. Sends no VRRP*", LISTENS],
    ["+ /out | that every router discards, adverts that arrive*", LISTENS],
    ["+ /out | machine drops. Sends no VRRP*", LISTENS],
  ),
  ...of("cli/manpage", ["* /out | Listens to VRRP of any maker *", LISTENS]),
  ...of(
    "cli/simulate *",
    ["+ /out | * VI_1: fault*", FAULT],
    ["* /out | * split_brain_ad*: let VRRP in *", VRRP_REMEDY],
    ["* /out | * split_brain_address: *, let VRRP in *", VRRP_REMEDY],
    ["* /out | * address_conflict: *, let VRRP in *", VRRP_REMEDY],
  ),
  ...of(
    "traces/*",
    ["~ /faults in * line 1: (end) -> *", FAULT],
    ["~ /claims in journal line *", ONE_CAUSE],
    ["~ /claims in messages line *", ONE_CAUSE],
  ),
  ...of(
    "packets/*",
    ["~ /faults in * line 1: (end) -> *", FAULT],
    ["~ /claims in journal line *", ONE_CAUSE],
    ["~ /claims in messages line *", ONE_CAUSE],
  ),
  ...of(
    "api/*",
    ['+ /body/vipd_alarms_active/series/{code="fault",*', FAULT],
    ['+ /body/vipd_journal_entries_total/series/{severity="error",code="alarm_raised"} *', FAULT],
    ['+ /body/alarms/* {"code":"fault",*', FAULT],
    ['+ /body/* {*"message":"VI_2: fault: *', FAULT],
  ),
  // One of these two forms, by whether the alarm `unprotected` stands already.
  ...of(
    "api/GET /v1/status, with the *",
    ['~ /body/alarms/0/* -> "fault"', FAULT],
    ['~ /body/alarms/0/severity "warning" -> "error"', FAULT],
    ['~ /body/alarms/0/subject null -> "VI_2"', FAULT],
    ['~ /body/alarms/0/* -> "it is in fault *', FAULT],
    ['~ /body/alarms/0/hint * -> "`ip link` *', FAULT],
    ['- /body/alarms/* {"code":"reload_failed",*', AT_ONCE],
  ).map((difference) => ({ ...difference, byChance: true })),
];
