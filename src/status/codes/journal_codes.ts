/**
 * The codes of the journal's entries. They are stable: scripts and alert rules may rely on them.
 *
 * @module
 */

import type { DiagnosticCode } from "../../config/diagnostics.ts";

/** Every code with the meaning of its entries; docs/codes.md is written from it. */
export const JOURNAL_CODES = {
  address_altered: "Another program changed an address of vipd's; vipd puts it back as configured.",
  address_failed: "An address cannot be added to its interface or removed; it is tried again.",
  address_left_behind:
    "An address of an earlier run was removed at start, or one stays at the end.",
  address_vanished: "Another program removed an address; vipd adds it again.",
  address_promoted:
    "A virtual address had become its network's primary one; it stands behind the host's own again.",
  alarm_cleared: "An alarm is over; `alarm` names it.",
  alarm_raised: "An alarm begins; `alarm` names it.",
  announcement_failed: "A gratuitous ARP or neighbour advertisement could not be sent.",
  api_addresses_untold:
    "The addresses of the API could not be written into run_dir: after a change of api.listen commands need --api.",
  api_failed: "A call of the API failed by a defect of vipd.",
  api_socket_failed: "A unix socket of the API cannot be offered where it is to be.",
  api_token_guessed:
    "Too many wrong tokens came from one place; one entry a minute at most, with their number.",
  certificate_not_renewed:
    "The API's certificate, which vipd pair made, ends soon and could not be renewed, and why; tried again in a day.",
  certificate_renewed:
    "The API's certificate, which vipd pair made, was renewed with the same key, and serves.",
  check_changed: "A check turned up or down.",
  claims_unheard: "A second node with the addresses would not be noticed on this interface.",
  clock_set_back:
    "The last event of the run before is later than this machine's clock: it was set back, or was wrong then.",
  config_changed: "A reload changed this key.",
  crashed: "A defect of vipd: it removes its addresses and ends. Please report it.",
  drain_failed: "Open connections do not outlive this hand-over; new ones do.",
  engine_died:
    "An engine died and left these addresses on the machine, which vipd removes; it counts for `damping`.",
  front_ended: "The process that serves the API has ended, why, and whether it is started again.",
  front_not_separated:
    "The front runs as the engine's own user, which could end the engine, or as one that others run as, too; what to do about it.",
  front_refused:
    "A process wants to serve the API and may not: another user's, or of a version that does not fit.",
  front_started: "The process that serves the API has started; `started` says where it listens.",
  hold_ended: "A node that was held back takes part in elections as configured again, and why.",
  journal_damaged: "Lines of the kept journal could not be read and are left out.",
  mac_changed: "An interface has another MAC address; its addresses are announced again.",
  notification_failed: "A delivery to a target of `notify` failed, and whether vipd tries again.",
  notification_lost: "Notifications are given up, and how many.",
  notification_recovered: "A target of `notify` gets events again, and what it missed.",
  notify_failed: "The daemon's state could not be reported to systemd.",
  order_dropped: "An override was kept for an instance that is no more.",
  order_failed: "A demote had no effect: this node stays master, or another event was faster.",
  order_ended: "An override ended: released, over, or replaced.",
  order_given: "Somebody gave a command: promote, demote or a priority.",
  order_resumed: "An override of an earlier run is in force again.",
  packet_dropped: "An advert was discarded, with the reason and its remedy.",
  peer_master_waits:
    "After its link came up, an instance leaves the addresses to a node that says it is master.",
  probation_began:
    "A reload put a configuration on probation; when vipd goes back to the one before.",
  probation_unknown:
    "The disk did not say at the start whether the configuration is on probation: vipd runs with it.",
  probation_ended:
    "A start took a file that was edited in a probation: nothing is on probation any more.",
  probation_kept: "Somebody kept the configuration that was on probation.",
  priority_changed: "The effective priority changed, and what moved it.",
  process_not_tuned: "The kernel does not grant what `process` asks for; vipd runs on without it.",
  reasserted:
    "A weaker master was heard, as after a partition, and has yielded: what moves with the mastership is to be moved again.",
  replay_marks_lost: "The file that keeps recorded adverts out after a restart could not be read.",
  recording_ended:
    "Nothing more is written to the file of `vipd run --record`: it is full, or cannot be written, and what helps.",
  recording_started: "vipd records in a file what the engine hears (`vipd run --record`).",
  recovery_exhausted: "The `on_fail` command has no tries left: the check turns down.",
  recovery_failed: "The `on_fail` command did not bring the service back.",
  recovery_started: "The `on_fail` command of a check runs.",
  recovery_succeeded: "The service is well again after its `on_fail` command.",
  resource_elsewhere:
    "Another daemon on this machine has an address, route, rule or interface in its care.",
  reload_failed: "A reload was refused; one entry for each problem.",
  reloaded: "The configuration was read again.",
  routing_altered: "Another program changed a route of vipd's; vipd puts it back as configured.",
  routing_failed: "A route or policy rule cannot be put or removed; it is tried again.",
  routing_left_behind: "A route or rule of an earlier run was removed at start.",
  routing_vanished: "A route or rule went without vipd's doing; vipd puts it back.",
  run_dir_lost:
    "A file or folder of run_dir was removed while vipd ran: it was made again, or why that failed.",
  send_failed: "An advert could not be sent; logged once until one leaves again.",
  source_changed: "Adverts come from another own address, because the one before is gone or back.",
  started: "vipd starts; where its API listens.",
  third_router:
    "A third router of the VRID is heard: the backup waits Skew_Time again after a goodbye.",
  state_changed: "An instance changed its state; `transition` says from where, to where and why.",
  stopped: "vipd has stopped.",
  stopping: "vipd was asked to stop, and by which signal.",
  sync_group_waits:
    "A member does not replace a silent master while another member would lose to its own.",
  token_file_lost:
    "A token file was lost while vipd ran: it was made again with a new token, or why that failed.",
  token_file_open: "Other users can read a token file.",
  verdict_changed:
    "The verdict on an instance of the pair is another one; `verdict` says from which to which.",
  virtual_mac_altered:
    "Another program changed the interface with the virtual MAC address; vipd changes it back.",
  virtual_mac_failed: "The interface with the virtual MAC address cannot be made or removed.",
  virtual_mac_left_behind: "An interface of an earlier run was removed at start.",
} as const satisfies Readonly<Record<string, string>>;

/** A warning about the configuration keeps its own code. */
export type JournalCode = keyof typeof JOURNAL_CODES | DiagnosticCode;
