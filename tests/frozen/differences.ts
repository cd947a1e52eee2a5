/**
 * Where the present vipd says something else than 0.1.0 did, on purpose. CHANGELOG.md says each to those who use vipd.
 *
 * @module
 */

/** One difference, or several that one sentence explains. In `items` and `difference`, `*` stands for any text. */
export interface AcceptedDifference {
  /** The family and the item: `cli/help run`. */
  readonly items: string;
  /** As the failing test prints it: `+ /out |   --front   *`. */
  readonly difference: string;
  /** What CHANGELOG.md says of it, word for word, above its section about 0.1.0; line breaks do not count. */
  readonly changelog: string;
}

const PROCESSES = "`GET /v1/status` has `processes`: the engine and the front";
const API_DOWN =
  "New alarm `api_down`; new codes of the journal: `front_started`, `front_ended`, " +
  "`front_refused`, `front_not_separated`, `api_socket_failed`; new finding of the doctor: `api_down`";
const METRICS = "new metrics `vipd_front_up`, `vipd_front_restarts_total`, " +
  "`vipd_engine_restarts_total`";
const COUNTS = "`vipd_journal_entries_total` counts the entries of the start, too";
const KEPT_STATUS = "While the API does not answer, `vipd status` and `vipd watch` show what the " +
  "engine wrote last into `status.json`";
const SOCKET = "The command line talks to the vipd of this machine over `api.sock` in `run_dir`, " +
  "whatever `api.listen` says";
const RECEIVER = "`--api http://lb02:9112` with a token is refused (exit code 4): use https and " +
  "`--ca-file`, or run the command there";
const ORDER_ID = "`Idempotency-Key`: an order carries an id and is carried out once";
const RELOAD = "`vipd reload`, too, asks for the status first";
const ERROR_CODES = "New error codes: `order_id_invalid`, `order_id_reused`, `engine_unreachable`";
const UNITS = "Two systemd units, `vipd.service` and `vipd-front.service`: `vipd init` writes both";
const FRONT = "The second one runs the new command `vipd front`";
const BUSY = "vipd goes before other programs when the processors are busy, and a check program " +
  "that the kernel kills for want of memory does not stop it";
const SERVER =
  "The front has an HTTP server of its own. Answers are not compressed and have no `Vary`";
const NO_HTTP = "What is no HTTP/1.1 is answered with a problem: 400 also for a request without " +
  "Host, with both a length and chunks, or with a method that HTTP does not know, 505 for another " +
  "version";
const PATHS = "`.` and `..` in a path are resolved";
const CLOSED = "`Connection: close` is said to HTTP/1.0, too";
const EMPTY_HOST = "A problem about a request with an empty Host names the path that was asked for";
const RIGHT_TOKEN = "A right token is never refused because of wrong ones: tokens are compared " +
  "first, and only wrong ones are held up";
const GUESSES = "The journal has one entry a minute at most about wrong tokens, with their number";
const READ_TOKEN = "A change with the read token is answered with: this token may only read";
const STREAMS =
  "Event streams of clients without a token are limited for each place (16) and in all (24)";
const LOST_TOKEN = "A token file that is lost while vipd runs is made again, with the entry " +
  "`token_file_lost`";
const CLAIMS = "If several machines claim an address, the question goes out a while after the " +
  "first claim, and the next one does not put it off";
const PING =
  "New check `ping`: asks another host, such as a gateway, by ICMP or ICMPv6 echo, or by ARP and " +
  "neighbour discovery if it answers no echo (`method: neighbour`)";
const FILE =
  "New check `file`: the number in a file times the `weight` of the track moves the priority, as " +
  "keepalived's `track_file`";
const TRACK_FILE = "`vipd import` carries `track_file` and `vrrp_track_file` over";
const GRACE =
  "`grace` of a process check: a restart of nginx that takes no longer makes no failover. `vipd init` " +
  "writes `grace: 1s`; `vipd import` makes it of `terminate_delay` and `delay`";
const OWNER =
  "`user` and `path` of a process check: only processes of this user, or of this executable, count";
const CA =
  "`ca` and `server_name` of an https check, for servers with a certificate of an authority of one's own";
