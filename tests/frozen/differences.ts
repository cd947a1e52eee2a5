/**
 * Where the present vipd says something else than 0.1.0 did, on purpose. CHANGELOG.md says each to those who use vipd.
 *
 * @module
 */

import { ALARMS_BY_CAUSE } from "./differences/alarms.ts";
import { CLIENT } from "./differences/client.ts";
import { type AcceptedDifference, of } from "./differences/difference.ts";
import { FIRST_HOSTS } from "./differences/firsthosts.ts";
import { IMPORT_MEANING } from "./differences/import_meaning.ts";
import { IMPORT_MORE } from "./differences/import_more.ts";
import { IMPORT_PIPES } from "./differences/import_pipes.ts";
import { IMPORT_IGNORED } from "./differences/import_ignored.ts";
import { IMPORT_REACH } from "./differences/import_reach.ts";
import { IMPORT_UNTRACKED } from "./differences/import_untracked.ts";
import { INSTANCE_ADDRESSES } from "./differences/instance_addresses.ts";
import { OFFERED } from "./differences/offered.ts";
import { ONBOARD } from "./differences/onboard.ts";
import { OVERRIDES } from "./differences/overrides.ts";
import { BLOCKED_ADVERTS } from "./differences/blocked.ts";
import { PAIR } from "./differences/pair.ts";
import { PAIRING } from "./differences/pairing.ts";
import { DOCTOR } from "./differences/doctor.ts";
import { PROBATION_DIFFERENCES } from "./differences/probation.ts";
import { REHEARSE } from "./differences/rehearse.ts";
import { REMEDIES } from "./differences/remedies.ts";
import { SHAPES } from "./differences/shapes.ts";
import { SHOWN } from "./differences/shown.ts";
import { TRACES } from "./differences/traces.ts";
import { WITHOUT_SYSTEMD } from "./differences/without_systemd.ts";

const KEY_FILE_SHOWN = "`vipd check` shows the name of the file after `tls.key`";
const RECORDING = "`vipd run --record FILE` writes what the engine hears and does into a file";
const RECORDING_CODES = "New codes of the journal: `recording_started`, `recording_ended`";
const NOT_KEPT =
  "An override that is not on the disk says so: `not_kept` in the answer has the cause";
const DISK_REMEDIES = "The remedies of `state_unwritable` and `journal_unwritable` fit the cause";
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
const ORDER_ID = "`Idempotency-Key`: a command carries an id and is carried out once";
const RELOAD = "`vipd reload`, too, asks for the status first";
const ERROR_CODES = "New error codes: `order_id_invalid`, `order_id_reused`, `engine_unreachable`";
const LATE_ORDERS = "New error codes: `client_gone`, `order_late`";
const UNITS = "Two systemd units, `vipd.service` and `vipd-front.service`: `vipd init` writes both";
const FRONT = "The second one runs the new command `vipd front`";
const BUSY = "vipd goes before other programs when the processors are busy, and a check program " +
  "that the kernel kills for want of memory does not stop it";
const SERVER =
  "The front has an HTTP server of its own. Answers are not compressed and have no `Vary`";
const NO_HTTP =
  "The answer to anything that is not HTTP/1.1 is a problem: 400 also for a request without " +
  "Host, with both a length and chunks, or with a method that HTTP does not know, 505 for another " +
  "version";
const PATHS = "`.` and `..` in a path are resolved";
const CLOSED = "`Connection: close` is said to HTTP/1.0, too";
const EMPTY_HOST = "A problem about a request with an empty Host names the path that was asked for";
const RIGHT_TOKEN = "A right token is never refused because of wrong ones: tokens are compared " +
  "first, and only wrong ones are held up";
const GUESSES = "The journal has one entry a minute at most about wrong tokens, with their number";
const READER_TOKEN =
  "On this machine a command that only reads shows the token that commands need to nobody";
const READ_TOKEN = "A change with the read token is answered with: this token may only read";
const STREAMS =
  "Event streams of clients without a token are limited for each place (16) and in all (24)";
const LOST_RUN_DIR = "New code of the journal: `run_dir_lost`";
const HANGS =
  "If the engine hangs, `vipd status` and `vipd watch` say so at once, show the addresses " +
  "that the kernel has";
const LOST_TOKEN = "A token file that is lost while vipd runs is made again, with the entry " +
  "`token_file_lost`";
