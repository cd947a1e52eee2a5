/** Differences by remedies that work as they are printed, and by who may read on a machine. */

import { type AcceptedDifference, of } from "./difference.ts";

const LOCAL =
  "New key `api.local_reading`: `open` lets users and programs of this machine read without a token " +
  "although there is an `api.read_token_file`, which other machines then need";
const DENIED =
  "`vipd doctor` says that a user may not read the configuration, with the command, instead of " +
  "calling it not valid: new finding `config_unreadable`";
const EXIT = "Commands that need a configuration which their user may not read end with 4, not 3";
const UNREADABLE = "New key `unreadable` of a diagnostic";
const RELOAD =
  "A reload that is refused although the file is valid names the remedy of its problem, not " +
  "`vipd check`";
const CHECK_CONFIG = "`vipd check --config FILE` is `vipd check FILE`";

export const REMEDIES: readonly AcceptedDifference[] = [
  ...of("configurations/*", ['+ /effective/api/localReading "open"', LOCAL]),
  ...of("cli/manpage vipd.yaml", ["- /out | File with a second token that may read *", LOCAL]),
  ...of(
    "codes/schema of the configuration",
    ["~ /properties/api/properties/read_token_file/description *", LOCAL],
    ["+ /properties/api/properties/local_reading *", LOCAL],
  ),
  ...of(
    "codes/OpenAPI",
    ["~ /info/description *api.read_token_file is set;* -> *api.local_reading is token;*", LOCAL],
    ["+ /components/schemas/Diagnostic/properties/unreadable *", UNREADABLE],
  ),
  ...of(
    "api/POST /v1/reload, with changes",
    ['+ /body/changes/* {"subject":"","key":"api.local_reading",*', LOCAL],
  ),
  ...of("api/POST /v1/reload, that needs a restart", [
    "~ /body/detail * -> *; restart vipd *",
    RELOAD,
  ]),
  ...of("codes/findings of the doctor", ["+ /config_unreadable *", DENIED]),
  ...of("cli/*check*", ["+ /out | A file that you may not read ends with 4.", EXIT]),
  ...["cli/help check", "cli/check -*", "cli/manpage"].flatMap((items) =>
    of(items, ["+ /out | *the file to check, as other commands name it", CHECK_CONFIG])
  ),
];