const EXPIRY = "`expires_within` of an https check: the new alarm `certificate_ends` names the day";
const CHECK_FIGURES =
  "The status of such a check has `certificate_ends`, that of a file check `number`; new " +
  "metrics `vipd_check_certificate_end_timestamp_seconds` and `vipd_check_number`";
const WEIGHTS =
  "`vipd check` warns about weights that move no address, with the sum: `weight_too_small`, " +
  "`weight_without_preempt`";
const CHECK_ERRORS = "New errors `https_only` and `interface_needed`";
const IMPORTED_WARNINGS = "`vipd import` repeats the warnings instead of an advice of its own";

/** The seeds in which one of three nodes claims an address while another's claim is examined. */
const SEEDS_WITH_CLAIMS = [63, 91, 94, 216, 239, 415, 474, 480];

/** Differences of the same items, each text with what explains it. */
function of(
  items: string,
  ...explained: readonly (readonly [difference: string, changelog: string])[]
): AcceptedDifference[] {
  return explained.map(([difference, changelog]) => ({ items, difference, changelog }));
}

const COMMAND_LINE: readonly AcceptedDifference[] = [
  ...of(
    "cli/*",
    ["* | *init*write the configuration and the systemd unit* of this machine*", UNITS],
    ["+ /* |*front*serve the HTTP API for a running engine*", FRONT],
    ["- /out |*take the address from api.listen of this file*", SOCKET],
    ["- /out | *(default /etc/vipd/vipd.yaml; http://127.0.0.1:9112 where", SOCKET],
    ["- /out | *that file cannot be read)", SOCKET],
    ["+ /out |*talk to the vipd of this configuration, over api.sock in*", SOCKET],
    ["+ /out | *its run_dir (default /etc/vipd/vipd.yaml; /run/vipd if that", SOCKET],
    ["+ /out | *file cannot be read); vipd * over its api.listen", SOCKET],
    ["- /out |*vipd status *api unix:/run/vipd/api.sock", SOCKET],
    ["+ /out |*vipd status *api https://lb02:9112 *ca*file lb02.pem", RECEIVER],
    [
      "+ /out | While the API does not answer, the status that vipd itself wrote last*",
      KEPT_STATUS,
    ],
    ["+ /out | instead, with its age. The exit code is 5 then, unless vipd runs*", KEPT_STATUS],
    ["+ /out | within the last 15 seconds.", KEPT_STATUS],
    ["- /out | answer, what was last known stays with its age*", KEPT_STATUS],
    ["+ /out | answer, what is known otherwise stays with its age*", KEPT_STATUS],
  ),
  ...of("cli/*status*", ["+ /out | ", KEPT_STATUS]),
  ...of(
    "cli/*init*",
    ["* /out | Writes a commented configuration for this machine and *", UNITS],
    [
      "- /out | the user that the unit names, and tells what to type on the other node. On a",
      UNITS,
    ],
    ["+ /out | vipd.service and vipd-front.service, makes the users that the units name*", UNITS],
    ["+ /out | prints what to type on the other node. On a terminal it asks for what*", UNITS],
    ["- /out | terminal it asks for what was not given: address, VRID and role. Over*", UNITS],
    ["+ /out | given: address, VRID and role. Overwrites nothing without --force.", UNITS],
    ["- /out | nothing without --force.", UNITS],
    ["* /out | *a package brought one)*", UNITS],
    ["+ /out | *same folder", UNITS],
    ["* /out |   --executable FILE  the program that the unit* (default: /usr/bin/vipd", UNITS],
    ["* /out |   --unit-only        write the unit* for a configuration*", UNITS],
    ["* /out | *is there already, as after vipd import; let it be read*", UNITS],
    ["- /out | *the user's group", UNITS],
    ["+ /out | *by the group vipd", UNITS],
    [
      "* /err | vipd: there is no /nonexistent/vipd.yaml: vipd init writes one with its unit*",
      UNITS,
    ],
  ),
  ...of(
    "cli/manpage",
    ["* /out | Write the configuration and the systemd unit* of this machine.", UNITS],
    ["* /out | Writes a commented configuration for this machine and *", UNITS],
    ["* /out | the unit (default /etc/systemd/system/vipd.service, unless a package*", UNITS],
    ["* /out | the program that the unit*", UNITS],
    ["* /out | write the unit*", UNITS],
    ["+ /out | systemctl status vipd\\-front", FRONT],
    ["+ /out | .SS vipd front", FRONT],
    ["+ /out | Serve*the HTTP API*", FRONT],
    ["+ /out | vipd front", FRONT],
    ["+ /out | Examples:", FRONT],
    ["+ /out | .*", FRONT],
    ["+ /out | \\fB\\-\\-*\\fR \\fI*\\fR", FRONT],
    ["+ /out | run_dir of the engine's configuration (default /run/vipd)", FRONT],
    ["+ /out | end with this process, which has started it", FRONT],
    ["+ /out | become this user and group first, such as 65534:65534; or none*", FRONT],
    ["* /out | Shows what vipd status shows, drawn anew when something happens*", KEPT_STATUS],
  ),
  ...of(
    "cli/completion *",
    ["* /out |     *) _arguments *", SOCKET],
    ["* /out |     *) words=*", FRONT],
    ["* /out |     COMPREPLY=*", FRONT],
    ["* /out | complete -c vipd -n '__fish_seen_subcommand_from init' *", UNITS],
    ["* /out | complete -c vipd -n '__fish_seen_subcommand_from help' *", FRONT],
    ["+ /out | complete -c vipd -n '__fish_seen_subcommand_from front' *", FRONT],
  ),
  ...of("cli/reload*", [
    '+ /heard/* {"call":"GET /v1/status","authorization":null,"body":""}',
    RELOAD,
  ]),
  ...of(
    "cli/*token*",
    ["* /err | vipd: *the token file *", LOST_TOKEN],
  ),
];

