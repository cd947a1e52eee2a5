/** What an import takes since as keepalived does: repeated lines, any password, and lines that keepalived corrects. */

import { type AcceptedDifference, of } from "./difference.ts";

const SEQUENCES = "`vipd import` repeats lines after `~SEQ(...)`, `~SEQx(...)` and `~LST(...)`";
const RANDOM = "`${_RANDOM}` stays an error";
const PASSWORD = "A password may have characters that are not ASCII";
const SECOND = "as is a second instance or sync group of one name";
const INCLUDE = "A missing file of `include` is a loss";
const ADDRESS = "An address that keepalived leaves out or corrects";
const OPTION = "so is a word that is no option of an address, and an address that stands twice";

const LINES: readonly AcceptedDifference[] = ["check", "import"].flatMap((command) => [
  ...["-", "+"].flatMap((side) => {
    const line = `${side} /${command}/err | {folder}/`;
    return [
      ...of(
        "configurations/import addresses.conf",
        [`${line}addresses.conf:14*: "*" is no option of an address; *`, OPTION],
        [`${line}addresses.conf:15*: the address stands above already; *`, OPTION],
      ),
      ...of(
        "configurations/import duplicates.conf",
        [`${line}duplicates.conf:20*: vrrp_instance: *give each*a name of its own*`, SECOND],
      ),
      ...of(
        "configurations/import includes_broken.conf",
        [`${line}includes_broken.conf:1*: there is no such file; *`, INCLUDE],
      ),
      ...of(
        "configurations/import lookalikes.conf",
        [`${line}lookalikes.conf:7*: auth_pass: the *`, PASSWORD],
      ),
      ...of(
        "configurations/import parameters_broken.conf",
        [`${line}parameters_broken.conf:6*: priority: \${_RANDOM 1 100} *`, RANDOM],
        [`${line}parameters_broken.conf:7*: notify: *`, SEQUENCES],
      ),
      ...of(
        "configurations/import password_not_ascii.conf",
        [`${line}password_not_ascii.conf:6*: auth_pass: *`, PASSWORD],
      ),
      ...of(
        "configurations/import addresses_invalid.conf",
        [`${line}addresses_invalid.conf:*`, ADDRESS],
      ),
    ];
  }),
  ...of(
    "configurations/import parameters_broken.conf",
    [`- /${command}/err | {folder}/parameters_broken.conf:9*: 10.0.0.*`, SEQUENCES],
  ),
]);

/** A file that is imported, and used as it is. */
const TAKEN: readonly AcceptedDifference[] = of(
  "configurations/import password_not_ascii.conf",
  ["~ /check/code 3 -> 0", PASSWORD],
  ["~ /import/code 3 -> 0", PASSWORD],
  ["~ /effective null -> *", PASSWORD],
  ["- /check/out | *", PASSWORD],
  ["+ /check/out | *", PASSWORD],
  ["+ /import/out | *", PASSWORD],
);

/** In vipd's own configuration. */
const OWN: readonly AcceptedDifference[] = [
  ...of("cli/manpage vipd.yaml", ["- /out | 1 to 8 printable ASCII characters*", PASSWORD]),
  ...of("codes/schema of the configuration", ["~ *password/description *", PASSWORD]),
  ...["-", "+"].flatMap((side) =>
    of(
      "configurations/tests *",
      [`${side} /check/err | *authentication.password: the password *`, PASSWORD],
    )
  ),
];

export const IMPORT_MORE: readonly AcceptedDifference[] = [...LINES, ...TAKEN, ...OWN];
