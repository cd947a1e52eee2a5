/**
 * Files that keepalived's own test does not accept, though the machine has all that they name: each is about what the
 * test remarks on, and there is no other remark.
 *
 * @module
 */

/** The version whose words these are. */
export const VERSION = "keepalived 2.2.7";

/** A keyword that it does not know, and what follows from the block of one. */
const UNKNOWN = /Unknown keyword|Unexpected '\{' - ignoring/;
const UNKNOWN_BLOCK = /Unknown keyword|Unexpected '\{' - ignoring|No VIP specified/;
const UNKNOWN_STATE = /unknown state '\w+', defaulting to BACKUP/;
const PRIORITY = /outside range \[1, 255\]|invalid number|Priority not valid! .* Using default 100/;
const NO_VALUE = /is missing a parameter after keyword/;
const NO_VIP = /No VIP specified; at least one is sensible/;
const NO_PREFERENCE = /Rule has no preference specified - setting to 163/;
const INTERVAL = /advertisement interval .* (?:rounding|Setting to 40\.95s)$/;
const CUT_PASSWORD = /Truncating auth_pass to 8 characters/;

/** By file: what each line of the test matches, or that the test does not come to an end. */
export const NOT_ACCEPTED: Readonly<Record<string, RegExp | "no end">> = {
  // Keywords and parameters of later versions.
  "later_keywords.conf": any(UNKNOWN, /is deprecated - please use "vrrp_garp_extra_if"/),
  "auth_hmac.conf": UNKNOWN_BLOCK,
  "auth_hmac_broken.conf": UNKNOWN_BLOCK,
  "auth_hmac_empty.conf": UNKNOWN_BLOCK,
  "environment.conf": any(UNKNOWN_BLOCK, PRIORITY),
  "options_without_effect_here.conf":
    /Unknown keyword|iptables not supported|nftables already specified|Cannot specify VRF interface/,
  "process_settings.conf": UNKNOWN,
  "environment_missing.conf": any(CUT_PASSWORD, PRIORITY),
  "virtual_mac.conf": UNKNOWN,

  // Keywords of earlier versions, typing errors and braces in wrong places.
  "broken.conf":
    /Unknown keyword|Unexpected '\{'|Extra '\}'|[Uu]n\w+ quote|missing '\}'s|must have a name|is missing a parameter/,
  "here_document.conf": /missing terminating "|No script set for|track script chk not found/,
  "lookalikes.conf": any(UNKNOWN, CUT_PASSWORD),
  "missing_brace.conf": /There are 1 missing '\}'s or extra '\{'s/,
  "missing_values.conf": NO_VALUE,
  "names_missing.conf": any(NO_VALUE, /'?70000'?|must have a name/),
  "names_of_nodes.conf": any(UNKNOWN, /Extra '\}' found/),
  "one_x.conf":
    /Unknown keyword 'lvs_id'|lvs_sync_daemon|Cannot specify native_ipv6 with IPv4 addresses/,
  "surplus_brace.conf": /Extra '\}' found|Unknown keyword '\}'/,
  "typos.conf": any(UNKNOWN, /interface eth0; for|Non-existent interface/),

  // Marks and quotation marks, blocks and braces.
  "blocks_missing.conf":
    /has extra parameters|has empty group block|not found, ignoring|has no virtual router|Unknown keyword|Unexpected '\{'/,
  "byte_order_mark.conf": any(UNKNOWN, /track script chk not found/),
  "byte_order_mark_comment.conf": UNKNOWN,
  "parameters_undefined.conf": any(UNKNOWN, /interface \$ for|Non-existent interface/),
  "scripts_open_quote.conf": /missing terminating '|No script set for|track script chk not found/,
  "surplus_brace_in_instance.conf": any(UNKNOWN_BLOCK, /Extra '\}' found/),

  // Templates.
  "parameters_broken.conf": "no end",
  "template_erb.conf": PRIORITY,
  "template_go.conf": NO_VALUE,
  "template_jinja.conf": NO_VALUE,

  // Values that it corrects or ignores.
  "mail_port_after_colon.conf": /Invalid smtp server localhost:587 25/,
  "scripts_of_shells.conf": /Disabling track script (?:home|variable|opens) since not found/,
  "addresses.conf":
    /Cannot specify address prefix|broadcast|No dev parameter|Unknown configuration entry|address family must match/,
  "addresses_corrected.conf":
    /invalid IP|longer than maximum|Invalid address prefix|outside range \[0, 32\]|invalid number|Unknown configuration entry/,
  "addresses_invalid.conf":
    /invalid IP|'99'|Invalid address prefix|255\.255\.255\.0|longer than maximum|no_virtual_ipaddress|No VIP|both use VRID 10/,
  "announce.conf": /garp_master_(?:delay|repeat)|'5000' outside range/,
  "authentication_ah_without_effect.conf": /does not support authentication|no password given/,
  "authentication.conf":
    /Truncating|unknown authentication type|no password given|does not support authentication/,
  "includes_broken.conf": /missing\.conf|open problem|already defined/,
  "garp_unannounced.conf": /greater than 0, setting to 1|Strict mode requires no repeat garps/,
  "interval_fraction_version2.conf": INTERVAL,
  "interval_too_long_version3.conf": INTERVAL,
  "ipv6_order.conf": /Cannot specify scope for IPv6 addresses/,
  "kubernetes.conf": /VRRP version 3 does not support authentication/,
  "label_ipv6.conf": /Cannot specify label for IPv6 addresses/,
  "mail_wrong_unasked.conf": /Invalid smtp server/,
  "master_without_priority.conf": any(UNKNOWN_STATE, PRIORITY),
  "multicast_group_wrong.conf": /\[10\.0\.0\.5\] is not multicast/,
  "password_cut_character.conf": CUT_PASSWORD,
  "password_not_ascii.conf": CUT_PASSWORD,
  "priority_0.conf": PRIORITY,
  "priority_300.conf": PRIORITY,
  "priority_abc.conf": PRIORITY,
  "rarely_written.conf":
    /smtp_conect_timeout|email_faults|4294967296|'256'|eth4|VMAC MAC|v3_checksum|'many'|duplicate|already specified|vmac_xmit_base|еth1|Non-existent interface/,
  "relative_script.conf": /No script set for|Disabling track script chk since not found/,
  "script_file_missing.conf": /Disabling track script chk since not found/,
  "state_lower_case.conf": UNKNOWN_STATE,
  "state_slave.conf": UNKNOWN_STATE,
  "second_of_name.conf": /already defined/,
  "sequences_broken.conf": /Invalid ~(?:SEQ|LST)|~SEQx is only valid|~LST specification has/,
  "strict.conf":
    /'0'|State MASTER must match being address owner|Strict mode does not support authentication/,
  "timers.conf":
    /vrrp_delay_after_boot|'101'|'1001'|Preempt_delay not valid|preempt.delay will not work|is incompatible with/,
  "track_file.conf": "no end",
  "unicast_peers_unreadable.conf": /malformed unicast peer address|without any unicast peers/,
  "unicast_peers_wrong.conf":
    /malformed unicast peer|is missing a value|24[;,]|10\.0\.0\.102|address family must match/,
  "version3.conf": any(INTERVAL, /v3_checksum_as_v2|'4'|Version must be|soon/),

  // Settings that do not go together, or of which it warns.
  "accept.conf": /accept mode for VRRP version 2 does not comply/,
  "both_families.conf": NO_PREFERENCE,
  "excluded_only.conf": NO_VIP,
  "owner.conf": /nopreempt is incompatible with priority 255/,
  "preempt_delay_master.conf": /preempt delay will not work with initial state MASTER/,
  "route_attributes.conf": /cannot track route .* with no interface|"or" for routes is deprecated/,
  "routing.conf": any(
    NO_PREFERENCE,
    /cannot track route .* with no interface|must have a destination|table blue not found|No action/,
  ),
  "rules_in_order.conf": NO_PREFERENCE,
  "static_rules.conf": NO_PREFERENCE,
  "strict_version2.conf": /Strict mode does not|incompatible with strict mode|does not comply/,
  "strict_version3.conf": /incompatible with strict mode|Strict mode requires no repeat garps/,
  "track_interfaces.conf": /Ignoring track_interface eth0 since own interface/,
  "unicast_empty.conf": /without any unicast peers/,
  "virtual_mac_unicast.conf": /unicast with use_vmac requires vmac_xmit_base/,
};

function any(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join("|"));
}
