/**
 * The settings below /proc/sys/net that decide how a node carries its addresses and answers for them, sysctl(8), and what
 * vipd does with each.
 *
 * @module
 */

/**
 * - `judged`: `vipd doctor` has a rule for it.
 * - `compared`: two nodes of a pair should have the same; what the engine says of its machine has it.
 * - `shown`: it helps a person who looks for a fault; a support bundle has it.
 */
export type SettingUse = "judged" | "compared" | "shown";

type Uses = Readonly<Record<string, readonly SettingUse[]>>;

const OF_MACHINE: Uses = {
  "ipv4/ip_forward": ["compared", "shown"],
  "ipv4/ip_nonlocal_bind": ["judged", "compared", "shown"],
  "ipv6/ip_nonlocal_bind": ["judged", "compared", "shown"],
  "ipv4/igmp_max_memberships": ["compared", "shown"],
  "ipv4/neigh/default/gc_thresh3": ["shown"],
  "ipv6/neigh/default/gc_thresh3": ["shown"],
};

/** Of each interface: `ipv4/conf/eth1/arp_ignore`. */
const OF_INTERFACES: Readonly<Record<"ipv4" | "ipv6", Uses>> = {
  ipv4: {
    arp_announce: ["judged", "compared", "shown"],
    arp_filter: ["compared", "shown"],
    arp_ignore: ["judged", "compared", "shown"],
    rp_filter: ["judged", "compared", "shown"],
    arp_notify: ["shown"],
    accept_local: ["shown"],
    forwarding: ["shown"],
    // Not compared: vipd sets it itself where it is master.
    promote_secondaries: ["shown"],
  },
  ipv6: {
    accept_dad: ["compared", "shown"],
    disable_ipv6: ["compared", "shown"],
    forwarding: ["shown"],
    addr_gen_mode: ["shown"],
  },
};

/**
 * The settings with this use, of the machine and of these interfaces, as paths below /proc/sys/net. An interface may be
 * `all`, or `default` for those that will be added.
 */
export function kernelSettings(use: SettingUse, interfaces: readonly string[]): string[] {
  const ofInterfaces = Object.entries(OF_INTERFACES).flatMap(([family, settings]) => {
    const keys = usedFor(use, settings);
    return interfaces.flatMap((name) => keys.map((key) => `${family}/conf/${name}/${key}`));
  });
  return [...usedFor(use, OF_MACHINE), ...ofInterfaces];
}

function usedFor(use: SettingUse, settings: Uses): string[] {
  return Object.entries(settings).flatMap(([key, uses]) => uses.includes(use) ? [key] : []);
}
