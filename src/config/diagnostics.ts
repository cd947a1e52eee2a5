/**
 * The faults of a configuration, their places and their remedies.
 *
 * @module
 */

import { printable } from "../wire/printable.ts";

/** Every problem of a configuration file: its stable code and what it means. */
export const DIAGNOSTIC_CODES = {
  file_not_found: "The file does not exist.",
  file_unreadable: "The file cannot be read: permission, a folder, an input error.",
  file_too_large: "The file is larger than 1 MiB, so it is hardly a configuration.",
  file_not_utf8: "The file is not UTF-8 text.",
  file_empty: "The file holds nothing but blanks and comments.",
  more_problems: "There are more problems than are shown.",
  yaml_syntax: "The text is not YAML.",
  duplicate_key: "A key stands twice in one mapping.",
  unknown_key: "A key that vipd does not know.",
  missing_key: "A required key is missing.",
  wrong_type: "A value of another kind is needed: a number, a text, a list, a mapping.",
  out_of_range: "A number, a length or a duration is outside its range.",
  unknown_choice: "The value is not one of the possible ones.",
  invalid_name: "A name has characters that it must not have.",
  no_node_name: "No `node` is given and the machine has no usable host name.",
  invalid_duration: "A duration cannot be read.",
  invalid_path: "A path is not absolute, or cannot be one.",
  invalid_listen: "An address to listen on cannot be read.",
  invalid_api_host: "A name in `api.hosts` is no host name, or means any site or this machine.",
  listen_not_local: "The API would be reachable from other machines, without TLS.",
  listen_plaintext: "Warning: the API is reachable from other machines, without TLS.",
  invalid_tls: "A certificate or key of the API that cannot be read.",
  duplicate_listen: "The API is to listen on the same address twice.",
  invalid_url: "A URL cannot be probed.",
  invalid_target: "A host and port cannot be read.",
  invalid_status: "A status code or a range of them cannot be read.",
  invalid_command: "A command that begins with no program, or that needs a shell.",
  no_shell: "Warning: a word of a command that only a shell understands, and no shell reads it.",
  invalid_user: "A text cannot be a user of this machine.",
  unknown_user: "Warning: a user or group that this machine does not know.",
  user_needs_root: "Warning: programs are to run as another user, and vipd does not run as root.",
  program_missing: "Warning: a program or its interpreter is not there; what runs it fails.",
  program_not_executable: "Warning: a file is not executable; what runs it fails.",
  program_unsafe: "Warning: others can change a program, so what runs it fails.",
  invalid_mail: "A text is not a mail address.",
  invalid_notify: "An entry of `notify` lacks something, or has something twice.",
  duplicate_notify: "Two entries of `notify` of one name.",
  login_not_encrypted: "A mail server's password would travel in clear text.",
  notify_file_unreadable: "Warning: a file that `notify` names cannot be read.",
  peer_token_unreadable: "Warning: a `token_file` of `peers` cannot be read.",
  notify_pipe_unusable:
    "Warning: what is at the path of a named pipe is none, or vipd cannot make one there.",
  notify_file_open: "Warning: other users can read a file that holds a secret.",
  https_only: "A key about a server's certificate, and the server is asked by http.",
  interface_needed: "A ping check of a link-local address that does not say on which link.",
  timeout_too_long: "Warning: a probe may still run when the next one is due, which then waits.",
  invalid_interface: "No network interface can have this name.",
  loopback_interface: "VRRP on the loopback interface, which reaches no other node.",
  untracked_interface:
    "Warning: `track_interface: false` on the interface that carries the addresses.",
  unused_interface: "Warning: an entry of `interfaces` that no instance uses.",
  down_delay_long: "Warning: a `down_delay` that outlasts the time until another node takes over.",
  advert_exceeds_mtu: "Warning: an advert is larger than the interface's MTU.",
  invalid_address: "A text is not an IP address with or without prefix length.",
  address_not_usable: "An address that no machine can answer for: loopback, multicast, broadcast.",
  duplicate_address: "A virtual address stands twice.",
  too_many_addresses: "Warning: more virtual addresses than an advertisement holds.",
  first_not_advertised: "The first address of an instance is not to be advertised.",
  mixed_families: "IPv4 and IPv6 addresses in the adverts of one instance.",
  own_address: "Warning: a virtual address is this machine's own: both nodes answer for it.",
  no_addresses: "Warning: the adverts of an instance name no address.",
  wrong_family: "A source or peer address is not of the family of the virtual addresses.",
  ipv6_version: "IPv6 addresses with VRRP version 2, which has none.",
  ipv6_first_address: "Warning: the first IPv6 address is not link-local.",
  source_ambiguous:
    "Warning: unicast adverts could come from several own addresses, and peers accept one.",
  source_is_virtual: "The source of the adverts is an address that moves between the nodes.",
  invalid_multicast_group: "A multicast group that is none, or stands next to `unicast`.",
  source_not_link_local: "The source of multicast IPv6 adverts is not link-local.",
  invalid_peer: "A unicast peer is this node itself or a virtual address.",
  duplicate_peer: "A peer stands twice.",
  invalid_client_check: "A text is not what a client can ask a virtual address.",
  invalid_peer_url: "A text is not where a peer's API can listen.",
  own_peer_url: "A `url` of `peers` is this node's own API, on this machine, or a virtual address.",
  peer_plaintext: "Warning: a token would travel to a peer without TLS.",
  certificate_of_authority:
    "The API's certificate may sign others (CA:TRUE), so other nodes and vipd's commands refuse it.",
  api_certificate_ends:
    "Warning: the API's certificate ends soon, has ended, or has not begun by this machine's clock.",
  ca_unused: "Certificates to be trusted for a peer that is not reached by https.",
  duplicate_virtual_interface: "Two interfaces with a virtual MAC address have one name.",
  ipv4_option: "An option that IPv6 does not have.",
  invalid_broadcast: "A broadcast address that is none, or that the network does not have.",
  invalid_network: "A text is not a network such as 10.1.0.0/16.",
  invalid_rule: "A policy rule that does not say which packets it is for.",
  invalid_route: "A route with two ways, or with one that its packets do not go.",
  conflicting_route:
    "Two instances have a route to one destination that differ: the host can have only one.",
  duplicate_route: "Two routes or two rules that are the same to the kernel.",
  invalid_label: "An address label that the kernel does not take.",
  label_prefix: "Warning: a label that does not begin with its device's name.",
  duplicate_instance: "Two instances of one name.",
  duplicate_vrid: "Two instances with one VRID on one interface.",
  duplicate_sync_group: "Two sync groups of one name.",
  unknown_instance: "A sync group or `notify` names an instance that is not defined.",
  unknown_sync_group: "`notify` names a sync group that is not defined.",
  instance_in_two_groups: "An instance stands in sync groups twice.",
  sync_group_priorities: "Warning: the members of a sync group have different priorities.",
  invalid_advert_interval: "An interval that the VRRP version cannot say.",
  invalid_lease: "A lease is neither a number of seconds nor `auto` nor `off`.",
  lease_short: "A lease that a healthy master could not keep.",
  lease_long: "Warning: a lease that outlasts the time until another node takes over.",
  authentication_version: "Authentication in VRRP version 3, which has none.",
  invalid_key: "A key for signing adverts that cannot be read, or is too short.",
  unknown_key_id: "`active_key` is none of the keys.",
  duplicate_key_id: "Two keys of one number.",
  invalid_password: "A password that VRRP version 2 cannot carry.",
  accept_owner: "The owner of the addresses (priority 255) has `accept: false`.",
  preempt_owner: "The owner of the addresses (priority 255) has `preempt: false`.",
  preempt_delay_unused: "A preempt delay where nothing is preempted, or nothing may delay it.",
  owner_weight: "Warning: weights do not move the priority 255 of an owner.",
  last_resort_owner: "The owner of the addresses (priority 255) has `when_down: last_resort`.",
  unknown_check: "An instance tracks a check that is not defined.",
  invalid_track: "A tracked thing is neither one check nor one interface.",
  duplicate_track: "The same thing is tracked twice in the same way.",
  weight_and_when_down: "A tracked thing has both `weight` and `when_down`.",
  invalid_weight: "A weight that does nothing.",
  weight_too_small:
    "Warning: next to a node of the usual priority, no failure with a weight moves the addresses.",
  weight_without_preempt: "Warning: a weight, and no node that preempts.",
  keepalived_error: "A keepalived.conf that cannot be converted.",
  keepalived_not_carried: "A keepalived.conf says something that vipd does not do.",
  keepalived_carried: "Warning: vipd does in another way what a keepalived.conf says.",
  config_readable: "Warning: other users can read a file that holds a password.",
  needs_restart: "A reload is to change what only a restart changes.",
  pair_differs:
    "Two configurations of a pair differ where both nodes need the same, or have the same where not.",
  leaves_nobody:
    "A reload would put an instance in fault, and no other node is known that would serve it.",
  probation_impossible: "A configuration from standard input is to be on probation.",
  probation_unrecorded: "The disk does not take the configuration to which vipd would go back.",
  token_file_failed: "A reload names a token file that cannot be used.",
  listen_failed: "A reload names an address that the API cannot listen on.",
  defect: "A defect of vipd kept it from reading the configuration.",
} as const satisfies Record<string, string>;

