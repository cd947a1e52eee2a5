/**
 * `global_defs { ... }`.
 *
 * @module
 */

import { NOTHING_TO_DO } from "../finding.ts";
import type { PartialImport } from "../partial.ts";
import { announceRules } from "./announce.ts";
import { FIFO_RULES } from "./fifo.ts";
import { MAIL_RULES } from "./mail.ts";
import { builtIn, carried, each, notCarried, outOfScope, type Rule, type Rules } from "./rules.ts";
import { groupRule } from "./multicast_group.ts";
import { OWNER_IGNORES } from "./owner.ts";
import { readScriptUser } from "./scripts/script_user.ts";
import { type NumberRange, readFlag, readNumber, readWord } from "./values.ts";

const NO_SCRIPT = notCarried(
  "vipd starts no program when it starts or stops",
  "write ExecStartPre= and ExecStopPost= in its unit, or an entry of `notify` with `on: [daemon]`",
);

const NO_SNMP = notCarried(
  "vipd has no SNMP agent and no D-Bus interface",
  "use the HTTP API and GET /metrics",
);

const FIREWALL = builtIn(
  "vipd keeps packets from the addresses with rules of its own where `accept: false` asks for it",
);

const SCRIPT_SECURITY = builtIn(
  "vipd never runs a program that others than root, vipd and the user that runs it can change",
);

const LVS_TUNING = outOfScope(
  "it tunes load balancing by the kernel (LVS), which vipd does not do",
  "nginx balances; there is nothing to do for vipd",
);

const PROCESS_TUNING = builtIn(
  "it tunes keepalived's own processes; vipd has no such settings",
);

/** keepalived's lowest time between announcements is a microsecond, vipd's a millisecond; the most is a second. */
const SPACING: NumberRange = { min: 0.000_001, max: 1, vipdMin: 0.001, fractions: true };

function spacingRule(field: "garpIntervalS" | "gnaIntervalS", family: string): Rule<PartialImport> {
  return carried<PartialImport>("instances[].announce.interval", (partial, statement, report) => {
    // keepalived's own example has it.
    if (statement.words[0] === "0") {
      report.add("ignored", statement, "0 is no time; there is none without it", NOTHING_TO_DO);
      return;
    }
    const value = readNumber(statement, SPACING, report);
    if (value !== null) partial[field] = { value, statement };
  }, { note: `of all ${family} instances` });
}

/** vipd waits an hour at most. */
const START_DELAY: NumberRange = { min: 0, max: 4294, vipdMax: 3600, fractions: true };

