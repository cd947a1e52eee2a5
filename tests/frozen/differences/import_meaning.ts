/**
 * What an import says, and what it makes of lines that keepalived understands in another way.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const THREE_SEVERITIES =
  "`vipd import` has three severities: `error` cannot be run, `loss` runs without something that " +
  "changes the behaviour, `note` behaves the same in other words";
const KIND =
  "`--json` has `kind`, the fate of the line, in addition; `severity` is one of the three";
const ACCEPT_LOSS =
  "`--accept-loss` of `vipd run` and `vipd check`: a keepalived.conf is used without what is named " +
  "as a loss";
const VRRP_ONLY = "With `--vrrp-only`, also of `vipd import`, load balancing in the file is a note";
const OTHER_NODES = "Lines of a keepalived.conf for other nodes (`@id`) are named";
const STRICT =
  "Strict mode has three adverts and no announcements to a weaker master, in an import too";
const WRONG_PRIORITY = "`vipd import` takes a wrong `priority` for 100, as keepalived does";
const MISSING_BRACE = "a surplus brace after the last block and a missing one at the end of the " +
  "file, with a note";
const LATER_SCRIPT =
  "`vipd import` does not track what is defined further down in the file, as keepalived does not";
const UNQUOTED = "Of a script whose arguments are not in quotation marks, `vipd import` reports " +
  "what keepalived runs";

/** A file that has no loss any more is used as it is. */
function nowUsed(name: string, changelog: string): AcceptedDifference[] {
  return of(
    `configurations/import ${name}.conf`,
    ["~ /check/code 3 -> 0", changelog],
    ["+ /check/out | {folder}/*.conf is valid", changelog],
    ["+ /check/out |   node *", changelog],
    ["+ /check/out |   instance *", changelog],
    ["~ /effective null -> *", changelog],
  );
}

/** A file with fewer losses, or none. */
const COUNTED_AGAIN: readonly AcceptedDifference[] = [
  ...of(
    "configurations/import *",
    // The findings themselves are compared line by line.
    ["- /import/err | {folder}/*.conf: * instance*, * check*; *", THREE_SEVERITIES],
    ["+ /import/err | {folder}/*.conf: * instance*, * check*; *", THREE_SEVERITIES],
    ["- /check/out | {folder}/*.conf is not valid: * errors", THREE_SEVERITIES],
    ["+ /check/out | {folder}/*.conf is not valid: * error*", THREE_SEVERITIES],
    // A copy of the findings.
    ["- /import/out | # *", THREE_SEVERITIES],
    ["+ /import/out | # *", THREE_SEVERITIES],
    [
      "- /check/err | {folder}/*.conf: error: a keepalived.conf is used as it is only where nothing in it is lost; " +
      "remove what is named above, or write a configuration without it: vipd import *",
      ACCEPT_LOSS,
    ],
    [
      "+ /check/err | {folder}/*.conf: error: a keepalived.conf is used as it is only where nothing in it is lost; " +
      "remove what is named above, run without it: --accept-loss, or write a configuration: vipd import *",
      ACCEPT_LOSS,
    ],
  ),
  ...["includes", "ipv6_order", "master_without_priority", "strict", "version3"]
    .flatMap((name) => nowUsed(name, THREE_SEVERITIES)),
];

