/** The rehearsal, which vipd 0.1.0 did not have. */

import { type AcceptedDifference, of } from "./difference.ts";

const COMMAND =
  "It does so after each reload of nginx, every 15 minutes and by the new command `vipd rehearse`";
const KEY = "New key `rehearse` of the configuration: `names`, `paths`, `warn_before`, `every`";
const CALLS =
  "New calls `GET /v1/rehearsal` and `POST /v1/rehearse`; `GET /v1/status` has `rehearsal`, and so has each peer";
const ERROR_CODES = "New error codes: `not_rehearsed`, `rehearsal_failed`";
const DEMOTE =
  "`vipd demote` asks a person at a terminal if the other node's nginx would serve less, " +
  'and `--unless-worse` (`"unless_worse": true`) refuses the demote then';
const PROMOTE =
  "`vipd promote` asks a person at a terminal, as `vipd demote` does, if nginx on the node that takes over would serve less";

export const REHEARSE: readonly AcceptedDifference[] = [
  ...of(
    "cli/*",
    ["+ /* |*rehearse*try out what this node*nginx would answer*", COMMAND],
    ["+ /out |   --unless-worse     refuse it if the other node's nginx would *", DEMOTE],
    ["+ /out |                      the last rehearsal (vipd help rehearse); *", DEMOTE],
    ["+ /out |                      person at a terminal is asked", DEMOTE],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | Try out what this node's nginx would answer*", COMMAND],
    ["+ /out | Asks this node's own nginx, *", COMMAND],
    ["+ /out | A standby cannot ask for a name that nginx listens for *", COMMAND],
    ["+ /out | The exit code is 1 if this node would serve less *", COMMAND],
    ["+ /out | vipd rehearse*", COMMAND],
    // Those of every command that asks the API, once more.
    ["+ /out | file with the API's token (default: *", COMMAND],
    ["+ /out | where vipd listens: *", COMMAND],
    ["+ /out | certificate in PEM that an https address is trusted by, *", COMMAND],
    ["+ /out | print the answer of the API", COMMAND],
    ["+ /out | refuse it if the other node's nginx would serve less, *", DEMOTE],
    ["+ /out | \\fB\\-\\-unless\\-worse\\fR", DEMOTE],
  ),
  ...of(
    "cli/*",
    ["+ /out | If nginx here would serve less than on the other node, *", PROMOTE],
    ["+ /out | a person at a terminal is asked.", PROMOTE],
  ),
  ...of("cli/manpage vipd.yaml", ["+ /out | *rehears*", KEY]),
  ...of(
    "cli/completion *",
    ["+ /out |     rehearse) *", COMMAND],
    ["+ /out | complete -c vipd -n '__fish_seen_subcommand_from rehearse' *", COMMAND],
    ["+ /out | complete -c vipd -n '__fish_seen_subcommand_from demote' -l unless-worse *", DEMOTE],
  ),
  ...of(
    "configurations/*",
    ["+ /effective/rehearse *", KEY],
    ["+ /check/err | *known keys here: *rehearse*", KEY],
  ),
  ...of("codes/schema of the configuration", ["+ /properties/rehearse *", KEY]),
  ...of(
    "codes/OpenAPI",
    ["+ /paths//v1/rehears*", CALLS],
    ["+ /components/schemas/Rehears*", CALLS],
    ["+ /*/NodeStatus/properties/rehearsal *", CALLS],
    ["+ /*/Peer/properties/rehearsal *", CALLS],
    ["+ /*unless_worse*", DEMOTE],
    ["* /*rehearsal_failed*", ERROR_CODES],
    ["+ /*not_rehearsed*", ERROR_CODES],
  ),
  ...of(
    "codes/*",
    ["+ /rehearsal_failed *", ERROR_CODES],
    ["+ /not_rehearsed *", ERROR_CODES],
  ),
  // Only once a node has rehearsed.
  ...of(
    "api/GET /v1/status*",
    ["+ /body/rehearsal *", CALLS],
    ["+ /body/peers/*/rehearsal *", CALLS],
  ).map((difference) => ({ ...difference, byChance: true })),
];