const MARKS = "New code of the journal: `replay_marks_lost`";
const PROBLEMS = "100 problems are shown, with the new code `more_problems` for the rest";
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

const FOREIGN =
  "Another pair with the same VRID on the link is not obeyed, whatever its priority: its " +
  "adverts are discarded (`foreign_vrid`), and the new alarm `vrid_in_use` names the sender, its " +
  "addresses and the remedy";
const LAST_RESORT =
  "`when_down: last_resort` on a tracked check or interface: a failure lets the " +
  "other node serve, but takes the addresses away from nobody";
const UNWELL = "New alarm `serving_unwell`; new reason `unwell` of a change of state; new " +
  "diagnostics `weight_and_when_down` and `last_resort_owner`";
const DAMPING =
  "`damping`: a node to which the addresses come and from which they go four times within " +
  "ten minutes is held back for ten minutes with priority 1";
const HOLD = "New code of the journal: `hold_ended`";
const OTHER_VRID = "New alarm `vrid_differs`: another router advertises an address of this node " +
  "under another VRID";
const STRAY =
  "New alarm `address_on_backup`: an address is on an interface of a node that is not " +
  "master, where vipd did not put it";
const PEER_STRAY = "`address_conflict` on the master names the peer if that one reports it " +
  "(`address_on_backup` in `peers[].instances`)";
const REASSERTED =
  "New event `reasserted` of `notify`, and code of the journal: a master has heard " +
  "a weaker one, as after a partition, and that one has yielded";
const RX_LOWER = "`vipd import` carries `notify_master_rx_lower_pri` over to it";
const SKIP_CHECK =
  "`vipd import` says of `skip_check_adv_addr` that vipd drops adverts for their " +
  "list of addresses only if they are another pair's";
const AT_ONCE =
  "`reload_failed` ends with the next good reload, `state_damaged` with the next override, at once";
const LASTED = "`alarm_cleared` says how long the cause lasted, without the ten seconds that the " +
  "alarm stood after it";
const GOODBYE =
  "New command `vipd goodbye`: after the death of the engine it takes off what that " +
  "has left on the machine and sends priority 0 in its name";
const STOP_POST = "`vipd.service` runs it after each end (`ExecStopPost=`)";
const NO_START_PRE =
  "`vipd.service` has no `ExecStartPre=vipd check` any more, which would stop the start";
const CRASH_LOOP =
  "New alarm `crash_loop`: an engine that died as master again and again is held back";
const NOT_SENT =
  "If none has left by the end of the lease, the instance is in fault and lets go, " +
  "with the new alarm `adverts_not_sent`";
const FAILED_COUNT = "`GET /v1/status` has `counters.advertisements_failed`, new metric " +
  "`vipd_advertisements_failed_total`";
const INTERFACES =
  "New key `interfaces`: `up_delay` and `down_delay` of an interface, as keepalived's " +
  "`interface_up_down_delays`, which `vipd import` carries over";
const TRACK_INTERFACE =
  "New key `track_interface: false`, as keepalived's `dont_track_primary`, which " +
  "`vipd import` carries over";
const TRACK_INTERFACE_STATUS = "`GET /v1/status` has `track_interface` for each instance";
const LINK_RULES = "`vipd check` refuses `interface: lo` (`loopback_interface`) and warns of " +
  "`untracked_interface`, `unused_interface`, `down_delay_long` and, on the node itself, " +
  "`advert_exceeds_mtu`";

const ALTERED = "New codes of the journal: `address_altered`, `routing_altered`, " +
  "`virtual_mac_altered`";
const ONE_ENTRY = "The journal has one entry a minute for each address, route, rule or interface " +
  "that another program removes or changes";
const TRIAL = "A mastership that only showed that the kernel still refuses it is no move " +
  "(`damping`); entries of the journal have `trial` for it";
const REFUSED = "New alarm `resource_refused`: what the kernel refuses has one entry in the " +
  "journal until it changes";
const OWN_ADDRESS_ALARM = "New alarm and new finding of the doctor: `own_address`";
const VIRTUAL_MAC_ARP = "New alarm and new finding of the doctor: `virtual_mac_arp`";
const ELSEWHERE = "New code of the journal: `resource_elsewhere`";
const CONFLICTING =
  "Two instances with different routes to one destination are refused: new code " +
  "`conflicting_route`";

