/**
 * `vrrp_instance NAME { ... }`.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import type { Report } from "../finding.ts";
import type { PartialInstance, PartialTrack } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";
import { announceRules } from "./announce.ts";
import { HMAC_RULES } from "./auth_hmac.ts";
import { INSTANCE_GROUP } from "./multicast_group.ts";
import { NOTIFY_RULES } from "./notify.ts";
import { OWNER_IGNORES } from "./owner.ts";
import {
  applyRules,
  builtIn,
  carried,
  each,
  notCarried,
  outOfScope,
  type Rule,
  type Rules,
} from "./rules.ts";
import { readPeer, withoutMask } from "./unicast_peer.ts";
import { DEFAULT_PRIORITY, readFlag, readNumber, readWord } from "./values.ts";
import { readVirtualAddress } from "./virtual_address.ts";
import { readVirtualMac } from "./virtual_mac.ts";
import { readRoute } from "./virtual_route.ts";
import { readRule } from "./virtual_rule.ts";
import { readTrackEntry } from "./weight.ts";

const SOURCE_ADDRESS = carried<PartialInstance>(
  "instances[].source_address",
  (partial, statement, report) => {
    const word = readWord(statement, report);
    if (word === null) return;
    partial.sourceAddress = { value: withoutMask(word, statement, report), statement };
  },
);

const OTHER_VMAC = notCarried(
  "vipd has the virtual MAC address for all addresses of an instance or for none",
  "write `virtual_mac: true` if that is what is wanted",
);

/** `track_script { ... }` and similar, of an instance or of a sync group. */
export function trackRule<T extends { readonly tracks: PartialTrack[] }>(
  kind: PartialTrack["kind"],
  key: string,
): Rule<T> {
  return carried<T>(key, ({ tracks }, { block }, report) => {
    for (const statement of block ?? []) {
      tracks.push({ kind, ...readTrackEntry(statement, report), statement });
    }
  }, { maxWords: 0, adds: true, takesBlock: true });
}

/** Tracking that vipd does not know; of an instance or of a sync group. */
export const UNTRACKED: Readonly<Record<string, Rule<unknown>>> = {
  track_bfd: notCarried("vipd does not speak BFD", "shorten `advert_interval`, with version 3"),
};

