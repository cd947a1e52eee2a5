/** Differences by the remedies of values that have the wrong shape. */

import { type AcceptedDifference, of } from "./difference.ts";

const SHAPE =
  "The remedy for a value of the wrong shape, or for one that is missing, says what to write, at every key: what stands there in the right shape, or an example";
const EXAMPLES = "The JSON Schema for editors has more examples";
const BLANK =
  "A missing blank after a dash or a colon, a dash in the line of its key and a dash before each key of one mapping are named for what they are";
const NO_SHELL =
  "A pipe, `>`, `&&` or `$NAME` among the words of a command is a warning with what to write (`no_shell`)";
const SECRET = "The example of a secret is `...`";

export const SHAPES: readonly AcceptedDifference[] = [
  ...of(
    "configurations/*",
    ["- /check/err | *; write a value or remove it [wrong_type]", SHAPE],
    ["+ /check/err | *; write a value: `*", SHAPE],
    ["- /check/err | *: this key is missing; add it [missing_key]", SHAPE],
    ["+ /check/err | *: this key is missing; add it: `instances: [{ *", SHAPE],
    ["- /check/err | *; write a list (lines that begin with a dash) [wrong_type]", SHAPE],
    ["+ /check/err | *; write a list (lines that begin with a dash), such as `[{ *", SHAPE],
    ["- /check/err | *; write a mapping (`key: value` lines) [wrong_type]", SHAPE],
    ["+ /check/err | *; write a mapping (`key: value` lines), such as `*", SHAPE],
    ["- /check/err | *; write a number [wrong_type]", SHAPE],
    ["+ /check/err | *; write a number, such as `2` [wrong_type]", SHAPE],
    ["- /check/err | *; write a duration [wrong_type]", SHAPE],
    ["+ /check/err | *; write `1` [wrong_type]", SHAPE],
    ["- /check/err | *; write a status code or range of them [wrong_type]", SHAPE],
    ["+ /check/err | *; write `200` [wrong_type]", SHAPE],
    ["- /check/err | *; write an address such as 192.168.31.5/24 [wrong_type]", SHAPE],
    ["+ /check/err | *; write `192.168.31.5/24` [wrong_type]", SHAPE],
    ["- /check/err | *; write true, false or a mapping with `interface` [wrong_type]", SHAPE],
    ["+ /check/err | *; write `true` [wrong_type]", SHAPE],
    ["- /check/err | *; write it as a list: [7] [wrong_type]", SHAPE],
    ['+ /check/err | *; write it as a list: [{ name: "7", *', SHAPE],
    ["- /check/err | *; add it: `password: secret12` [missing_key]", SECRET],
    ['+ /check/err | *; add it: `password: "..."` [missing_key]', SECRET],
    ["- /check/err | *.password: expected a text, found a list; write a text [wrong_type]", SECRET],
    [
      '+ /check/err | *.password: expected a text, found a list; write `"..."` [wrong_type]',
      SECRET,
    ],
  ),
  ...of(
    "configurations/tests 455",
    ["- /check/err | {folder}/vipd.yaml:1:1: error: this is no `key: value`; *", BLANK],
    ["+ /check/err | {folder}/vipd.yaml:1:5: error: a colon without a blank *", BLANK],
    ["- /check/err |       | ^", BLANK],
    ["+ /check/err |       |     ^", BLANK],
  ),
  ...of(
    "configurations/*",
    ["+ /check/err | *: no shell reads the $HOME in it: *[no_shell]", NO_SHELL],
    ["+ /check/err | *       - $HOME", NO_SHELL],
    ["+ /check/err |       |         ^", NO_SHELL],
  ),
  ...of("codes/diagnostics", ['+ /no_shell "Warning: *"', NO_SHELL]),
  ...of("codes/schema of the configuration", ["+ /properties/*/examples *", EXAMPLES]),
];
