/**
 * Instances without addresses and of both families, and the priorities of rules.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const NO_ADDRESSES =
  "`addresses: []` is an instance without addresses, for programs of `notify` that move an address elsewhere: its adverts name none, and it accepts any list of its peers";
const NO_ADDRESSES_WARNED =
  "`vipd check` warns of it (`no_addresses`), as of an instance that advertises none of its addresses";
const OTHER_FAMILY = "An address of the other family may be in an instance with `advertise: false`";
const LINK_LOCAL =
  "`vipd check` warns of an IPv6 list whose first address is not link-local (`ipv6_first_address`); it refused it before";
const RULE_PRIORITIES =
  "`vipd import` gives rules without a priority those of keepalived: 16384, 16383, … in their order";
const CARRIED_ADDRESSES =
  "`vipd import` carries over instances without addresses, `no_virtual_ipaddress`, instances with `virtual_ipaddress_excluded` only, and excluded addresses of the other family";

/** A configuration of the tests that was refused. */
function nowValid(name: string, changelog: string): AcceptedDifference[] {
  return of(
    `configurations/tests ${name}`,
    ["~ /check/code 3 -> 0", changelog],
    ["* is not valid: 1 error", changelog],
    ["* is valid", changelog],
    ["+ /check/out |   *", changelog],
    ["~ /effective null -> *", changelog],
  );
}

export const INSTANCE_ADDRESSES: readonly AcceptedDifference[] = [
  ...of("cli/manpage vipd.yaml", ["* The virtual addresses, each as *", NO_ADDRESSES], [
    "+ /out | *no address*",
    NO_ADDRESSES,
  ]),
  ...of(
    "codes/diagnostics",
    ["+ /no_addresses *", NO_ADDRESSES_WARNED],
    ["~ /mixed_families *", OTHER_FAMILY],
    ["~ /ipv6_first_address *", LINK_LOCAL],
  ),
  ...of(
    "codes/schema of the configuration",
    ["- /*/addresses/minItems 1", NO_ADDRESSES],
    ["~ /*/addresses/description *", NO_ADDRESSES],
  ),
  ...of(
    "configurations/import addresses.conf",
    ["*one family, that of *", CARRIED_ADDRESSES],
    ["+ /import/out | *2001:db8::1/64, advertise: false }", CARRIED_ADDRESSES],
    ["* errors", CARRIED_ADDRESSES],
    ["* not carried over, 1 advice", CARRIED_ADDRESSES],
  ),
  ...["addresses_invalid", "broken"].flatMap((name) =>
    of(
      `configurations/import ${name}.conf`,
      ["*addresses: the list is empty*", CARRIED_ADDRESSES],
      ["*addresses: its adverts name no address*", NO_ADDRESSES_WARNED],
      ["* errors", CARRIED_ADDRESSES],
      ["* nothing is written", CARRIED_ADDRESSES],
    )
  ),
  ...of(
    "configurations/import addresses_invalid.conf",
    ["*no_virtual_ipaddress*", CARRIED_ADDRESSES],
    ["*used as it is only where nothing in it is lost*", CARRIED_ADDRESSES],
    ["*uses VRID 10 on eth0 already*", NO_ADDRESSES],
  ),
  ...of(
    "configurations/import ipv6_global.conf",
    ["~ /check/code 3 -> 0", LINK_LOCAL],
    ["- /check/out | {folder}/ipv6_global.conf is not valid: 1 error", LINK_LOCAL],
    ["+ /check/out | {folder}/ipv6_global.conf is valid", LINK_LOCAL],
    ["+ /check/out |   node lb01", LINK_LOCAL],
    ["+ /check/out |   instance VI_6: 2001:db8::5/64 on eth0, *", LINK_LOCAL],
    [
      "- /*/err | *:5:*error: *is not link-local, as the first IPv6 address must be; *",
      LINK_LOCAL,
    ],
    [
      "+ /check/err | *:5:1: warning: *is not link-local, as the first IPv6 address must be: *",
      LINK_LOCAL,
    ],
    [
      "+ /import/err | *:5: note: *is not link-local, as the first IPv6 address must be: *",
      LINK_LOCAL,
    ],
    ["~ /effective null -> *", LINK_LOCAL],
    ["~ /import/code 3 -> 0", LINK_LOCAL],
    ["+ /import/out | *", LINK_LOCAL],
  ),
  ...of(
    "configurations/import routing.conf",
    ["* without a priority its place among the rules *", RULE_PRIORITIES],
    ["+ /import/out | *priority: 16384 }", RULE_PRIORITIES],
    ["* errors", RULE_PRIORITIES],
    ["* not carried over", RULE_PRIORITIES],
  ),
  ...of(
    "configurations/tests *",
    ["*addresses: the list is empty*", NO_ADDRESSES],
    ["*addresses: its adverts name no address*", NO_ADDRESSES_WARNED],
    ["*of another family than*", OTHER_FAMILY],
    ["*is not link-local, as the first IPv6 address must be*", LINK_LOCAL],
  ),
  ...of("configurations/tests 195", ["*uses VRID 10 on eth0 already*", NO_ADDRESSES], [
    "+ /check/err |    19 |     vrid: 10",
    NO_ADDRESSES,
  ], ["+ /check/err |       |*", NO_ADDRESSES]),
  ...of("configurations/tests 197", ["* errors", NO_ADDRESSES], ["* 1 error", NO_ADDRESSES]),
  ...of("configurations/tests 400", ["* errors", LINK_LOCAL]),
  ...nowValid("377", NO_ADDRESSES),
  ...nowValid("386", LINK_LOCAL),
  ...nowValid("410", LINK_LOCAL),
];