export const INSTANCE_RULES: Rules<PartialInstance> = {
  state: carried("", readState, {
    note: "each node starts as backup and the priority decides; MASTER without priority means 255",
  }),
  interface: carried("instances[].interface", (partial, statement, report) => {
    const value = readWord(statement, report);
    if (value !== null) partial.interface = { value, statement };
  }),
  virtual_router_id: carried("instances[].vrid", (partial, statement, report) => {
    const value = readNumber(statement, { min: 1, max: 255, needed: true }, report);
    if (value !== null) partial.vrid = { value, statement };
    partial.vridWrong = value === null;
  }),
  priority: carried("instances[].priority", (partial, statement, report) => {
    // keepalived replaces a wrong one by 100, also with `state MASTER`: only without the keyword that means 255.
    const value = readNumber(statement, { min: 1, max: 255 }, report) ?? DEFAULT_PRIORITY;
    partial.priority = { value, statement };
  }),
  version: carried("instances[].version", (partial, statement, report) => {
    const value = readNumber(statement, { min: 2, max: 3 }, report);
    if (value !== null) partial.version = { value: value === 3 ? 3 : 2, statement };
  }),
  advert_int: carried("instances[].advert_interval", (partial, statement, report) => {
    const value = readNumber(statement, { min: 0.01, max: 255, fractions: true }, report);
    if (value !== null) partial.advertIntervalS = { value, statement };
  }),
  nopreempt: carried("instances[].preempt", (partial, statement) => {
    partial.noPreempt = statement;
  }, { note: "becomes `preempt: false`, not together with `state MASTER`", maxWords: 0 }),
  preempt: carried("instances[].preempt", (partial, _, report) => {
    if (partial.noPreempt) {
      const message = "`preempt` below it counts";
      report.add("ignored", partial.noPreempt, message, "keep one of the two");
    }
    delete partial.noPreempt;
  }, { maxWords: 0 }),
  authentication: carried("instances[].authentication", (partial, statement, _, reading) => {
    partial.authentication = statement;
    applyRules(statement.block ?? [], AUTHENTICATION_RULES, partial, "authentication", reading);
  }, { maxWords: 0, takesBlock: true }),
  virtual_ipaddress: addressRule(false),
  virtual_ipaddress_excluded: addressRule(true),
  track_script: trackRule("script", "instances[].track[].check"),
  track_process: trackRule("process", "instances[].track[].check"),
  track_file: trackRule("file", "instances[].track[].check"),
  track_interface: trackRule("interface", "instances[].track[].interface"),
  ...announceRules<PartialInstance>("", (partial) => partial.announce),
  v3_checksum_as_v2: carried("instances[].checksum", (partial, statement, report) => {
    if (readFlag(statement, report)) partial.messageChecksum = statement;
    else delete partial.messageChecksum;
  }, { note: "becomes `checksum: rfc9568`" }),
  strict_mode: carried("", (partial, statement, report) => {
    const value = readFlag(statement, report);
    if (value !== null) partial.strict = { value, statement };
  }, { note: "vipd has no strict mode; what it switches off is switched off or reported" }),

  unicast_src_ip: SOURCE_ADDRESS,
  mcast_src_ip: SOURCE_ADDRESS,
  unicast_peer: carried("instances[].unicast.peers", (partial, { block }, report) => {
    partial.peers ??= [];
    for (const statement of block ?? []) partial.peers.push(readPeer(statement, report));
  }, {
    maxWords: 0,
    adds: true,
    takesBlock: true,
    note: "the lowest `min_ttl` of all peers becomes `unicast.min_ttl`",
  }),
  unicast_ttl: carried("instances[].unicast.ttl", (partial, statement, report) => {
    const value = readNumber(statement, { min: 0, max: 255, vipdMin: 1 }, report);
    if (value !== null) partial.unicastTtl = { value, statement };
  }),
  check_unicast_src: builtIn("vipd accepts unicast adverts from peers alone"),
  unicast_fault_no_peer: builtIn("`unicast` of vipd has at least one peer"),
  old_unicast_checksum: notCarried(
    "vipd does not know the checksum of keepalived before 1.3.7",
    "bring the other node up to date",
    ["never"],
  ),
  use_vmac: carried("instances[].virtual_mac", (partial, statement, report) => {
    partial.virtualMac = { value: readVirtualMac(statement, report), statement };
  }, { note: "a name becomes `virtual_mac: { interface: NAME }`", maxWords: Infinity }),
  ...each("use_vmac_addr use_ipvlan", OTHER_VMAC),
  vmac_xmit_base: builtIn(
    "with a virtual MAC address vipd's multicast adverts have it as source too",
    "there is nothing to do: nodes that do and nodes that do not understand each other",
  ),
  ...each(
    "garp_extra_if_vmac vmac_garp_intvl",
    builtIn("vipd announces the addresses from their virtual MAC address"),
  ),
  mcast_dst_ip: INSTANCE_GROUP,
  track_src_ip: builtIn(
    "without an address of its own on the interface vipd does not run the instance",
  ),
  vrf: notCarried("vipd does not bind to a VRF", "name the VRF's interface as `interface`"),
  dont_track_primary: carried("instances[].track_interface", (partial, statement) => {
    partial.untracked = statement;
  }, { maxWords: 0, note: "becomes `track_interface: false`" }),
  ...UNTRACKED,
  ...NOTIFY_RULES,
  preempt_delay: carried("instances[].preempt_delay", (partial, statement, report) => {
    const value = readNumber(statement, { min: 0, max: 1000, fractions: true }, report);
    if (value !== null) partial.preemptDelayS = { value, statement };
  }, { note: "not together with `state MASTER`, `nopreempt` or strict mode" }),
  lower_prio_no_advert: builtIn(
    "vipd answers a weaker master as the RFC of the version says: with an advert in version 3 only",
  ),
  higher_prio_send_advert: builtIn(
    "vipd always sends a last advert when it yields to a stronger master",
  ),
  down_timer_adverts: carried("instances[].down_timer_adverts", (partial, statement, report) => {
    const value = readNumber(statement, { min: 1, max: 100 }, report);
    if (value !== null) partial.downTimerAdverts = { value, statement };
  }),
  ...each(
    "timer_expired_backup thread_timer_expired",
    notCarried(
      "vipd does not step down when it was held up",
      "there is nothing to do: of two masters the stronger one stays",
    ),
  ),
  skip_check_adv_addr: builtIn(
    "vipd drops adverts for their list of addresses only if they are another pair's",
  ),
  owner_ignore_adverts: OWNER_IGNORES,
  auth_hmac: carried("instances[].authentication", (partial, statement, _, reading) => {
    partial.hmac = { statement, keys: [] };
    applyRules(statement.block ?? [], HMAC_RULES, partial.hmac, "auth_hmac", reading);
  }, { maxWords: 0, takesBlock: true, note: "becomes `authentication: { type: hmac }`" }),
  accept: carried("instances[].accept", (partial, statement) => {
    partial.accept = { value: true, statement };
  }, { maxWords: 0, note: "vipd's default; counts in strict mode" }),
  no_accept: carried("instances[].accept", (partial, statement) => {
    partial.accept = { value: false, statement };
  }, { maxWords: 0, note: "becomes `accept: false`, not with the priority 255" }),
  promote_secondaries: notCarried(
    "vipd does not set the sysctl",
    "set net.ipv4.conf.INTERFACE.promote_secondaries=1 in /etc/sysctl.d",
  ),
  no_virtual_ipaddress: carried("instances[].addresses", () => {}, {
    maxWords: 0,
    note: "`addresses: []`, with or without the keyword",
  }),
  virtual_routes: carried("instances[].routes", ({ routes }, { block }, report) => {
    for (const statement of block ?? []) {
      const entry = readRoute(statement, report);
      if (entry) routes.push(entry);
    }
  }, {
    maxWords: 0,
    adds: true,
    takesBlock: true,
    note: "without `encap`, `realms`, `from` and times of TCP",
  }),
  virtual_rules: carried("instances[].rules", ({ rules }, { block }, report) => {
    for (const statement of block ?? []) {
      const entry = readRule(statement, report);
      if (entry) rules.push(entry);
    }
  }, {
    maxWords: 0,
    adds: true,
    takesBlock: true,
    note: "rules that name their table; without a priority 16384, 16383, … in their order",
  }),
  native_ipv6: builtIn("the addresses say the family"),
  linkbeat_use_polling: builtIn("vipd hears of the carrier from the kernel"),
  kernel_rx_buf_size: builtIn("vipd sizes its buffers itself"),
  debug: builtIn("vipd run --log-level debug logs more"),
  lvs_sync_daemon_interface: outOfScope(
    "vipd does not balance, so there are no connections to synchronise",
    "there is nothing to do for nginx",
  ),
};

