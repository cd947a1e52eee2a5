/** Differences by what a person meets first: messages about mistakes, files that the unit's user reads, the next steps. */

import { type AcceptedDifference, of } from "./difference.ts";

const SERVICE_USER = "`vipd check`, as root, also tries as the user of `vipd.service`";
const IMPORTED = "`vipd import --output` lets the group `vipd` read what it writes";
const EMPTY = "An empty configuration is answered with `vipd init`";
const WRITE = "A single value in place of a mapping or a list is answered with what to write";
const MERGE = "a merge key (`<<`) with the remedy";
const KEY_FILE = "The remedy for a missing key file replaces no key";
const TOKEN_FILE = "`--token-file` of `vipd status`, `vipd events` and `vipd watch`";
const ENDS = "New alarm `api_certificate_ends`";
const DEEPER =
  "A key that is known one level deeper, such as `listen`, `interval` or `track` at the " +
  "top, is answered with where to write it";
const HOST =
  "A peer, gateway or source that no machine can be, such as `--peer 127.0.0.1`, is not " +
  "answered with a free address";

export const FIRST_HOSTS: readonly AcceptedDifference[] = [
  ...of("configurations/*", ["+ /check/err | *; it belongs deeper: write it *", DEEPER]),
  ...of(
    "configurations/tests *",
    ["- /check/err | *; choose a free address of the clients' network *", HOST],
    ["+ /check/err | *; write the address by which other machines reach that machine *", HOST],
  ),
  ...["cli/help check", "cli/check -*", "cli/manpage"].flatMap((items) =>
    of(items, ["+ /out | *As root it also tries as the user of vipd.service*", SERVICE_USER])
  ),
  ...of("cli/manpage", ["- /out | Checks a configuration (default *", SERVICE_USER]),
  ...["cli/help import", "cli/import -*"].flatMap((items) =>
    of(
      items,
      ["- /out |   --output FILE  write to this new file, with mode 0600*", IMPORTED],
      ["- /out |                  password", IMPORTED],
      ["+ /out |   --output FILE  write to this new file, which only root*", IMPORTED],
      ["+ /out |                  read, if there is that group*", IMPORTED],
    )
  ),
  ...["cli/manpage", "cli/completion fish"].flatMap((items) =>
    of(
      items,
      ["- /out | *write to this new file, with mode 0600*", IMPORTED],
      ["+ /out | *write to this new file, which only root*", IMPORTED],
    )
  ),
  ...["status", "events", "watch"].flatMap((command) =>
    [`cli/help ${command}`, `cli/${command} -*`].flatMap((items) =>
      of(
        items,
        ["+ /out |   --token-file FILE  file with a token that may read there*", TOKEN_FILE],
        ["+ /out |                      configuration)", TOKEN_FILE],
      )
    )
  ),
  ...of("cli/manpage", ["+ /out | *file with a token that may read there*", TOKEN_FILE]),
  ...["bash", "zsh", "fish"].flatMap((shell) =>
    of(`cli/completion ${shell}`, ["* /out | *token-file*", TOKEN_FILE])
  ),
  ...of(
    "cli/an empty *",
    ["- /err | *begin with the examples that come with vipd*", EMPTY],
    ["+ /err | *`vipd init` writes one [file_empty]", EMPTY],
  ),
  ...of(
    "configurations/*",
    ["- /check/err | *begin with the examples that come with vipd*", EMPTY],
    ["+ /check/err | *`vipd init` writes one *", EMPTY],
    ['+ /check/err | *["<<"]: *no merge keys*', MERGE],
    ["- /check/err | *; write a mapping (`key: value` lines) *", WRITE],
    ["+ /check/err | *: expected a mapping (`key: value` lines), *; write `{ * }` *", WRITE],
    ["- /check/err | *; write an address or a list of addresses *", WRITE],
    ["+ /check/err | *; write an address or a list of addresses, such as `*", WRITE],
    ["- /check/err | *; write a command, or a mapping with `command` *", WRITE],
    ["+ /check/err | *; write a command, or a mapping with `command`, such as `*", WRITE],
    ["- /check/err | *on_fail.command: this key is missing; add it *", WRITE],
    ["+ /check/err | *on_fail.command: this key is missing; add it: `command: *", WRITE],
    ["- /check/err | *make one with: openssl rand -hex 32 > /*", KEY_FILE],
    ["+ /check/err | *copy it from the other node; if neither has one: *", KEY_FILE],
  ),
  ...of(
    "codes/*",
    ['+ /api_certificate_ends "warning"', ENDS],
    ['+ /components/schemas/Alarm/properties/code/enum/* "api_certificate_ends"', ENDS],
    ["+ /properties/api/properties/listen/examples *", WRITE],
  ),
  ...["metrics/*", "api/GET /metrics*"].flatMap((items) =>
    of(items, ['+ */vipd_alarms_active/*/{code="api_certificate_ends",*', ENDS])
  ),
];