const COMMAND_LINE: readonly AcceptedDifference[] = [
  ...of(
    "cli/*run*",
    ["+ /out |   vipd run --record *", RECORDING],
    ["+ /out |   --record FILE      record what the engine hears and does*", RECORDING],
    ["+ /out |                      test: up to 64 MiB, without passwords and keys", RECORDING],
  ),
  ...of(
    "cli/manpage",
    ["+ /out | record what the engine hears and does*", RECORDING],
    ["+ /out | vipd run \\-\\-record *", RECORDING],
  ),
  ...of("cli/completion bash", ["* /out |     --output|--unit|--executable|--config|*", RECORDING]),
  ...of(
    "cli/completion fish",
    ["+ /out | complete -c vipd -n '__fish_seen_subcommand_from run' -l record *", RECORDING],
  ),
  ...of("cli/simulate random", ["- /out |*was removed by another program", ONE_ENTRY]),
  ...of(
    "cli/*",
    ["* | *init*write the configuration and the systemd unit* of this machine*", UNITS],
    ["+ /* |*front*serve the HTTP API for a running engine*", FRONT],
    ["+ /* |*goodbye*end the mastership of an engine that died*", GOODBYE],
    ["- /out |*take the address from api.listen of this file*", SOCKET],
    ["- /out | *(default /etc/vipd/vipd.yaml; http://127.0.0.1:9112 where", SOCKET],
    ["- /out | *that file cannot be read)", SOCKET],
    ["+ /out |*talk to the vipd of this configuration, over api.sock in*", SOCKET],
    ["+ /out | *its run_dir (default /etc/vipd/vipd.yaml; /run/vipd if that", SOCKET],
    ["+ /out | *file cannot be read); an older vipd, of one process,", SOCKET],
    ["+ /out |                      over its api.listen", SOCKET],
    ["- /out |*vipd status *api unix:/run/vipd/api.sock", SOCKET],
    ["+ /out |*vipd status *api https://lb02:9112 *ca*file lb02.pem --token*", RECEIVER],
    [
      "+ /out | While the API does not answer, the status that vipd itself wrote last*",
      KEPT_STATUS,
    ],
    ["+ /out | instead, with its age. The exit code is 5 then, unless vipd runs*", KEPT_STATUS],
    ["+ /out | within the last 15 seconds. If it hangs or does not run*", HANGS],
    ["+ /out | the kernel has them now, all else is as it was.", HANGS],
    ["- /out | answer, what was last known stays with its age*", KEPT_STATUS],
    ["+ /out | answer, what is known otherwise stays with its age*", KEPT_STATUS],
  ),
  ...of(
    "cli/manpage vipd.yaml",
    ["* /out | *list of: master or backup or fault or stop or *", REASSERTED],
    ["* /out | What is told: master, backup, fault and stop, the states of *", REASSERTED],
  ),
  ...of(
    "cli/simulate*",
    ["+ /out | * is still master: *was master too and has yielded", REASSERTED],
    ["* /out | *: split_brain_address is over after *", LASTED],
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
    ["+ /out | End the mastership of an engine that died*", GOODBYE],
    ["+ /out | Ends the mastership of an engine that died*", GOODBYE],
    ["+ /out | It touches only what the configuration has and what carries vipd's mark*", GOODBYE],
    ["+ /out | the configuration of the engine (default *", GOODBYE],
    ["+ /out | vipd goodbye*", GOODBYE],
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
    ["+ /out | complete -c vipd -n '__fish_seen_subcommand_from goodbye' *", GOODBYE],
  ),
  ...of("cli/reload*", [
    '+ /heard/* {"call":"GET /v1/status","authorization":null,"body":""}',
    RELOAD,
  ]),
  ...of("cli/status, reading needs a token", [
    "+ /err | vipd: reading needs a token there, *",
    READER_TOKEN,
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

/** Last resort and damping. */
const HELD_BACK: readonly AcceptedDifference[] = [
  ...of("cli/manpage vipd.yaml", ["+ /out | *when_down*", LAST_RESORT], [
    "+ /out | What a failure means, instead of weight*",
    LAST_RESORT,
  ]),
  ...of(
    "cli/manpage vipd.yaml",
    ["+ /out | *damping*", DAMPING],
    ["+ /out | .SH INSTANCES[].DAMPING", DAMPING],
    ["+ /out | .TP", DAMPING],
    ["+ /out | A node to which the addresses come*", DAMPING],
    ["+ /out | \\fBmoves\\fR *", DAMPING],
    ["+ /out | So many moves are too many*", DAMPING],
    ["+ /out | \\fBwithin\\fR *", DAMPING],
    ["+ /out | Time within which the moves are counted*", DAMPING],
    ["+ /out | \\fBhold_after\\fR *", DAMPING],
    ["+ /out | How long the node is held back*", DAMPING],
  ),
  ...of("cli/simulate lossy-link --loss 0.3 --nodes 3 --seed 7", ["*", DAMPING]),
  ...of("cli/simulate random --seed 17", ["+ /out | *held back*", DAMPING]),
  // The second stop within the walk: lb02 is held back, unless the walk takes so long that the first one is forgotten.
  ...of("wire/a sync group", ["* /lb01 stops: lb02/advert *", DAMPING])
    .map((difference) => ({ ...difference, byChance: true })),
];

const CODES: readonly AcceptedDifference[] = [
  ...of(
    "codes/*",
    ["+ /more_problems *", PROBLEMS],
    ["+ /replay_marks_lost *", MARKS],
    ['+ /components/schemas/Diagnostic/properties/code/enum/* "more_problems"', PROBLEMS],
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
    ["+ /foreign_vrid *", FOREIGN],
    ["+ /vrid_in_use *", FOREIGN],
    ["+ /vrid_differs *", OTHER_VRID],
    ["+ /address_on_backup *", STRAY],
    ["+ /reasserted *", REASSERTED],
    ['+ /components/schemas/Alarm/properties/code/enum/* "vrid_in_use"', FOREIGN],
    ['+ /components/schemas/DropCounters/propertyNames/enum/* "foreign_vrid"', FOREIGN],
    ["+ /components/schemas/PeerInstance/properties/address_on_backup *", PEER_STRAY],
    ['+ /components/schemas/Alarm/properties/code/enum/* "vrid_differs"', OTHER_VRID],
    ['+ /components/schemas/Alarm/properties/code/enum/* "address_on_backup"', STRAY],
    ['+ /serving_unwell "error"', UNWELL],
    ["+ /hold_ended *", HOLD],
    ["+ /last_resort_owner *", UNWELL],
    ["+ /weight_and_when_down *", UNWELL],
    ['+ /components/schemas/Alarm/properties/code/enum/* "serving_unwell"', UNWELL],
    ['+ /components/schemas/Diagnostic/properties/code/enum/* "last_resort_owner"', UNWELL],
    ['+ /components/schemas/Diagnostic/properties/code/enum/* "weight_and_when_down"', UNWELL],
    ["+ /properties/instances/items/properties/track/items/properties/when_down *", LAST_RESORT],
    ["+ /properties/instances/items/properties/damping *", DAMPING],
    ['+ /crash_loop "error"', CRASH_LOOP],
    ['+ /components/schemas/Alarm/properties/code/enum/* "crash_loop"', CRASH_LOOP],
    ['+ /components/schemas/Alarm/properties/code/enum/* "api_down"', API_DOWN],
    ["+ /front_started *", API_DOWN],
    ["+ /front_ended *", API_DOWN],
    ["+ /front_refused *", API_DOWN],
    ["+ /front_not_separated *", API_DOWN],
    ["+ /api_socket_failed *", API_DOWN],
    ["+ /resource_refused *", REFUSED],
    ["+ /components/schemas/JournalEntry/properties/trial *", TRIAL],
    ["+ /own_address *", OWN_ADDRESS_ALARM],
    ['+ /components/schemas/Alarm/properties/code/enum/* "resource_refused"', REFUSED],
    ['+ /components/schemas/Alarm/properties/code/enum/* "own_address"', OWN_ADDRESS_ALARM],
    ["+ /virtual_mac_arp *", VIRTUAL_MAC_ARP],
    ['+ /components/schemas/Alarm/properties/code/enum/* "virtual_mac_arp"', VIRTUAL_MAC_ARP],
    ["+ /address_altered *", ALTERED],
    ["+ /routing_altered *", ALTERED],
    ["+ /virtual_mac_altered *", ALTERED],
    ["+ /resource_elsewhere *", ELSEWHERE],
    ["+ /conflicting_route *", CONFLICTING],
    ['+ /components/schemas/Diagnostic/properties/code/enum/* "conflicting_route"', CONFLICTING],
    ["+ /token_file_lost *", LOST_TOKEN],
    ["+ /run_dir_lost *", LOST_RUN_DIR],
    ["~ /api_token_guessed *", GUESSES],
    ["+ /order_id_* *", ERROR_CODES],
    ["+ /engine_unreachable 503", ERROR_CODES],
    ["+ /client_gone 400", LATE_ORDERS],
    ["+ /order_late 503", LATE_ORDERS],
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
    ["~ /paths/*/responses/400/description *client_gone*", LATE_ORDERS],
    ["~ /paths/*/responses/503/description *order_late*", LATE_ORDERS],
    ["+ /paths/*/examples/client_gone *", LATE_ORDERS],
    ["+ /paths/*/examples/order_late *", LATE_ORDERS],
    ['+ /components/schemas/Problem/properties/code/enum/* "client_gone"', LATE_ORDERS],
    ['+ /components/schemas/Problem/properties/code/enum/* "order_late"', LATE_ORDERS],
    ["+ /components/examples/client_gone *", LATE_ORDERS],
    ["+ /components/examples/order_late *", LATE_ORDERS],
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
      ['+ */vipd_alarms_active/*/{code="vrid_in_use",severity="error",subject=""} *', FOREIGN],
      ['+ */vipd_alarms_active/*/{code="vrid_differs",severity="error",subject=""} *', OTHER_VRID],
      ['+ */vipd_alarms_active/*/{code="address_on_backup",severity="error",subject=""} *', STRAY],
      ['+ */vipd_alarms_active/*/{code="serving_unwell",severity="error",subject=""} *', UNWELL],
      ['+ */vipd_alarms_active/*/{code="crash_loop",severity="error",subject=""} *', CRASH_LOOP],
      [
        '+ */vipd_alarms_active/*/{code="certificate_ends",severity="warning",subject=""} *',
        EXPIRY,
      ],
      ["+ */vipd_check_number *", CHECK_FIGURES],
      ["+ */vipd_check_certificate_end_timestamp_seconds *", CHECK_FIGURES],
      [
        '+ */vipd_alarms_active/*/{code="resource_refused",severity="error",subject=""} *',
        REFUSED,
      ],
      [
        '+ */vipd_alarms_active/*/{code="own_address",severity="error",subject=""} *',
        OWN_ADDRESS_ALARM,
      ],
      [
        '+ */vipd_alarms_active/*/{code="virtual_mac_arp",severity="warning",subject=""} *',
        VIRTUAL_MAC_ARP,
      ],
      ["+ */vipd_front_up *", METRICS],
      ["+ */vipd_front_restarts_total *", METRICS],
      ["+ */vipd_engine_restarts_total *", METRICS],
    )
  );

const API: readonly AcceptedDifference[] = [
  ...of("api/*", ['- /*server/vary "Accept-Encoding"', SERVER]),
  ...of("api/GET /v1/status*", ["+ /body/processes *", PROCESSES]),
  ...of(
    "api/GET /v1/events, with the token for reading",
    ["~ /body/*", AT_ONCE],
    ["+ /body/*/alarm *", AT_ONCE],
    ["- /body/*/subject *", AT_ONCE],
  ),
  ...of("api/GET /v1/events*", ['+ /body/* {*"code":"front_started",*', API_DOWN]),
  ...of(
    "api/GET /metrics*",
    [
      '+ /body/vipd_journal_entries_total/series/{severity="info",code="front_started"} *',
      API_DOWN,
    ],
    ['+ /body/vipd_journal_entries_total/series/{severity="warning",code="*_plaintext"} *', COUNTS],
    [
      '+ /body/vipd_journal_entries_total/series/{severity="notice",code="alarm_cleared"} *',
      AT_ONCE,
    ],
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
  ["+  | # After each end. If the engine died, what it has left on the machine goes*", STOP_POST],
  ["+  | # that the other node takes over without a wait; after a clean stop there*", STOP_POST],
  ["+  | ExecStopPost=*", STOP_POST],
  ["-  | ExecStartPre=/usr/local/bin/vipd check /etc/vipd/vipd.yaml", NO_START_PRE],
  ["+  | # It checks the file itself, and goes on if only a certificate of the API*", NO_START_PRE],
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

const IMPORTED: readonly AcceptedDifference[] = [
  ...of("configurations/import mail_and_scripts.conf", ["*", RX_LOWER]),
  ...of("configurations/import *", ["*skip_check_adv_addr: *", SKIP_CHECK]),
  ...of("configurations/*", ["* is not one of master, backup, fault, stop, *", REASSERTED]),
  ...of("configurations/*", ["* /check/err | * tls: { cert: /*, key: *", KEY_FILE_SHOWN]),
];

const INTERFACE_CODES = [
  "loopback_interface",
  "untracked_interface",
  "unused_interface",
  "down_delay_long",
  "advert_exceeds_mtu",
];

const LINK_STATES: readonly AcceptedDifference[] = [
  ...of(
    "cli/manpage vipd.yaml",
    ["+ /out | *nterfaces*", INTERFACES],
    ["+ /out | .TP", INTERFACES],
    ["+ /out | .SH INTERFACES.NAME", INTERFACES],
    ["+ /out | *_delay*", INTERFACES],
    ["+ /out | How long its link must be *", INTERFACES],
    ["+ /out | *track_interface*", TRACK_INTERFACE],
    ["+ /out | false: a lost link of interface *", TRACK_INTERFACE],
  ),
  ...of("codes/journal", ["+ /recording_*", RECORDING_CODES]),
  ...of("codes/alarms", ['+ /adverts_not_sent "error"', NOT_SENT]),
  ...INTERFACE_CODES.flatMap((code) => [
    ...of("codes/diagnostics", [`+ /${code} *`, LINK_RULES]),
    ...of("codes/OpenAPI", [`+ /*/Diagnostic/properties/code/enum/* "${code}"`, LINK_RULES]),
  ]),
  ...of(
    "codes/OpenAPI",
    ["+ /*/counters/advertisements_failed 0", FAILED_COUNT],
    ["+ /*/Counters/properties/advertisements_failed *", FAILED_COUNT],
    ['+ /*/Counters/required/* "advertisements_failed"', FAILED_COUNT],
    ['+ /*/Alarm/properties/code/enum/* "adverts_not_sent"', NOT_SENT],
  ),
  ...of(
    "codes/schema of the configuration",
    ["+ /properties/interfaces *", INTERFACES],
    ["+ /*/track_interface *", TRACK_INTERFACE],
  ),
  ...of("configurations/*", [
    "* /check/err | *instances, *notify, sync_groups, peers*",
    INTERFACES,
  ]),
  ...of(
    "configurations/import global_extras.conf",
    ["*interface_up_down_delays*", INTERFACES],
    ["* 19 errors", INTERFACES],
    ["* 16 not carried over, *", INTERFACES],
    ["+ /import/out | ", INTERFACES],
    ["+ /import/out | interfaces:", INTERFACES],
    ["+ /import/out |   eth0:", INTERFACES],
    ["+ /import/out | *_delay: *", INTERFACES],
  ),
  ...of(
    "configurations/import instance_extras.conf",
    ["*dont_track_primary*", TRACK_INTERFACE],
    ["+ /import/out | *track_interface: false", TRACK_INTERFACE],
  ),
  ...["metrics/*", "api/GET /metrics*"].flatMap((items) =>
    of(
      items,
      ['+ */vipd_alarms_active/*/{code="adverts_not_sent",*', NOT_SENT],
      ["+ */vipd_advertisements_failed_total *", FAILED_COUNT],
    )
  ),
  ...of(
    "api/*",
    ["+ /*/counters/advertisements_failed *", FAILED_COUNT],
    ["+ /*/track_interface true", TRACK_INTERFACE_STATUS],
  ),
  ...of(
    "codes/OpenAPI",
    ["+ /*/track_interface *", TRACK_INTERFACE_STATUS],
    ['+ /*/Instance*/required/* "track_interface"', TRACK_INTERFACE_STATUS],
  ),
];

const PROMOTED =
  "so that the host does not speak from it: new code of the journal `address_promoted`";
const MAC_CHANGED = "If the MAC address of an interface changes, its own address and the virtual " +
  "ones are announced again: `mac_changed`";
const OTHER_SOURCE = "New codes of the journal: `source_changed`, `peer_master_waits`";
const AMBIGUOUS = "`vipd check`, `vipd doctor` and `vipd import` warn about unicast without " +
  "`source_address` on an interface with several own addresses: `source_ambiguous`";

const OWN_ADDRESS: readonly AcceptedDifference[] = [
  ...of(
    "codes/journal",
    ["+ /address_promoted *", PROMOTED],
    ["+ /mac_changed *", MAC_CHANGED],
    ["+ /peer_master_waits *", OTHER_SOURCE],
    ["+ /source_changed *", OTHER_SOURCE],
  ),
  ...of("codes/diagnostics", ["+ /source_ambiguous *", AMBIGUOUS]),
  ...of("codes/findings of the doctor", ["+ /source_ambiguous *", AMBIGUOUS]),
  ...of("codes/OpenAPI", ["+ /components/schemas/Diagnostic/properties/code/enum/* *", AMBIGUOUS]),
];

const SOLE_BACKUP =
  "`sole_backup: auto | true | false`: the only backup of a pair takes over at once when " +
  "its master says goodbye";
const SOLE_BACKUP_STATUS =
  "`GET /v1/status` has `sole_backup` for each instance: whether it applies, and " +
  "why or why not";
const ENGINE_DIED = "`vipd goodbye` records in the journal what it found (new code `engine_died`)";
const THIRD_ROUTER = "New code of the journal: `third_router`";

const MASKED =
  "Secrets in diagnostics, the journal and the answer of a reload are masked by their place in " +
  "the document";

/** What is masked is exactly the secret, and whatever stands where one belongs. */
const SECRETS: readonly AcceptedDifference[] = of(
  "configurations/tests *",
  ["* /check/err |  * | *authentication: *", MASKED],
  ["* /check/err | *instances[0].authentication: expected a mapping *", MASKED],
);

const ELECTION: readonly AcceptedDifference[] = [
  ...of(
    "codes/journal",
    ["+ /third_router *", THIRD_ROUTER],
    ["+ /engine_died *", ENGINE_DIED],
  ),
  ...of(
    "codes/OpenAPI",
    ["+ /*/sole_backup *", SOLE_BACKUP_STATUS],
    ['+ /*/Instance/required/* "sole_backup"', SOLE_BACKUP_STATUS],
  ),
  ...of("codes/schema of the configuration", ["+ /*/sole_backup *", SOLE_BACKUP]),
  ...of("api/*", ["+ /*sole_backup *", SOLE_BACKUP_STATUS]),
  ...of("cli/manpage vipd.yaml", ["+ /out | *sole*backup*", SOLE_BACKUP]),
];

const TRUE_EXAMPLES =
  "The examples of the OpenAPI document say what vipd says: `check nginx is down`";

const EXAMPLES: readonly AcceptedDifference[] = of(
  "codes/OpenAPI",
  ['~ /*/example/*what "check nginx failed" -> "check nginx is down"', TRUE_EXAMPLES],
  ["~ /*/example/peers/*/priority/* 100 -> 80", TRUE_EXAMPLES],
  ["~ /*/v1/events/*/example/*/priority 90 -> 150", TRUE_EXAMPLES],
  ['- /*/v1/events/*/example | data: *"priority":90}', TRUE_EXAMPLES],
  ['+ /*/v1/events/*/example | data: *"priority":150}', TRUE_EXAMPLES],
);

const DISK: readonly AcceptedDifference[] = [
  ...of("codes/OpenAPI", ["+ /*/OrderAnswer/properties/not_kept *", NOT_KEPT]),
  ...of("cli/simulate *", ["* state_unwritable: * the disk has not answered *", DISK_REMEDIES]),
];

export const ACCEPTED_DIFFERENCES: readonly AcceptedDifference[] = [
  ...COMMAND_LINE,
  ...MANUAL_OF_CHECKS,
  ...CONFIGURATIONS,
  ...HELD_BACK,
  ...CODES,
  ...METRIC_FAMILIES,
  ...API,
  ...UNIT,
  ...TRACES,
  ...IMPORTED,
  ...IMPORT_MEANING,
  ...IMPORT_MORE,
  ...IMPORT_PIPES,
  ...IMPORT_IGNORED,
  ...IMPORT_REACH,
  ...IMPORT_UNTRACKED,
  ...INSTANCE_ADDRESSES,
  ...LINK_STATES,
  ...OWN_ADDRESS,
  ...SECRETS,
  ...ELECTION,
  ...EXAMPLES,
  ...DISK,
  ...BLOCKED_ADVERTS,
  ...PAIR,
  ...OFFERED,
  ...CLIENT,
  ...SHAPES,
  ...SHOWN,
  ...WITHOUT_SYSTEMD,
  ...OVERRIDES,
  ...ALARMS_BY_CAUSE,
  ...ONBOARD,
  ...FIRST_HOSTS,
  ...PAIRING,
  ...REHEARSE,
  ...REMEDIES,
  ...DOCTOR,
  ...PROBATION_DIFFERENCES,
];
