/**
 * The settings below /proc/sys/net that decide whether an address works and how the kernel answers for it, sysctl(8).
 *
 * @module
 */

/** The settings that `vipd doctor` judges, of the machine and of each interface. */
export const JUDGED_SETTINGS = ["ipv4/ip_nonlocal_bind", "ipv6/ip_nonlocal_bind"] as const;
export const JUDGED_INTERFACE_SETTINGS = [
  "ipv4/arp_ignore",
  "ipv4/arp_announce",
  "ipv4/rp_filter",
] as const;

/** The settings that help a person who looks for a fault. */
const FURTHER_SETTINGS = [
  "ipv4/ip_forward",
  "ipv4/igmp_max_memberships",
  "ipv4/neigh/default/gc_thresh3",
  "ipv6/neigh/default/gc_thresh3",
] as const;
const FURTHER_INTERFACE_SETTINGS = [
  "ipv4/arp_filter",
  "ipv4/arp_notify",
  "ipv4/accept_local",
  "ipv4/forwarding",
  "ipv4/promote_secondaries",
  "ipv6/disable_ipv6",
  "ipv6/accept_dad",
  "ipv6/forwarding",
  "ipv6/addr_gen_mode",
] as const;

/** `ipv4/conf/eth1/arp_ignore` for each of the interfaces. */
export function settingsOfInterfaces(
  settings: readonly string[],
  interfaces: readonly string[],
): string[] {
  return settings.flatMap((setting) => {
    const [family = "", key = ""] = setting.split("/");
    return interfaces.map((name) => `${family}/conf/${name}/${key}`);
  });
}

/** All settings, of all interfaces and of those that will be added. */
export function allSettings(interfaces: readonly string[]): string[] {
  const places = ["all", "default", ...interfaces];
  return [
    ...JUDGED_SETTINGS,
    ...FURTHER_SETTINGS,
    ...settingsOfInterfaces([...JUDGED_INTERFACE_SETTINGS, ...FURTHER_INTERFACE_SETTINGS], places),
  ];
}