export const GLOBAL_RULES: Rules<PartialImport> = {
  // The second is an old name of the first.
  ...each(
    "router_id lvs_id",
    carried<PartialImport>("node", (partial, statement, report) => {
      const value = readWord(statement, report);
      if (value !== null) partial.node = { value, statement };
    }),
  ),
  vrrp_version: carried("instances[].version", (partial, statement, report) => {
    const value = readNumber(statement, { min: 2, max: 3 }, report);
    if (value !== null) partial.version = { value: value === 3 ? 3 : 2, statement };
  }, { note: "the default of all instances" }),
  vrrp_strict: carried("", (partial, statement, report) => {
    const value = readFlag(statement, report);
    if (value !== null) partial.strict = { value, statement };
  }, {
    note:
      "vipd has no strict mode; what it switches off is switched off or reported for each instance",
  }),
  ...announceRules<PartialImport>("vrrp_", (partial) => partial.announce),
  vrrp_min_garp: carried("instances[].announce", (partial, statement, report) => {
    if (readFlag(statement, report)) Object.assign(partial.announce, { repeat: 1, delayS: 0 });
  }, { note: "becomes `delay: 0` and `repeat: 1`" }),
  vrrp_garp_interval: spacingRule("garpIntervalS", "IPv4"),
  vrrp_gna_interval: spacingRule("gnaIntervalS", "IPv6"),
  vrrp_down_timer_adverts: carried(
    "instances[].down_timer_adverts",
    (partial, statement, report) => {
      const value = readNumber(statement, { min: 1, max: 100 }, report);
      if (value !== null) partial.downTimerAdverts = { value, statement };
    },
    { note: "the default of all instances" },
  ),
  vrrp_lower_prio_no_advert: builtIn(
    "vipd answers a weaker master as the RFC of the version says: with an advert in version 3 only",
  ),
  vrrp_higher_prio_send_advert: builtIn(
    "vipd always sends a last advert when it yields to a stronger master",
  ),
  vrrp_skip_check_adv_addr: builtIn(
    "vipd drops adverts for their list of addresses only if they are another pair's",
  ),
  vrrp_check_unicast_src: builtIn("vipd accepts unicast adverts from peers alone"),
  vrrp_mcast_group4: groupRule("ipv4", "of all IPv4 instances without unicast peers"),
  vrrp_mcast_group6: groupRule("ipv6", "of all IPv6 instances without unicast peers"),
  vrrp_startup_delay: carried("start_delay", (partial, statement, report) => {
    const value = readNumber(statement, START_DELAY, report);
    if (value !== null) partial.startDelayS = { value, statement };
  }),
  vrrp_delay_after_boot: notCarried(
    "vipd does not ask how long ago the machine was booted",
    "write `start_delay`, which counts at each start of vipd",
    ["0"],
  ),
  script_user: carried("checks.NAME.user", (partial, statement, report) => {
    const user = readScriptUser(statement, report);
    partial.scriptUserSaid = statement;
    if (user === undefined) delete partial.scriptUser;
    else partial.scriptUser = user;
  }, { note: "of every `exec` that names none, and of `notify`", maxWords: 2 }),
  enable_script_security: {
    ...SCRIPT_SECURITY,
    apply(partial, statement, report, reading) {
      partial.scriptSecurity = statement;
      SCRIPT_SECURITY.apply(partial, statement, report, reading);
    },
  },
  default_interface: builtIn("each instance names its interface"),
  ...MAIL_RULES,
  ...FIFO_RULES,
  ...each("startup_script shutdown_script", NO_SCRIPT),
  ...each(
    "startup_script_timeout shutdown_script_timeout",
    builtIn("alone it does nothing; `startup_script` and `shutdown_script` name the programs"),
  ),
  ...each(
    "enable_snmp_vrrp enable_snmp_keepalived enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2 " +
      "enable_snmp_rfcv3 enable_traps enable_dbus",
    NO_SNMP,
  ),
  snmp_socket: builtIn("alone it does nothing; `enable_snmp_vrrp` and its like start the agent"),
  ...each(
    "dbus_service_name dbus_no_interface_name",
    builtIn("alone it does nothing; `enable_dbus` starts the interface"),
  ),
  ...each(
    "vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_counters nftables_ifindex",
    FIREWALL,
  ),
  disable_local_igmp: notCarried(
    "vipd leaves IGMP of the machine as it is",
    "let the firewall discard the IGMP packets that the network must not see",
  ),
  ...each(
    "lvs_sync_daemon lvs_sync_daemon_interface lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_timeouts " +
      "lvs_notify_fifo lvs_notify_fifo_script lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force " +
      "lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force lvs_process_name rs_init_notifies " +
      "no_checker_emails checker_log_all_failures checker_priority checker_no_swap checker_cpu_affinity " +
      "checker_rt_priority checker_rlimit_rttime checker_rlimit_rtime checker_process_name nftables_ipvs " +
      "nftables_ipvs_priority nftables_ipvs_start_fwmark snmp_rs_stats_update_interval " +
      "snmp_vs_stats_update_interval",
    LVS_TUNING,
  ),
  vrrp_rt_priority: carried("process.realtime_priority", (partial, statement, report) => {
    const value = readNumber(statement, { min: 1, max: 99 }, report);
    if (value !== null) partial.realtimePriority = { value, statement };
  }, { note: "vipd's unit must allow it (vipd man install)" }),
  vrrp_priority: carried("process.nice", (partial, statement, report) => {
    const value = readNumber(statement, { min: -20, max: 19 }, report);
    if (value !== null) partial.nice = { value, statement };
  }, { note: "vipd's unit must allow it (vipd man install)" }),
  vrrp_no_swap: notCarried(
    "vipd cannot lock its memory; the service manager can keep it from being swapped out",
    "write MemorySwapMax=0 in its unit",
  ),
  // The second is an old name of the first.
  ...each(
    "vrrp_rlimit_rttime vrrp_rlimit_rtime",
    notCarried(
      "the service manager limits how long a real-time program may run without a rest",
      "write LimitRTTIME= in its unit",
    ),
  ),
  ...each(
    "process_names process_name vrrp_process_name bfd_process_name bfd_priority bfd_no_swap " +
      "bfd_cpu_affinity bfd_rt_priority bfd_rlimit_rttime bfd_rlimit_rtime vrrp_cpu_affinity " +
      "max_auto_priority min_auto_priority_delay vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force " +
      "vrrp_netlink_monitor_rcv_bufs vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs " +
      "process_monitor_rcv_bufs_force vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier tmp_config_directory " +
      "config_save_dir data_use_instance json_version umask random_seed child_wait_time instance " +
      "use_pid_dir use_symlink_paths state_dump_file stats_dump_file json_dump_file",
    PROCESS_TUNING,
  ),
  ...each(
    "reload_check_config reload_time_file reload_repeat reload_file include_check",
    builtIn("`vipd check` tests a configuration before it is used"),
  ),
  dynamic_interfaces: builtIn("vipd waits for interfaces that are not there yet"),
  log_unknown_vrids: builtIn("vipd counts adverts that belong to no instance; see GET /v1/status"),
  ...each(
    "net_namespace net_namespace_ipvs namespace_with_ipsets",
    notCarried(
      "vipd works in the network namespace in which it is started",
      "start it there: ip netns exec NAME vipd run, or NetworkNamespacePath= in its unit",
    ),
  ),
  vmac_prefix: carried("instances[].virtual_mac", (partial, statement, report) => {
    const value = readWord(statement, report);
    if (value !== null) partial.macPrefix = { value, statement };
  }, { note: "becomes `virtual_mac: { interface: PREFIX.VRID }`", first: true }),
  vmac_addr_prefix: builtIn("only addresses with `use_vmac` of their own have such interfaces"),
  // The second is an old name of the first.
  ...each(
    "vrrp_garp_extra_if_vmac vrrp_vmac_garp_intvl",
    builtIn("vipd announces the addresses from their virtual MAC address"),
  ),
  vrrp_owner_ignore_adverts: OWNER_IGNORES,
  set_supplementary_groups: notCarried(
    "a program has its user and one group, and no other groups of its user",
    "name the group that it needs: `user NAME GROUP`",
  ),
  ...each(
    "iproute_etc_dir iproute_usr_dir",
    builtIn("vipd reads no names of routing tables", "write tables as numbers"),
  ),
  linkbeat_use_polling: builtIn("vipd hears of the carrier from the kernel"),
};
