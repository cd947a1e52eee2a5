/** Differences by what helps on the node itself: explanations, manual, checklist, dialogue, reverse proxies. */

import { type AcceptedDifference, of } from "./difference.ts";

const EXPLAIN = "`vipd explain CODE` says what a code means and what to do about it";
const MAN = "`vipd man [COMMAND]` shows the manual on machines without man(1)";
const NAMED = "Messages name `vipd man` instead of documents that a node does not have";
const PAGES =
  "The units that `vipd init` writes name no man pages, which a machine with the executable alone does not have";
const STATUS =
  "`vipd status` ends with the explanation to ask for if there is an alarm or a reason";
const CODE_CALL = "New call `GET /v1/codes/{code}`";
const INSTANCES = "New call `GET /v1/instances`";
const PROBE = "`vipd init` asks the link before it writes";
const YES =
  "`vipd init --yes` takes the defaults and writes; without it, init shows on a terminal what it " +
  "is about to write, and asks";
const PROXY = "New key `api.hosts`: names under which a reverse proxy offers the API";
const PEER_NAME = "The answer to a command names each peer in `name`, too";
const TAGS =
  "`GET /v1/status` and `GET /openapi.json` have an `ETag`, and answer `If-None-Match` with 304";
const MORE_TAGS = "Every reading call below `/v1` has an `ETag` now, and answers 304";
const RESET =
  "An id in `?since=` or `Last-Event-ID` that is later than the newest entry belongs to another journal";
const NO_INSTANCE =
  "`vipd promote`, `demote`, `release` and `priority` for an instance that there is not end with 2";
const WORDS =
  "The meanings of `accept_owner`, `preempt_owner` and `user_needs_root` say the same in other words";
const MISSING = "`vipd init` names all options that are missing at once";
const HOST = "Behind a wrong address of another host stands an example of one";
const AS_RUNNER =
  "`vipd notify-test` and `vipd check --probe`, as root, run programs as the user that runs vipd, as the engine does";
const OPEN_CALLS = "The OpenAPI document says which calls need no token";

