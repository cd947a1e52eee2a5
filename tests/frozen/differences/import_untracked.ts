/**
 * Checks that nothing tracks, blocks and values that are missing, and lines without effect, in an import.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const UNTRACKED =
  "Checks that nothing tracks are left out with a note: keepalived does not run them";
const MISSING =
  "A keyword without the block that it needs is an error, and what is missing is named " +
  "in keepalived's words";
const ONE_CAUSE = "Nothing more is said of a line with an undefined parameter";
const WITHOUT = "More lines without effect are notes";

const both = (name: string, side: "-" | "+", text: string, why: string): AcceptedDifference[] =>
  ["check", "import"].flatMap((command) =>
    of(`configurations/import ${name}.conf`, [`${side} /${command}/err | {folder}/*: ${text}`, why])
  );

const NAMES = [
  ...["forward_reference", "includes", "missing_values", "parameters", "relative_script", "typos"],
];
/** Whose checks are all left out. */
const EMPTIED = ["forward_reference", "includes", "parameters", "typos"];

/** Accepted differences of imports. */
export const IMPORT_UNTRACKED: readonly AcceptedDifference[] = [
  ...NAMES.flatMap((name) => both(name, "+", "*nothing tracks *", UNTRACKED)),
  ...EMPTIED.flatMap((name) =>
    of(`configurations/import ${name}.conf`, ["- /import/out | *", UNTRACKED])
  ),
  ...["forward_reference", "includes", "typos"].flatMap((name) =>
    both(name, "-", "script: *becomes a check of type process*", UNTRACKED)
  ),
  ...["forward_reference", "parameters"].flatMap((name) =>
    of(
      `configurations/import ${name}.conf`,
      ["- /check/out |   check *", UNTRACKED],
      ["- /effective/checks/* *", UNTRACKED],
    )
  ),
  ...both("broken", "-", "vrrp_script: its `script` is missing*", MISSING),
  ...both("broken", "+", "vrrp_script: its { is missing*", MISSING),
  ...["broken", "missing_values", "parameters_broken"].flatMap((name) =>
    both(name, "-", "vrrp_instance: *: this key is missing*", MISSING)
  ),
  ...["broken", "missing_values"].flatMap((name) =>
    both(name, "+", "vrrp_instance: its `*` is missing*", MISSING)
  ),
  ...both("parameters_broken", "-", '*: "_" is not a whole number*', ONE_CAUSE),
  ...both("strict", "+", "vrrp_*_interval: 0 is no time*", WITHOUT),
  ...both("version3", "+", "v3_checksum_as_v2: it has no effect in version 2*", WITHOUT),
];
