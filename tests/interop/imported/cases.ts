/**
 * Files of a pair whose behaviour keepalived and vipd's import must share, each with the events that it is put through.
 *
 * @module
 */

/** What happens to lb01, the stronger node of most cases, and is undone again. */
export type HappeningName = "link" | "other link" | "flag" | "number" | "stop";

/** A keepalived.conf for each node. */
export interface ImportedCase {
  readonly name: string;
  /** Before the instance: `global_defs`, scripts. */
  readonly head?: readonly string[];
  /** In the instance, besides interface, VRID and priority. */
  readonly lines?: readonly string[];
  /** After the instance. */
  readonly tail?: readonly string[];
  /** Priorities of lb01 and lb02. @default {150 and 100} */
  readonly priorities?: readonly [number, number];
  /** The first one is watched. @default {192.168.31.5/24} */
  readonly addresses?: readonly string[];
  readonly happenings: readonly HappeningName[];
  /** Seconds between two adverts. @default {0.1, of version 3} */
  readonly intervalS?: number;
  /** It runs in CI. */
  readonly inCi?: true;
}

/** In the text of a file: the node's own number and the other one's, 11 and 12. */
export const OWN = "{OWN}";
export const OTHER = "{OTHER}";

const FAST = ["version 3", "advert_int 0.1"];
const SLOW = ["version 2", "advert_int 1"];

/** A script that succeeds while the file is there. */
function flagScript(...more: readonly string[]): string[] {
  return [
    ...block("global_defs", "script_user root"),
    ...block("vrrp_script flag", 'script "/usr/bin/test -e /run/lab/flag"', "interval 1", ...more),
  ];
}

const TRACKED = block("track_script", "flag");
const UNICAST = [
  `unicast_src_ip 192.168.31.${OWN}`,
  ...block("unicast_peer", `192.168.31.${OTHER}`),
];
const NUMBER = block("track_file number", "file /run/lab/number", "weight 1");

/** A second virtual router on the same link. */
function second(priority: string, ...more: readonly string[]): string[] {
  return block(
    "vrrp_instance VI_2",
    ...["interface eth1", "virtual_router_id 56", `priority ${priority}`, ...FAST, ...more],
    ...block("virtual_ipaddress", "192.168.31.6/24"),
  );
}

const GROUP = block("vrrp_sync_group G", ...block("group", "VI_1", "VI_2"));

/** keepalived reads one entry a line. */
function block(name: string, ...entries: readonly string[]): string[] {
  return [`${name} {`, ...entries, "}"];
}

