/**
 * One alarm of one cause, and what the doctor and `vipd listen` name.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";
import { ofSeeds } from "./traces.ts";

const ONE_CAUSE = "Alarms of an instance that have one cause are one: the most certain one stands";
const FAULT = "New alarm `fault`, an error, for an instance in state fault";
const VRRP_REMEDY = "The remedy of an alarm about dropped adverts is `vipd doctor`";
const LISTENS =
  "`vipd listen` hears before the firewall, and reports what arrives and does not pass it";
const OWN_ADVERTS = "New finding of the doctor: `firewall_drops_own_adverts`";

const AT_ONCE = "`reload_failed` ends with the next good reload, `state_damaged` with the next " +
  "override, at once";

const GOES_ON =
  "If a more certain one takes the place, the entry `alarm_cleared` says `goes on as`";
const AT_ONCE_OVER =
  "`split_brain_advert`, `split_brain_address`, `split_brain_peer`, `address_conflict`, " +
  "`address_on_backup` and `peer_config_differs` clear at once if vipd knows that they are over";
const IP_NEIGH =
  "`address_conflict` names `ip neigh`, which finds the other machine; `vipd listen` does not show it";

/** The seeds in which two masters had two alarms. */
const SEEDS_WITHOUT_MISMATCH = [
  ...[20, 31, 36, 76, 91, 117, 172, 206, 216, 243, 255, 266, 277, 284, 290, 302, 383, 406, 407],
  ...[413, 416, 440, 447, 480, 481],
];
const SEEDS_WITHOUT_ADVERT = [23, 58, 74, 93, 170, 192, 217, 378, 383, 420, 429];
const SEEDS_WITH_LATER_ADDRESS = [160, 239, 328, 354, 360, 404, 474];
/** The seeds in which an alarm that is over at once comes again. */
const SEEDS_WITH_MISMATCH_AGAIN = [20, 91, 117, 206, 310, 351, 413, 440, 458, 480, 481];
const SEEDS_WITH_ADDRESS_AGAIN = [20, 91, 117, 206, 239, 351, 383, 404, 413, 440, 480];

/** The entry and the message of one alarm: `+ alarm_raised peer_mismatch`. */
function ofAlarm(seeds: readonly number[], what: string, changelog: string): AcceptedDifference[] {
  const [sign, code, alarm] = what.split(" ");
  return [
    ...ofSeeds(seeds, `${sign} /journal | * ${code} * {"alarm":"${alarm}"*}`, changelog),
    ...ofSeeds(seeds, `${sign} /messages | * ${code} *: ${alarm}*`, changelog),
  ];
}

/** It is over earlier than it was. */
function clears(alarm: string): (readonly [difference: string, changelog: string])[] {
  return ["+", "-"].flatMap((sign) => [
    [`${sign} /journal | * alarm_cleared * {"alarm":"${alarm}"*}`, AT_ONCE_OVER] as const,
    [`${sign} /messages | * alarm_cleared *: ${alarm} is over after *`, AT_ONCE_OVER] as const,
  ]);
}

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
  ...["packets/*", "traces/*"].flatMap((items) =>
    of(
      items,
      ['+ /journal | * error alarm_raised * {"alarm":"fault"}', FAULT],
      ["+ /messages | * alarm_raised *: fault: it is in fault and cannot serve: *", FAULT],
      [
        "~ /messages | * let VRRP in {(`ip*tables -I INPUT * -j ACCEPT`)* -> " +
        "(`vipd doctor` names the rule that drops it and the command that helps)*} *",
        VRRP_REMEDY,
      ],
      [
        "~ /messages | *: address_conflict: *; find * {(`vipd listen`, * -> (`ip neigh *} on both",
        IP_NEIGH,
      ],
      ...clears("split_brain_address"),
    )
  ),
  ...of(
    "traces/*",
    ['+ /journal | * notice alarm_cleared * {"alarm":"fault"}', FAULT],
    ["+ /messages | * alarm_cleared *: fault is over *", FAULT],
    ...clears("split_brain_advert"),
    ...clears("address_conflict"),
    ['+ /journal | * alarm_cleared * {"alarm":"peer_mismatch"*}', GOES_ON],
    ["+ /messages | * alarm_cleared *: peer_mismatch goes on as split_brain_address: *", GOES_ON],
  ),
  ...ofAlarm([91, 277, 481], "- alarm_cleared peer_mismatch", GOES_ON),
  ...ofAlarm(SEEDS_WITHOUT_MISMATCH, "- alarm_raised peer_mismatch", ONE_CAUSE),
  ...ofAlarm(SEEDS_WITHOUT_ADVERT, "- alarm_raised split_brain_advert", ONE_CAUSE),
  ...ofAlarm(SEEDS_WITH_LATER_ADDRESS, "- alarm_raised split_brain_address", ONE_CAUSE),
  ...ofAlarm(SEEDS_WITH_MISMATCH_AGAIN, "+ alarm_raised peer_mismatch", AT_ONCE_OVER),
  ...ofAlarm(SEEDS_WITH_ADDRESS_AGAIN, "+ alarm_raised split_brain_address", AT_ONCE_OVER),
  ...ofAlarm([168], "+ alarm_raised split_brain_advert", AT_ONCE_OVER),
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
