/** The test files that the ledger refers to. */

/** A test, or a row of its table, by name. */
export interface Proof {
  readonly file: string;
  readonly name: string;
}

export function prove(file: string, name: string): Proof {
  return { file, name };
}

export const WIRE = {
  vrrp: "tests/wire/vrrp_test.ts",
  ipv4: "tests/wire/ipv4_test.ts",
  arp: "tests/wire/arp_test.ts",
  ndp: "tests/wire/ndp_test.ts",
  ethernet: "tests/wire/ethernet_test.ts",
  rtnetlink: "tests/wire/netlink/rtnetlink_test.ts",
  linkRequests: "tests/wire/netlink/link_requests_test.ts",
} as const;

/** The protocol, driven event by event. */
export const DRIVEN = {
  packets: "tests/vrrp/packets_test.ts",
  receive: "tests/vrrp/receive_test.ts",
  router: "tests/vrrp/router_test.ts",
  timers: "tests/vrrp/timers_test.ts",
  handOver: "tests/vrrp/hand_over_test.ts",
  hmac: "tests/vrrp/hmac_test.ts",
  hostile: "tests/vrrp/hostile_packets_test.ts",
  soleBackup: "tests/vrrp/sole_backup_test.ts",
  lastResort: "tests/vrrp/last_resort_test.ts",
  crossing: "tests/vrrp/crossing_test.ts",
  lease: "tests/vrrp/lease_test.ts",
} as const;

/** What people write and read. */
export const CONFIG = {
  instance: "tests/config/wrong_instance_test.ts",
  load: "tests/config/load_test.ts",
  statusText: "tests/cli/text/status_text_test.ts",
} as const;

/** Whole nodes on virtual time. */
export const NODE = {
  loadBalancer: "tests/node/load_balancer_test.ts",
  foreignVrid: "tests/node/split_brain/foreign_vrid_test.ts",
  changedAddress: "tests/node/split_brain/changed_address_test.ts",
  advertAlarms: "tests/node/instance/adverts/advert_alarms_test.ts",
  transport: "tests/node/instance/transport_test.ts",
  delays: "tests/node/instance/election_delays_test.ts",
  virtualMac: "tests/node/resources/virtual_mac_test.ts",
  signed: "tests/node/instance/signed_adverts_test.ts",
  refusals: "tests/node/resources/accept_mode_test.ts",
  notifications: "tests/node/journal/notifications_test.ts",
  observer: "tests/monitor/monitor_test.ts",
  lastResort: "tests/node/instance/last_resort_test.ts",
  damping: "tests/node/instance/damping_test.ts",
  goodbye: "tests/node/goodbye_test.ts",
  lease: "tests/node/resources/lease_test.ts",
  ownAddress: "tests/node/resources/own_address_test.ts",
  syncGroup: "tests/node/instance/sync_group_test.ts",
  takeoverOrder: "tests/node/instance/takeover_order_test.ts",
  randomFaults: "tests/sim/random_faults_test.ts",
} as const;

/** Sockets, addresses and frames in network namespaces. */
export const HOST = {
  socket: "tests/linux/vrrp/vrrp_socket_test.ts",
  socketV6: "tests/linux/vrrp/vrrp_socket_ipv6_test.ts",
  netlink: "tests/linux/netlink/netlink_test.ts",
  announcer: "tests/linux/link/announcer_test.ts",
  virtualMac: "tests/linux/netlink/virtual_mac_test.ts",
  backup: "tests/linux/netlink/backup_test.ts",
  filter: "tests/linux/nftables/packet_filter_test.ts",
} as const;
