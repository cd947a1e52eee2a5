/**
 * Differences by reloads that are tried and on probation, by `vipd maintenance`, and by the comparison of two nodes.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const PROBE =
  "`vipd check --probe` runs each check of the file once on this machine and looks at " +
  "the interfaces";
const PEER_FILES =
  "`vipd check --peer FILE` compares also where the certificates, tokens, keys and programs";
const PEER = "`vipd check --peer FILE` compares a configuration with the other node's file: new " +
  "code `pair_differs`";
const REFUSED = "is refused if an instance that can serve would be in fault and no other node is " +
  "known to serve it: new code `leaves_nobody`";
const FORCE = "`vipd reload --force` takes it all the same";
const VERDICTS = "`vipd reload` answers with the first verdicts: the results of new checks, and " +
  "the state of the instances";
const PROBATION = "`vipd reload --confirm 60s` puts the configuration on probation: vipd goes " +
  "back to the one before unless `vipd reload --keep` comes in time";
const KEEP = "New call `POST /v1/reload/keep`, new error code `not_kept`, new codes " +
  "`probation_impossible` and `probation_unrecorded`, new codes of the journal " +
  "`probation_began` and `probation_kept`";
const MAINTENANCE =
  "New command `vipd maintenance`: demotes all instances, waits until the other " +
  "node serves them, and says that it is safe to reboot";
const REHEARSED = "`began_at` and `by_itself` of a rehearsal, `rehearsed` of a peer in the status";
const DIFF = "New command `vipd diff`: what differs between this node and the other one";
const JSON_TEXT =
  "With `--json`, `vipd maintenance` says all that it does without: the new key `said` has its lines";
const CONFIG =
  "New call `GET /v1/config`, the effective configuration without secrets; new error " +
  "code `config_unknown`";

const OLDER =
  "A command says if the vipd that runs is older than the command and does not know its call";

const CODES: readonly AcceptedDifference[] = [
  ...of(
    "codes/journal",
    ["+ /probation_*", KEEP],
  ),
  ...of(
    "codes/OpenAPI",
    ["+ /components/schemas/Peer/properties/rehearsed *", REHEARSED],
  ),
  ...of(
    "api/*",
    ["+ /body/peers/*/rehearsed *", REHEARSED],
  ),
  ...of(
    "codes/problems",
    ["+ /not_kept 409", KEEP],
  ),
  ...of(
    "codes/problems",
    ["+ /config_unknown 503", CONFIG],
  ),
  ...of(
    "codes/diagnostics",
    ["+ /pair_differs *", PEER],
  ),
  ...of(
    "codes/diagnostics",
    ["+ /leaves_nobody *", REFUSED],
  ),
  ...of(
    "codes/diagnostics",
    ["+ /probation_*", KEEP],
  ),
  ...of(
    "codes/OpenAPI",
    ["~ /paths//v1/reload/post/description *", REFUSED],
  ),
  ...of(
    "codes/OpenAPI",
    ["+ /paths//v1/reload/post/requestBody/*confirm *", PROBATION],
    ["+ /paths//v1/reload/post/responses/*/example/probation *", PROBATION],
    ["+ /components/schemas/*/properties/probation *", PROBATION],
    ["+ /components/schemas/Probation *", PROBATION],
  ),
  ...of(
    "codes/OpenAPI",
    ["+ /paths//v1/reload/post/requestBody/*force *", FORCE],
  ),
  ...of(
    "codes/OpenAPI",
    ["~ /paths//v1/reload/post/responses/200/*/example/changes/*", VERDICTS],
    ["+ /paths//v1/reload/post/responses/*/example/verdicts *", VERDICTS],
    ["+ /components/schemas/ReloadAnswer/properties/verdicts *", VERDICTS],
  ),
  ...of(
    "codes/OpenAPI",
    ["+ /paths//v1/reload/keep *", KEEP],
    ["+ /components/schemas/KeepAnswer *", KEEP],
    ['+ /components/schemas/Problem/properties/code/enum/* "not_kept"', KEEP],
    ["+ /components/examples/not_kept *", KEEP],
  ),
  ...of(
    "codes/OpenAPI",
    ["+ /paths//v1/config *", CONFIG],
    ["+ /components/schemas/EffectiveConfig *", CONFIG],
    ["+ /components/schemas/NodeConfig *", CONFIG],
    ['+ /components/schemas/Problem/properties/code/enum/* "config_unknown"', CONFIG],
    ["+ /components/examples/config_unknown *", CONFIG],
  ),
];