/** What `man vipd.yaml` says more. */
const MANUAL_OF_CHECKS: readonly AcceptedDifference[] = of(
  "cli/manpage vipd.yaml",
  ["+ /out | \\fBca\\fR *", CA],
  ["+ /out | https: file with certificates *", CA],
  ["+ /out | \\fBserver_name\\fR *", CA],
  ["+ /out | https: the name that the server is sent *", CA],
  ["+ /out | \\fBexpires_within\\fR *", EXPIRY],
  ["+ /out | https: raises the alarm *", EXPIRY],
  ["+ /out | \\fBuser\\fR *", OWNER],
  ["+ /out | Only processes *", OWNER],
  ["+ /out | \\fBpath\\fR *", OWNER],
  ["+ /out | \\fBgrace\\fR *", GRACE],
  ["+ /out | How long after the end of the last process *", GRACE],
  ["+ /out | .SH CHECKS.NAME, TYPE: PING", PING],
  ["+ /out | \\fBtype\\fR \\fIping\\fR", PING],
  ["+ /out | .SH CHECKS.NAME, TYPE: FILE", FILE],
  ["+ /out | \\fBtype\\fR \\fIfile\\fR", FILE],
  ["+ /out | Reads a number from a file*", FILE],
  ["+ /out | A regular file *", FILE],
  // Their other keys, and those that every check has.
  ["+ /out | *", PING],
);

/** What a configuration is told. */
const CONFIGURATIONS: readonly AcceptedDifference[] = [
  ...of(
    "configurations/*",
    ["* /check/err | *not one of http, tcp, process, exec*", PING],
    ["* /check/err | *this key is missing; add it: `type: http | tcp | process | exec*", PING],
    ["+ /check/err | *[weight_without_preempt]", WEIGHTS],
    ["+ /check/err |  * | *weight: -60*", WEIGHTS],
    ["+ /check/err |  * | *^", WEIGHTS],
  ),
  ...of("configurations/import *_extras.conf", ["*", TRACK_FILE]),
  ...of("configurations/import nopreempt.conf", ["*", IMPORTED_WARNINGS]),
  ...of("configurations/import weights.conf", ["*", GRACE]),
];

