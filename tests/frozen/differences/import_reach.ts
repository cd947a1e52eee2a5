/**
 * Routes of every way, checks that take longer than their interval, groups of one, mail to a local name, and `--explain`.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const ROUTES = "Routes have `type`, `tos`, `on_link`, `next_hops` and `options`";
const TIMEOUT =
  "The `timeout` of a check may be longer than its `interval`: no other probe begins while one runs";
const ONE = "A sync group may have one member, and mail may go to a name that the mail server " +
  "knows, such as `root`";
const EXPLAIN = "`vipd import --explain` shows each line of the file and its outcome";

/** A configuration of the tests that was refused. */
function nowValid(name: string, changelog: string): AcceptedDifference[] {
  return of(
    `configurations/tests ${name}`,
    ["~ /check/code 3 -> 0", changelog],
    ["- /check/out | {folder}/vipd.yaml is not valid: 1 error", changelog],
    ["+ /check/out | {folder}/vipd.yaml is valid", changelog],
    ["+ /check/out |   node lb01", changelog],
    ["+ /check/out |   instance *", changelog],
    ["~ /effective null -> *", changelog],
  );
}

export const IMPORT_REACH: readonly AcceptedDifference[] = [
  ...of(
    "codes/diagnostics",
    ['~ /timeout_too_long "A probe would still run when *', TIMEOUT],
    ['+ /invalid_route "A route with two ways, *', ROUTES],
  ),
  ...of(
    "codes/schema of the configuration",
    ["- /properties/checks/additionalProperties/oneOf/* *", TIMEOUT],
    ["+ /properties/checks/additionalProperties/oneOf/* *", TIMEOUT],
    ...["type", "tos", "on_link", "next_hops", "options"].map((key) =>
      [`+ /properties/instances/items/properties/routes/items/properties/${key} *`, ROUTES] as const
    ),
    ["~ /properties/sync_groups/items/properties/instances/minItems 2 -> 1", ONE],
    ["~ /properties/sync_groups/items/properties/instances/description *", ONE],
  ),
  ...of(
    "cli/manpage vipd.yaml",
    ["- /out | A probe that has no answer after this time has failed. Not longer than *", TIMEOUT],
    ["- /out | Names of the instances that move together, two or more. Required.", ONE],
  ),
  ...["help import", "import --help", "import -h"].flatMap((name) =>
    of(
      `cli/${name}`,
      ["+ /out |   vipd import /etc/keepalived/keepalived.conf --explain | less", EXPLAIN],
      ["+ /out |   --explain      show each line of the file and *", EXPLAIN],
      ["+ /out |                  the result", EXPLAIN],
    )
  ),
  ...of("cli/completion *", ["+ /out | *explain*show each line of the file and *", EXPLAIN]),
  ...of(
    "cli/manpage",
    ["+ /out | show each line of the file and its outcome*", EXPLAIN],
    ["+ /out | vipd import /etc/keepalived/keepalived.conf \\-\\-explain | less", EXPLAIN],
  ),
  ...of(
    "configurations/import other_scripts.conf",
    ["- /*/err | *:16:*a timeout of 9s is longer than the interval of 2s, which *", TIMEOUT],
    ["+ /*/err | *:13:*checks.slow.timeout: 9s is longer than the interval of 2s: *", TIMEOUT],
    ["- /import/out |     timeout: 2s", TIMEOUT],
    ["+ /import/out |     timeout: 9s", TIMEOUT],
  ),
  ...of(
    "configurations/import routing.conf",
    ['- /*/err | *:10:*"blackhole 10.8.0.0/16": vipd has nothing for it, *', ROUTES],
    ['- /*/err | *:11:*"mtu 1400": vipd has nothing for it, *', ROUTES],
    ["+ /import/out |       - { type: blackhole, to: 10.8.0.0/16 }", ROUTES],
    [
      "+ /import/out |       - { to: 10.9.0.0/16, via: 10.0.0.1, options: { mtu: 1400 } }",
      ROUTES,
    ],
  ),
  ...of(
    "configurations/import sync_groups.conf",
    ['- /*/err | *:19:*"alone" has fewer than two members, *', ONE],
    ['+ /*/err | *:19:*"alone" has no member, so keepalived removes it; *', ONE],
  ),
  ...nowValid("135", TIMEOUT),
  ...of("configurations/tests 135", ["+ /check/out |   check web: http, every 2 s", TIMEOUT]),
  ...["135", "430"].flatMap((name) =>
    of(
      `configurations/tests ${name}`,
      ["- /check/err | *: error: checks.web.timeout: *s is longer than *", TIMEOUT],
      ["+ /check/err | *: warning: checks.web.timeout: *s is longer than *", TIMEOUT],
    )
  ),
  ...of(
    "configurations/tests 430",
    ["- /check/out | {folder}/vipd.yaml is not valid: 17 errors", TIMEOUT],
    ["+ /check/out | {folder}/vipd.yaml is not valid: 16 errors", TIMEOUT],
  ),
  ...nowValid("186", ONE),
  ...nowValid("471", ONE),
  ...of(
    "configurations/tests 186",
    ["- /check/err | *sync_groups[0].instances: the list has fewer than 2 entries; *", ONE],
    ["- /check/err |    11 |   - { name: SG, instances: [A] }", ONE],
    ["- /check/err |       |  *^", ONE],
  ),
  ...of(
    "configurations/tests 471",
    ['- /check/err | *notify[0].to[0]: "ops" is not a mail address; *', ONE],
    ["- /check/err |     3 |     to: [ops]", ONE],
    ["- /check/err |       |  *^", ONE],
  ),
];
