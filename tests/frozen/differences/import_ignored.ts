/**
 * Lines of a keepalived.conf that keepalived leaves without effect, and the files that an import takes since.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const NO_EFFECT =
  "Mail without a recipient, an unknown block outside of all others, authentication " +
  "that keepalived drops and a script without a program are notes";
const NO_SERVER =
  "Without an `smtp_server` no mail is sent, nor with one that has its port after a colon";
const QUOTED = "quotation marks around the file's name belong to the name";
const UNUSED = "a `script_user` that runs nothing";
const VRRP_ONLY = "The message about a file that balances names `--vrrp-only`";
const REPEAT =
  "`announce` has `refresh_repeat`, for `garp_master_refresh_repeat`, which was a loss";
const FILLED_IN = "the remedy for a parameter that is not defined names a shell and envsubst";
const RELATIVE = "a relative script is a loss, no error";

const LINES: readonly AcceptedDifference[] = ["-", "+"].flatMap((side) => [
  ...["check", "import"].flatMap((command) => [
    ...["broken", "typos"].flatMap((name) =>
      of(
        `configurations/import ${name}.conf`,
        [`${side} /${command}/err | {folder}/*: *without effect; *`, NO_EFFECT],
      )
    ),
    ...of(
      "configurations/import authentication.conf",
      [`${side} /${command}/err | {folder}/*: *so there is no authentication; *`, NO_EFFECT],
    ),
    ...of(
      "configurations/import relative_script.conf",
      [`${side} /${command}/err | {folder}/*: script: "*" is a relative path; *`, RELATIVE],
      [`${side} /${command}/err | {folder}/*: script: its program is missing; *`, NO_EFFECT],
    ),
  ]),
]);

/** Mail that nobody sends. */
const MAIL: readonly AcceptedDifference[] = [
  ...["an import of standard input", "a strict import", "an import for another id"].flatMap((
    name,
  ) =>
    of(
      `cli/${name}`,
      ["- /err | -:1: *: vrrp_instance: nobody gets the mail: *", NO_EFFECT],
      ["+ /err | -:8: note: smtp_alert: without an `smtp_server` *", NO_SERVER],
    )
  ),
  ...["an import of standard input", "an import for another id"].flatMap((name) =>
    of(
      `cli/${name}`,
      ["- /out | # - -:1: *: vrrp_instance: nobody gets the mail: *", NO_EFFECT],
      ["+ /out | # - -:8: note: smtp_alert: without an `smtp_server` *", NO_SERVER],
    )
  ),
  ...of(
    "cli/an import as JSON",
    ['- /out |       "file": "-",', NO_SERVER],
    ['- /out |       "line": 1,', NO_SERVER],
    ['- /out |       "keyword": "vrrp_instance",', NO_SERVER],
    ['- /out |       "message": "nobody gets the mail: *', NO_SERVER],
    ['- /out |       "remedy": "name somebody, or remove `smtp_alert`"', NO_SERVER],
    ["- /out |     },", NO_SERVER],
    ["- /out |     {", NO_SERVER],
  ),
  ...["check", "import"].flatMap((command) =>
    of(
      "configurations/import sync_group.conf",
      [`- /${command}/err | {folder}/*: vrrp_sync_group: nobody gets the mail: *`, NO_EFFECT],
      [`+ /${command}/err | *smtp_alert: without an \`smtp_server\` *`, NO_SERVER],
    )
  ),
];

/** Lines without effect, of which nothing was said. */
const TOLD: readonly AcceptedDifference[] = ["check", "import"].flatMap((command) => [
  ...["-", "+"].flatMap((side) =>
    of("configurations/import includes.conf", [`${side} /${command}/err | *:2*: include*`, QUOTED])
  ),
  ...of("configurations/import strict.conf", [
    `+ /${command}/err | *script_user: no script is run that names no user of its own; *`,
    UNUSED,
  ]),
]);

/** Repeats of a refresh, and a parameter that is not there. */
const SAID: readonly AcceptedDifference[] = [
  ...of("codes/schema of the configuration", ["+ *announce/properties/refresh_repeat *", REPEAT]),
  ...of(
    "configurations/import announce.conf",
    ["~ /check/code 3 -> 0", REPEAT],
    ["+ /check/out | *", REPEAT],
    ["- /*/err | *vipd announces once at each refresh; *", REPEAT],
    ["~ /effective null -> *", REPEAT],
    ["- /import/out |     announce: *", REPEAT],
    ["+ /import/out |     announce: *", REPEAT],
  ),
  ...["-", "+"].flatMap((side) =>
    of("configurations/import parameters_broken.conf", [
      `${side} /*/err | *is not defined above this line; *`,
      FILLED_IN,
    ])
  ),
];

/** The way to run a file that balances. */
const BALANCING: readonly AcceptedDifference[] = of(
  "configurations/import virtual_servers.conf",
  ["+ /check/err | *nothing in it is lost; run its VRRP without the balancing: *", VRRP_ONLY],
);

/** Files that an import takes, or that are used as they are. */
const TAKEN: readonly AcceptedDifference[] = [
  ...of("cli/a strict import", ["~ /code 3 -> 0", NO_EFFECT], ["+ /out | *", NO_EFFECT]),
  ...of(
    "configurations/import relative_script.conf",
    ["~ /import/code 3 -> 0", RELATIVE],
    ["+ /import/out | *", RELATIVE],
  ),
  ...["authentication", "sync_group"].flatMap((name) =>
    of(
      `configurations/import ${name}.conf`,
      ["~ /check/code 3 -> 0", NO_EFFECT],
      ["+ /check/out | *", NO_EFFECT],
      ["~ /effective null -> *", NO_EFFECT],
    )
  ),
];

export const IMPORT_IGNORED: readonly AcceptedDifference[] = [
  ...LINES,
  ...MAIL,
  ...TOLD,
  ...SAID,
  ...BALANCING,
  ...TAKEN,
];