const CODES: readonly AcceptedDifference[] = [
  ...of(
    "codes/*",
    ["+ /certificate_ends *", EXPIRY],
    ['+ /components/schemas/Alarm/properties/code/enum/* "certificate_ends"', EXPIRY],
    ["+ /https_only *", CHECK_ERRORS],
    ["+ /interface_needed *", CHECK_ERRORS],
    ["+ /weight_* *", WEIGHTS],
  ),
  ...of(
    "codes/OpenAPI",
    ['+ /components/schemas/Check/properties/type/enum/* "ping"', PING],
    ['+ /components/schemas/Check/properties/type/enum/* "file"', FILE],
    ["+ /components/schemas/Check/properties/number *", CHECK_FIGURES],
    ["+ /components/schemas/Check/properties/certificate_ends *", CHECK_FIGURES],
    ['+ /components/schemas/Diagnostic/properties/code/enum/* "https_only"', CHECK_ERRORS],
    ['+ /components/schemas/Diagnostic/properties/code/enum/* "interface_needed"', CHECK_ERRORS],
    ['+ /components/schemas/Diagnostic/properties/code/enum/* "weight_*"', WEIGHTS],
  ),
  ...of(
    "codes/schema of the configuration",
    ['* /properties/checks/*"const":"http"*', CA],
    ['* /properties/checks/*"const":"process"*', GRACE],
    ['+ /properties/checks/*"const":"ping"*', PING],
    ['+ /properties/checks/*"const":"file"*', FILE],
  ),
  ...of(
    "codes/*",
    ["+ /api_down *", API_DOWN],
    ['+ /components/schemas/Alarm/properties/code/enum/* "api_down"', API_DOWN],
    ["+ /front_started *", API_DOWN],
    ["+ /front_ended *", API_DOWN],
    ["+ /front_refused *", API_DOWN],
    ["+ /front_not_separated *", API_DOWN],
    ["+ /api_socket_failed *", API_DOWN],
    ["+ /token_file_lost *", LOST_TOKEN],
    ["~ /api_token_guessed *", GUESSES],
    ["+ /order_id_* *", ERROR_CODES],
    ["+ /engine_unreachable 503", ERROR_CODES],
  ),
  ...of(
    "codes/OpenAPI",
    ['+ /paths/*/parameters*{"name":"Idempotency-Key",*', ORDER_ID],
    ["~ /paths/*/responses/503/description *engine_unreachable*", ERROR_CODES],
    ["~ /paths/*/responses/400/description *order_id_invalid*", ERROR_CODES],
    ["~ /paths/*/responses/409/description *order_id_reused*", ERROR_CODES],
    ["+ /paths/*/examples/engine_unreachable *", ERROR_CODES],
    ["+ /paths/*/examples/order_id_* *", ERROR_CODES],
    ['+ /paths/*/responses/409 {"description":"order_id_reused",*', ERROR_CODES],
    ['+ /components/schemas/Problem/properties/code/enum/* "order_id_*"', ERROR_CODES],
    ['+ /components/schemas/Problem/properties/code/enum/* "engine_unreachable"', ERROR_CODES],
    ["+ /components/examples/order_id_* *", ERROR_CODES],
    ["+ /components/examples/engine_unreachable *", ERROR_CODES],
    ["+ /paths//v1/status/get/responses/200/*/example/processes *", PROCESSES],
    ["+ /components/schemas/NodeStatus/properties/processes *", PROCESSES],
    ['+ /components/schemas/NodeStatus/required/* "processes"', PROCESSES],
    ["+ /components/schemas/Processes *", PROCESSES],
  ),
];

const METRIC_FAMILIES: readonly AcceptedDifference[] = ["metrics/*", "api/GET /metrics*"]
  .flatMap((items) =>
    of(
      items,
      ['+ */vipd_alarms_active/*/{code="api_down",severity="warning",subject=""} *', API_DOWN],
      [
        '+ */vipd_alarms_active/*/{code="certificate_ends",severity="warning",subject=""} *',
        EXPIRY,
      ],
      ["+ */vipd_check_number *", CHECK_FIGURES],
      ["+ */vipd_check_certificate_end_timestamp_seconds *", CHECK_FIGURES],
      ["+ */vipd_front_up *", METRICS],
      ["+ */vipd_front_restarts_total *", METRICS],
      ["+ */vipd_engine_restarts_total *", METRICS],
    )
  );