/** Stable name of a problem; renaming one breaks scripts. */
export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

/** Only a running vipd finds these, when it is to take a valid file: `vipd check` shows nothing of them. */
export const RELOAD_ALONE: ReadonlySet<DiagnosticCode> = new Set([
  ...["needs_restart", "leaves_nobody", "token_file_failed", "listen_failed"] as const,
]);

export interface Diagnostic {
  /** An error refuses the configuration; a warning does not. */
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  /** As the caller named it. */
  readonly file: string;
  /** From 1; `null` when the problem is the file itself. */
  readonly line: number | null;
  /** From 1, in UTF-16 units; `null` when `line` is. */
  readonly column: number | null;
  /** `instances[0].vrid`; `null` when no key is to blame. */
  readonly key: string | null;
  /** The fault, to be read after the key. */
  readonly message: string;
  /** The remedy. */
  readonly hint: string;
  /** The file's line, passwords masked; `null` when `line` is. */
  readonly excerpt: string | null;
  /** The file that this user may not read, if that is the fault. */
  readonly unreadable?: string;
}

/** How `formatDiagnostic` writes. */
export interface FormatOptions {
  /** Adds the line of the file and a caret below it; for people. */
  readonly excerpt?: boolean;
}

/**
 * One diagnostic as text, in the form that editors and CI systems recognise:
 * `vipd.yaml:12:5: error: instances[0].vrid: 300 is not between 1 and 255; choose ... [out_of_range]`.
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions = {}): string {
  const { file, line, column, severity, key, message, hint, code, excerpt } = diagnostic;
  const place = line === null ? file : `${file}:${line}:${column}`;
  const subject = key === null ? "" : `${key}: `;
  const head = printable(`${place}: ${severity}: ${subject}${message}; ${hint} [${code}]`);
  if (!options.excerpt || excerpt === null || column === null) return head;
  const { text, caretAt } = clip(excerpt, column - 1);
  // Tabs stay tabs, so that the caret stands below its character whatever their width.
  const indent = text.slice(0, caretAt).replace(/[^\t]/g, " ");
  const gutter = `${line}`.padStart(5);
  return `${head}\n${gutter} | ${text}\n${" ".repeat(gutter.length)} | ${indent}^`;
}

/** A line, or of a long one the part around the caret. */
function clip(line: string, caretAt: number): { text: string; caretAt: number } {
  const width = 100;
  const from = line.length <= width ? 0 : Math.max(0, caretAt - width / 2);
  const text = line.slice(from, from + width).split("\t").map(printable).join("\t");
  return { text, caretAt: caretAt - from };
}

/** Sorts diagnostics as one reads the file; those without a place come first. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Each diagnostic with its line of the file; empty if there is none. */
export function diagnosticsText(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((diagnostic) => `${formatDiagnostic(diagnostic, { excerpt: true })}\n`)
    .join("");
}