/** `authentication { ... }` of an instance. */
export const AUTHENTICATION_RULES: Rules<PartialInstance> = {
  auth_type: carried("instances[].authentication.type", (partial, statement, report) => {
    const value = readWord(statement, report);
    if (value !== null) partial.authType = { value, statement };
  }, { note: "PASS only" }),
  auth_pass: carried("instances[].authentication.password", (partial, statement, report) => {
    const value = readWord(statement, report);
    if (value !== null) partial.authPass = { value, statement };
  }, { note: "the first 8 octets, which are what is sent" }),
};

function readState(partial: PartialInstance, statement: Statement, report: Report): void {
  const [value = ""] = statement.words;
  if (value === "MASTER" || value === "BACKUP") {
    partial.state = { value, statement };
    return;
  }
  delete partial.state;
  report.add(
    "ignored",
    statement,
    `${quote(value)} is neither MASTER nor BACKUP, so it means BACKUP`,
    "there is nothing to do: the priority decides",
  );
}

function addressRule(excluded: boolean): Rule<PartialInstance> {
  return carried<PartialInstance>("instances[].addresses", ({ addresses }, { block }, report) => {
    for (const statement of block ?? []) {
      addresses.push(readVirtualAddress(statement, excluded, report));
    }
  }, {
    maxWords: 0,
    adds: true,
    takesBlock: true,
    note: excluded
      ? "with `advertise: false`; of either family"
      : "`dev` becomes `device`, `label` stays; without a length /32",
  });
}