export const CASES: readonly ImportedCase[] = [
  { name: "version 3", lines: FAST, happenings: ["link", "stop"], inCi: true },
  {
    name: "version 2 with a password",
    lines: [...SLOW, ...block("authentication", "auth_type PASS", "auth_pass 12345678")],
    ...{ intervalS: 1, happenings: ["link", "stop"] },
  },
  {
    name: "a password that is not ASCII",
    lines: [...SLOW, ...block("authentication", "auth_type PASS", "auth_pass пароль")],
    ...{ intervalS: 1, happenings: ["stop"] },
  },
  { name: "version 2 without", lines: SLOW, intervalS: 1, happenings: ["stop"] },
  {
    name: "version 3 once a second",
    lines: ["version 3", "advert_int 1"],
    ...{ intervalS: 1, happenings: ["stop"] },
  },
  {
    name: "the version of all",
    head: block("global_defs", "vrrp_version 3"),
    ...{ lines: ["advert_int 0.1"], happenings: ["stop"] },
  },
  { name: "state MASTER on both", lines: ["state MASTER", ...FAST], happenings: ["stop"] },
  {
    name: "a script without a weight",
    ...{ head: flagScript(), lines: [...FAST, ...TRACKED], happenings: ["flag", "stop"] },
    inCi: true,
  },
  {
    name: "a script that counts up and down",
    head: flagScript("rise 2", "fall 2"),
    ...{ lines: [...FAST, ...TRACKED], happenings: ["flag"] },
  },
  {
    name: "a script that lowers",
    head: flagScript("weight -60"),
    ...{ lines: [...FAST, ...TRACKED], happenings: ["flag"], inCi: true },
  },
  {
    name: "a script that lifts",
    head: flagScript("weight 60"),
    ...{ lines: [...FAST, ...TRACKED], priorities: [120, 100], happenings: ["flag"] },
  },
  {
    name: "a script that lifts too little",
    head: flagScript("weight 2"),
    ...{ lines: [...FAST, ...TRACKED], happenings: ["flag"] },
  },
  {
    name: "a reversed script",
    head: flagScript("weight 60 reverse"),
    ...{ lines: [...FAST, ...TRACKED], priorities: [180, 100], happenings: ["flag"] },
  },
  {
    name: "the instance's own weight",
    head: flagScript("weight 2"),
    lines: [...FAST, ...block("track_script", "flag weight -70")],
    happenings: ["flag"],
  },
  {
    name: "weights of a script and of an interface",
    head: flagScript("weight -20"),
    lines: [...FAST, ...TRACKED, ...block("track_interface", "eth0 weight -20")],
    ...{ priorities: [130, 100], happenings: ["flag", "other link"] },
  },
  {
    name: "another interface",
    lines: [...FAST, ...block("track_interface", "eth0")],
    happenings: ["other link"],
  },
  {
    name: "another interface with a weight",
    lines: [...FAST, ...block("track_interface", "eth0 weight -60")],
    happenings: ["other link"],
  },
  {
    name: "another interface that lifts",
    lines: [...FAST, ...block("track_interface", "eth0 weight 60")],
    ...{ priorities: [120, 100], happenings: ["other link"] },
  },
  {
    name: "the own interface with a weight",
    lines: [...FAST, ...block("track_interface", "eth1 weight 20")],
    happenings: ["link"],
  },
  {
    name: "a number in a file",
    ...{ head: NUMBER, lines: [...FAST, ...block("track_file", "number weight 10")] },
    happenings: ["number"],
  },
  {
    name: "nopreempt",
    ...{ lines: ["state BACKUP", "nopreempt", ...FAST], happenings: ["link", "stop"] },
  },
  {
    name: "nopreempt as MASTER",
    lines: ["state MASTER", "nopreempt", ...FAST],
    happenings: ["link"],
  },
  {
    name: "nopreempt and a weight",
    head: flagScript("weight -60"),
    ...{ lines: ["nopreempt", ...FAST, ...TRACKED], happenings: ["flag"] },
  },
  { name: "preempt_delay", lines: ["preempt_delay 1", ...FAST], happenings: ["link"] },
  { name: "the owner", lines: FAST, priorities: [255, 100], happenings: ["link", "stop"] },
  { name: "one priority on both", lines: FAST, priorities: [100, 100], happenings: ["stop"] },
  { name: "two missing adverts", lines: ["down_timer_adverts 2", ...FAST], happenings: ["link"] },
  {
    name: "strict",
    head: block("global_defs", "vrrp_strict", "vrrp_version 3"),
    ...{ lines: ["advert_int 0.1", "accept"], happenings: ["stop"] },
  },
  { name: "no_accept", lines: ["no_accept", ...FAST], happenings: ["stop"] },
  { name: "unicast", lines: [...UNICAST, ...FAST], happenings: ["link", "stop"], inCi: true },
  {
    name: "unicast with a TTL",
    ...{ lines: [...UNICAST, "unicast_ttl 64", ...FAST], happenings: ["stop"] },
  },
  {
    name: "unicast of version 2",
    ...{ lines: [...UNICAST, ...SLOW], intervalS: 1, happenings: ["stop"] },
  },
  {
    name: "a group of its own",
    head: block("global_defs", "vrrp_mcast_group4 224.0.0.81"),
    ...{ lines: FAST, happenings: ["link", "stop"] },
  },
  {
    name: "IPv6",
    ...{ lines: ["advert_int 0.1"], addresses: ["fe80::5/64", "2001:db8:31::5/64"] },
    happenings: ["link", "stop"],
  },
  {
    name: "IPv6 in a group of its own",
    head: block("global_defs", "vrrp_mcast_group6 ff02::81"),
    ...{ lines: ["advert_int 0.1"], addresses: ["fe80::5/64"], happenings: ["stop"] },
  },
  {
    name: "several addresses",
    ...{ lines: FAST, addresses: ["192.168.31.5/24", "192.168.31.7/24", "192.168.31.8/32"] },
    happenings: ["stop"],
  },
  {
    name: "addresses that are not advertised",
    lines: [
      ...FAST,
      ...block("virtual_ipaddress_excluded", "192.168.31.7/24", "2001:db8:31::7/64"),
    ],
    happenings: ["stop"],
  },
  {
    name: "only addresses that are not advertised",
    // In version 3 keepalived wants one that is advertised.
    lines: [...SLOW, ...block("virtual_ipaddress_excluded", "192.168.31.5/24")],
    ...{ addresses: [], intervalS: 1, happenings: ["stop"] },
  },
  {
    name: "labels and devices",
    ...{ lines: FAST, addresses: ["192.168.31.5/24 brd + dev eth1 label eth1:1"] },
    happenings: ["stop"],
  },
  {
    name: "routes and rules",
    lines: [
      ...FAST,
      ...block("virtual_routes", "192.0.2.0/24 via 192.168.31.1 dev eth1 onlink"),
      ...block("virtual_rules", "from 192.168.31.5 table 10 priority 100"),
    ],
    happenings: ["stop"],
  },
  { name: "a virtual MAC address", lines: ["use_vmac", ...FAST], happenings: ["stop"] },
  {
    name: "two instances, one on each node",
    ...{ lines: FAST, tail: second("{OTHER_PRIORITY}"), happenings: ["stop"] },
  },
  {
    name: "a sync group",
    ...{
      head: flagScript(),
      lines: [...FAST, ...TRACKED],
      tail: [...second("{PRIORITY}"), ...GROUP],
    },
    happenings: ["flag", "stop"],
  },
  {
    name: "a sync group with weights",
    ...{ head: flagScript("weight -60"), lines: [...FAST, ...TRACKED] },
    tail: [
      ...second("{PRIORITY}"),
      ...block(
        "vrrp_sync_group G",
        ...block("group", "VI_1", "VI_2"),
        "sync_group_tracking_weight",
      ),
    ],
    happenings: ["stop"],
  },
  {
    name: "parameters and lines for each node",
    head: ["$INTERVAL=0.1", "$VERSION=3"],
    lines: [
      ...["version $VERSION", "advert_int ${INTERVAL}", "@lb01 garp_master_repeat 2"],
      ...block("virtual_ipaddress_excluded", "~SEQ(N, 7, 9) ~LST(L, 24, 32) 10.31.${L}.${N}/${L}"),
    ],
    happenings: ["stop"],
  },
];