const API: readonly AcceptedDifference[] = [
  ...of("api/*", ['- /*server/vary "Accept-Encoding"', SERVER]),
  ...of("api/GET /v1/status*", ["+ /body/processes *", PROCESSES]),
  ...of("api/GET /v1/events*", ['+ /body/* {*"code":"front_started",*', API_DOWN]),
  ...of(
    "api/GET /metrics*",
    [
      '+ /body/vipd_journal_entries_total/series/{severity="info",code="front_started"} *',
      API_DOWN,
    ],
    ['+ /body/vipd_journal_entries_total/series/{severity="warning",code="*_plaintext"} *', COUNTS],
  ),
  ...of("api/GET /metrics*", [
    '+ /body/vipd_journal_entries_total/series/{severity="warning",code="weight_too_small"} *',
    WEIGHTS,
  ]),
  ...of("api/GET /v1/events*", ['+ /body/* {*"code":"weight_too_small",*', WEIGHTS]),
  ...of("api/POST /v1/reload, *", ['+ /body/warnings/* {*"code":"weight_too_small",*', WEIGHTS]),
  // The last thousand entries begin later by the warnings that are among them.
  ...of("api/GET /v1/events, with the token for reading", ["* /body/*", WEIGHTS]),
  ...of("api/odd: HTTP/1.0*", ['+ /server/connection "close"', CLOSED]),
  ...of("api/odd: an empty Host", ['~ /body/instance "z" -> "/healthz"', EMPTY_HOST]),
  ...of("api/odd: a path that climbs", ["*", PATHS]),
  ...[
    "no Host",
    "a target without slash",
    "no HTTP",
    "another version",
    "a header without colon",
    "a length that is none",
    "two lengths",
    "a length and chunks",
    "an unknown method",
  ].flatMap((name) => of(`api/odd: ${name}`, ["*", NO_HTTP])),
  ...of("api/stream, one too many", ["~ /body/detail *", STREAMS]),
  ...of("api/* with the token for reading", [
    '~ /body/detail * -> "This token may only read"',
    READ_TOKEN,
  ]),
  ...of("api/POST /v1/reload, without a token file", ["*", LOST_TOKEN]),
  // The token before the file was lost is the first wrong one.
  ...of("api/POST /v1/reload, guess 10", ["*", LOST_TOKEN]),
  ...of("api/POST /v1/reload, guess 11", ["~ /body/detail *", RIGHT_TOKEN]),
  ...of("api/POST /v1/reload, guess 12", ["*", RIGHT_TOKEN]),
];

const UNIT: readonly AcceptedDifference[] = of(
  "files/vipd.service",
  ["+  | # The HTTP API is a service of its own. vipd runs without it, too.", UNITS],
  ["+  | Wants=vipd-front.service", UNITS],
  ["+  | # Without this vipd starts the front itself.", UNITS],
  ["+  | Environment=VIPD_FRONT=service", UNITS],
  ["+  | # The socket to which the front connects is this group's.", UNITS],
  ["+  | SupplementaryGroups=vipd-front", UNITS],
  ["*  | # /run/vipd: *", UNITS],
  ["+  | # To give the front's group its socket. *", UNITS],
  ["+  | SystemCallFilter=@chown", UNITS],
  // The same comments in plainer words.
  ["*  | # What is wrong with the file is told by systemctl; *", UNITS],
  ["*  | # systemctl reports what is wrong with the file; *", UNITS],
  ["*  | # /var/lib/vipd: *", UNITS],
  ["*  | # Raw sockets and addresses, nothing else of root's powers. *", UNITS],
  ["+  | # The kernel kills others first, and a check program *", BUSY],
  ["+  | OOMPolicy=continue", BUSY],
  ["+  | # On a busy machine vipd runs before services *", BUSY],
  ["+  | CPUWeight=1000", BUSY],
);

const TRACES: readonly AcceptedDifference[] = SEEDS_WITH_CLAIMS.map((seed) => ({
  items: `traces/seed ${seed}`,
  difference: "~ /claims in *",
  changelog: CLAIMS,
}));

export const ACCEPTED_DIFFERENCES: readonly AcceptedDifference[] = [
  ...COMMAND_LINE,
  ...MANUAL_OF_CHECKS,
  ...CONFIGURATIONS,
  ...CODES,
  ...METRIC_FAMILIES,
  ...API,
  ...UNIT,
  ...TRACES,
];