const MEANINGS: readonly AcceptedDifference[] = [
  ...["accept", "strict"].flatMap((name) =>
    of(`configurations/import ${name}.conf`, [
      "+ /import/out |     announce: { repeat_lower_priority: 0, delay_lower_priority: 0s }",
      STRICT,
    ])
  ),
  ...of("configurations/import accept.conf", [
    "~ /effective/instances/*/announce/lowerPriority/repeat 5 -> 0",
    STRICT,
  ], ["~ /effective/instances/*/announce/lowerPriority/delayMs 5000 -> 0", STRICT]),
  ...of(
    "configurations/import timers.conf",
    ["- /import/out |     down_timer_adverts: 4", STRICT],
    [
      "- /import/out |     announce: { interval: 50ms, repeat_lower_priority: 1, delay_lower_priority: 10s }",
      STRICT,
    ],
    [
      "+ /import/out |     announce: { interval: 50ms, repeat_lower_priority: 0, delay_lower_priority: 0s }",
      STRICT,
    ],
    [
      "+ /*/err | {folder}/timers.conf:4:*vrrp_down_timer_adverts: strict mode has 3, not 4; *",
      STRICT,
    ],
  ),
  ...of(
    "configurations/import master_without_priority.conf",
    ["- /*/err | *:13:*`state MASTER` without a priority means 255, *", WRONG_PRIORITY],
    ["+ /*/err | *:14:*state: each node starts as backup, *", WRONG_PRIORITY],
    ["- /import/out |     priority: 255", WRONG_PRIORITY],
    ["+ /import/out |     priority: 100", WRONG_PRIORITY],
  ),
  ...of(
    "configurations/import broken.conf",
    ["- /*/err | *:16:*vrrp_instance: its block is not closed; add the missing }*", MISSING_BRACE],
    [
      "+ /*/err | *:16:*vrrp_instance: its block is not closed; it ends with the file; *",
      MISSING_BRACE,
    ],
  ),
  ...of(
    "configurations/import forward_reference.conf",
    [
      "- /*/err | *:5:*defined further down, where keepalived does not look; vipd tracks it; *",
      LATER_SCRIPT,
    ],
    [
      "+ /*/err | *:5:*defined further down, where keepalived does not look, so it is not tracked; *",
      LATER_SCRIPT,
    ],
    ['- /effective/instances/0/track/* {"kind":"check","check":"chk"}', LATER_SCRIPT],
    ["- /import/out |     track:", LATER_SCRIPT],
    ["- /import/out |       - { check: chk }", LATER_SCRIPT],
  ),
  ...of(
    "configurations/import nginx_probes.conf",
    [
      "- /*/err | *:16:*becomes a check of type process, which starts no program; there is *",
      UNQUOTED,
    ],
    ['+ /*/err | *:16:*starts no program; keepalived runs "killall" alone; there is *', UNQUOTED],
  ),
  ...of("configurations/import parameters.conf", [
    "+ /*/err | *:6:*@: 3 lines are left out: they are not for this node*",
    OTHER_NODES,
  ]),
];

const IMPORT_COMMAND: readonly AcceptedDifference[] = [
  ...["an import of standard input", "a strict import", "an import for another id"].flatMap((
    name,
  ) =>
    of(
      `cli/${name}`,
      ["+ /* | *-:*: note: @: 1 line is left out: it is not for this node, *", OTHER_NODES],
      ["- /err | -: 1 instance, 0 checks; *", THREE_SEVERITIES],
      ["+ /err | -: 1 instance, 0 checks; *", THREE_SEVERITIES],
    )
  ),
  ...of(
    "cli/an import as JSON",
    ['- /out |   "yaml": "# Imported from - *', THREE_SEVERITIES],
    ['+ /out |   "yaml": "# Imported from - *', THREE_SEVERITIES],
    ['- /out |       "severity": "not_carried",', THREE_SEVERITIES],
    ['- /out |       "severity": "carried_differently",', THREE_SEVERITIES],
    ['+ /out |       "severity": "note",', THREE_SEVERITIES],
    ['+ /out |       "kind": "*",', KIND],
    ['+ /out |       "remedy": "there is nothing to do"', OTHER_NODES],
    ["+ /out |     *", OTHER_NODES],
  ),
  ...["help import", "import --help", "import -h"].flatMap((name) =>
    of(`cli/${name}`, ["+ /out |   --vrrp-only *", VRRP_ONLY])
  ),
  ...["help check", "check --help", "check -h"].flatMap((name) =>
    of(
      `cli/${name}`,
      ["* /out |   --json * print an object: valid, node, diagnostics", ACCEPT_LOSS],
      ["+ /out |   --accept-loss *", ACCEPT_LOSS],
      ["+ /out |   --vrrp-only *", VRRP_ONLY],
    )
  ),
  ...["help run", "run --help", "run -h"].flatMap((name) =>
    of(`cli/${name}`, ["+ /out |   --accept-loss *", ACCEPT_LOSS], [
      "+ /out |   --vrrp-only *",
      VRRP_ONLY,
    ])
  ),
  ...of(
    "cli/manpage",
    ["+ /out | \\fB\\-\\-accept\\-loss\\fR", ACCEPT_LOSS],
    ["+ /out | a loss in a keepalived.conf *", ACCEPT_LOSS],
    ["+ /out | run a keepalived.conf without *", ACCEPT_LOSS],
    ["+ /out | \\fB\\-\\-vrrp\\-only\\fR", VRRP_ONLY],
    ["+ /out | load balancing in *", VRRP_ONLY],
  ),
  ...of("cli/completion *", ["* /out | *accept-loss*", ACCEPT_LOSS], [
    "* /out | *vrrp-only*",
    VRRP_ONLY,
  ]),
];

export const IMPORT_MEANING: readonly AcceptedDifference[] = [
  ...COUNTED_AGAIN,
  ...MEANINGS,
  ...IMPORT_COMMAND,
];