/** The numbers of the hosts, at the ends of their addresses. */
const NUMBERS = { lb01: "11", lb02: "12" } as const;
export type NodeName = keyof typeof NUMBERS;

/** The file of one node. */
export function fileOf(each: ImportedCase, node: NodeName): string {
  const { head = [], lines = [], tail = [], addresses = ["192.168.31.5/24"] } = each;
  const [first, other] = each.priorities ?? [150, 100];
  const [priority, otherPriority] = node === "lb01" ? [first, other] : [other, first];
  const text = [
    ...head,
    ...block(
      "vrrp_instance VI_1",
      ...["interface eth1", "virtual_router_id 55", `priority ${priority}`, ...lines],
      ...(addresses.length > 0 ? block("virtual_ipaddress", ...addresses) : []),
    ),
    ...tail,
    "",
  ].join("\n");
  return text
    .replaceAll(OWN, NUMBERS[node])
    .replaceAll(OTHER, NUMBERS[node === "lb01" ? "lb02" : "lb01"])
    .replaceAll("{PRIORITY}", `${priority}`)
    .replaceAll("{OTHER_PRIORITY}", `${otherPriority}`);
}

/** The address whose holder is watched, without prefix length. */
export function watchedAddress({ addresses = ["192.168.31.5/24"] }: ImportedCase): string {
  return (addresses[0] ?? "192.168.31.5/24").split("/")[0]!;
}
