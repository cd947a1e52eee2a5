/**
 * Lines of a keepalived.conf that keepalived leaves without effect, and the files that an import takes since.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const NO_EFFECT =
  "Mail without a recipient, an unknown block outside of all others, authentication " +
  "that keepalived drops and a script without a program are notes";
const RELATIVE = "a relative script is a loss, no error";

const LINES: readonly AcceptedDifference[] = ["-", "+"].flatMap((side) => [
  ...["cli/an import of standard input", "cli/an import for another id"].flatMap((items) =>
    of(items, [`${side} /out | # - -:1: *: vrrp_instance: nobody gets the mail: *`, NO_EFFECT])
  ),
  ...["an import of standard input", "a strict import", "an import for another id"].flatMap((
    name,
  ) =>
    of(`cli/${name}`, [`${side} /err | -:1: *: vrrp_instance: nobody gets the mail: *`, NO_EFFECT])
  ),
  ...["check", "import"].flatMap((command) => [
    ...of(
      "configurations/import sync_group.conf",
      [`${side} /${command}/err | {folder}/*: vrrp_sync_group: nobody gets the mail: *`, NO_EFFECT],
    ),
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

export const IMPORT_IGNORED: readonly AcceptedDifference[] = [...LINES, ...TAKEN];