const HELP: readonly AcceptedDifference[] = [
  ...of(
    "cli/*",
    ["+ /* |   maintenance     hand everything over, *", MAINTENANCE],
    ["+ /* |   diff            compare this node *", DIFF],
  ),
  ...of(
    "cli/*check*",
    ["+ /out | With --probe each check *", PROBE],
    ["+ /out | and the interfaces are looked at; *", PROBE],
    ["+ /out | would not serve. Needs root, *", PROBE],
    ["+ /out | ", PROBE],
    ["+ /out |   vipd check --probe && vipd reload", PROBE],
    ["- /out |   --json   print an object*", PROBE],
    ["+ /out |   --json         print an object*", PROBE],
    ["+ /out |   --probe        run each check once", PROBE],
  ),
  ...of(
    "cli/*check*",
    ["+ /out | With --peer it is compared *", PEER],
    ["+ /out | make no pair. Passwords *", PEER],
    ["+ /out |   vipd check lb01.yaml --peer lb02.yaml", PEER],
    ["+ /out |                  probed, with --peer *", PEER],
    ["+ /out |   --peer FILE    the configuration *", PEER],
    ["+ /out | one names may be missing: it says which, *", PEER_FILES],
    ["+ /out |                  differences, not_read *", PEER_FILES],
  ),
  ...of(
    "cli/*reload*",
    ["- /out | changed. Where anything *", VERDICTS],
    ["- /out | configuration before runs on, *", VERDICTS],
    ["- /out | keeps its state and its addresses. *", VERDICTS],
    ["- /out | which tell the log.", VERDICTS],
    ["+ /out | changed and the first verdicts: *", VERDICTS],
    ["+ /out | If the file has problems, *", VERDICTS],
    ["+ /out | on, and vipd reload ends with 3. *", VERDICTS],
    ["+ /out | addresses. The same as *", VERDICTS],
  ),
  ...of(
    "cli/*reload*",
    ["+ /out | New checks run once *", REFUSED],
    ["+ /out | interface would put *", REFUSED],
    ["+ /out | it is refused and vipd *", REFUSED],
    ["+ /out | ", REFUSED],
  ),
  ...of(
    "cli/*reload*",
    ["+ /out | With --confirm the *", PROBATION],
    ["+ /out | comes in time, vipd *", PROBATION],
    ["+ /out | started again meanwhile, *", PROBATION],
    ["+ /out | keys, certificates and programs *", PROBATION],
    ["+ /out |   vipd reload --confirm *", PROBATION],
    ["+ /out |   --confirm DURATION *", PROBATION],
    ["+ /out |   --keep *", PROBATION],
  ),
  ...of(
    "cli/*reload*",
    ["+ /out |   --force *", FORCE],
  ),
];

const MANUAL: readonly AcceptedDifference[] = [
  ...of(
    "cli/completion bash",
    ["+ /out |     --output|*|--peer|*", PEER],
  ),
  ...of(
    "cli/completion zsh",
    ["+ /out |     'maintenance:*", MAINTENANCE],
  ),
  ...of(
    "cli/completion zsh",
    ["+ /out |     'diff:*", DIFF],
  ),
  ...of(
    "cli/completion fish",
    ["* /out | *_from check' -l *", PROBE],
  ),
  ...of(
    "cli/completion fish",
    ["+ /out | *maintenance*", MAINTENANCE],
  ),
  ...of(
    "cli/completion fish",
    ["+ /out | *_from reload' -l *", PROBATION],
  ),
  ...of(
    "cli/completion fish",
    ["+ /out | *diff *", DIFF],
    ["+ /out | *_from diff' -l *", DIFF],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | With \\-\\-probe each check *", PROBE],
    ["* /out | print an object: valid, node, diagnostics*", PROBE],
    ["+ /out | run each check once", PROBE],
    ["+ /out | vipd check \\-\\-probe *", PROBE],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | With \\-\\-peer it is compared *", PEER],
    ["+ /out | the configuration of the other node; *", PEER],
    ["+ /out | vipd check lb01.yaml *", PEER],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | Hand everything over, *", MAINTENANCE],
    ["+ /out | Demotes all instances *", MAINTENANCE],
    ["+ /out | The node stays demoted *", MAINTENANCE],
    ["+ /out | end it: release what is demoted*", MAINTENANCE],
    ["+ /out | The other node rehearses by itself *", MAINTENANCE],
    ["+ /out | end by itself after *", MAINTENANCE],
    ["+ /out | how long the other node *", MAINTENANCE],
    ["+ /out | why, for journal and status (default: maintenance)", MAINTENANCE],
    ["+ /out | file with the API's token *", MAINTENANCE],
    ["+ /out | where vipd listens: *", MAINTENANCE],
    ["+ /out | certificate in PEM *", MAINTENANCE],
    ["+ /out | print the answer of the API", MAINTENANCE],
    ["+ /out | vipd maintenance *", MAINTENANCE],
  ),
  ...of(
    "cli/manpage",
    ["* /out | Makes the running vipd read its configuration *", VERDICTS],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | New checks run once *", REFUSED],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | With \\-\\-confirm *", PROBATION],
    ["+ /out | go back after this time, *", PROBATION],
    ["+ /out | keep the configuration that is on probation", PROBATION],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | take it even if *", FORCE],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | Compare this node *", DIFF],
    ["+ /out | Compares the running vipd *", DIFF],
    ["+ /out | With \\-\\-json it prints an object: *", JSON_TEXT],
    ["+ /out | No node shows *", DIFF],
    ["+ /out | Ends with 1 if something differs *", DIFF],
    ["+ /out | also what is to differ", DIFF],
    ["+ /out | vipd diff*", DIFF],
  ),
];

const API: readonly AcceptedDifference[] = of(
  "api/POST /v1/reload*",
  ["+ /body/verdicts *", VERDICTS],
);

const CALLS: readonly AcceptedDifference[] = of(
  "cli/*, refused: route_unknown",
  ["- /err | vipd: No: route_unknown", OLDER],
  ["+ /err | vipd: the vipd at * is older than this command and does not know this call: *", OLDER],
);

/** All of them. */
export const PROBATION_DIFFERENCES: readonly AcceptedDifference[] = [
  ...CODES,
  ...HELP,
  ...MANUAL,
  ...API,
  ...CALLS,
];