export const ONBOARD: readonly AcceptedDifference[] = [
  ...of(
    "configurations/*",
    ['- /check/err | *"lb0*" is not an IP address; write it as 192.168.31.5/24 *', HOST],
    ['+ /check/err | *"lb0*" is not an IP address; write it as 192.168.31.11 *', HOST],
  ),
  ...of("cli/mistake: init *", ["* /err | vipd: *--role is needed*", MISSING], [
    "* /err | vipd: --address is needed: *",
    MISSING,
  ], ["+ /err | vipd: --address and --role are needed, *", MISSING]),
  ...of("cli/*", ["* /out | *them does not get it.*", AS_RUNNER]),
  ...of(
    "cli/*",
    ["+ /* |   explain         say *", EXPLAIN],
    ["+ /* |   man             show *", MAN],
    ["* /out | compiled or portable (*s the difference), or source.", NAMED],
  ),
  ...of(
    "cli/completion zsh",
    ["+ /out |     'explain:say *", EXPLAIN],
    ["+ /out |     'man:show *", MAN],
  ),
  ...of(
    "cli/completion fish",
    ["+ /out | *-a explain *", EXPLAIN],
    ["+ /out | *_from explain' *", EXPLAIN],
    ["+ /out | *-a man *", MAN],
    ["+ /out | *_from man' *", MAN],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | Say what a code means *", EXPLAIN],
    ["+ /out | Explains a code of *", EXPLAIN],
    ["+ /out | print what GET /v1/codes/CODE answers", EXPLAIN],
    ["+ /out | vipd explain *", EXPLAIN],
    ["+ /out | Show the manual, *", MAN],
    ["+ /out | Shows vipd(8), *", MAN],
    ["+ /out | vipd man *", MAN],
    ["* /out | Prints vipd's version, *", NAMED],
  ),
  ...of(
    "status/*",
    ["* /all/out | no peers are configured: name the other node's API in `peers`, *", NAMED],
    ["+ /*/out | vipd explain * says more of this code", STATUS],
    ["+ /*/out | ", STATUS],
  ),
  ...of(
    "cli/*init*",
    ["+ /out | Before it writes it asks the link *", PROBE],
    ["+ /out | another pair the VRID. *", PROBE],
    ["* /out |   --yes              ask nothing*", YES],
    ["+ /out |   --no-probe         do not ask *", PROBE],
    ["+ /out | ", PROBE],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | Before it writes it asks the link *", PROBE],
    ["* /out | ask nothing*", YES],
    ["+ /out | do not ask the link *", PROBE],
  ),
  ...of("configurations/*", ["+ /effective/api/hosts []", PROXY]),
  ...of("files/vipd.service", ["* | # * vipd man *", NAMED], ["* | # *docs/*.md*", NAMED]),
  ...of(
    "files/vipd.service",
    ["* | # Changes belong in a drop-in: *", PAGES],
    ["- * | Documentation=man:*", PAGES],
  ),
  ...of(
    "api/*",
    ['+ /headers/etag "*"', TAGS],
    ["+ /body/peers/*/name *", PEER_NAME],
    ["~ /body/detail * -> *, or name a reverse proxy's host in api.hosts*", PROXY],
  ),
  ...of(
    "cli/promote, an instance with an odd name",
    ["~ /code 6 -> 2", NO_INSTANCE],
    ["- /err | vipd: No: instance_unknown", NO_INSTANCE],
    ["+ /err | vipd: lb01 has no instance *", NO_INSTANCE],
    ["- /heard/* *", NO_INSTANCE],
  ),
  ...of(
    "api/GET /v1/events?since=999999999",
    ["+ /headers/vipd-journal-reset *", RESET],
    ["+ /body/* *", RESET],
  ),
  ...of("api/GET /v1/instances", ["~ *", INSTANCES]),
  ...of("api/HEAD /v1/instances", ["~ *", INSTANCES]),
  ...["POST", "PUT", "DELETE", "PATCH", "OPTIONS"].flatMap((method) =>
    of(
      `api/${method} /v1/instances`,
      ["~ /status 404 -> 405", INSTANCES],
      ['+ /headers/allow "GET, HEAD"', INSTANCES],
      ["~ /body/* -> *", INSTANCES],
    )
  ),
  ...of(
    "codes/diagnostics",
    ["+ /invalid_api_host *", PROXY],
    ["~ /accept_owner *", WORDS],
    ["~ /preempt_owner *", WORDS],
    ["~ /user_needs_root *", WORDS],
  ),
  ...of("codes/schema of the configuration", ["+ */api/properties/hosts *", PROXY]),
  ...of("codes/OpenAPI", [
    '+ /components/schemas/Diagnostic/properties/code/enum/* "invalid_api_host"',
    PROXY,
  ]),
  ...of("codes/problems", ["+ /code_unknown 404", CODE_CALL]),
  ...of(
    "codes/OpenAPI",
    ["+ /paths/*/get/security []", OPEN_CALLS],
    ["+ /paths/*/get/parameters* *If-None-Match*", MORE_TAGS],
    ["+ /paths/*/get/responses/200/headers *", MORE_TAGS],
    ["+ /paths/*/get/responses/304 *", MORE_TAGS],
    ["~ /paths//v1/events/get/description *", RESET],
    ["+ /paths//v1/instances/{name}/*/peers/0/name *", PEER_NAME],
    ["+ /components/schemas/OrderAnswer/properties/peers/items/*", PEER_NAME],
    ["+ /paths//v1/codes/{code} *", CODE_CALL],
    ["+ /components/schemas/CodeExplanation *", CODE_CALL],
    ['+ /components/schemas/Problem/properties/code/enum/* "code_unknown"', CODE_CALL],
    ["+ /components/examples/code_unknown *", CODE_CALL],
    ["+ /paths//v1/instances {*", INSTANCES],
  ),
];
