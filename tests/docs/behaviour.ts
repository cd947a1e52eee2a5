/** docs/behaviour.md: what vipd does when something around it changes, and the tests that prove it. */

import { type Proof, prove } from "../conformance/proofs.ts";
import { table } from "./fresh.ts";

export interface Behaviour {
  /** What happens to the node or its pair. */
  readonly kind: string;
  /** What vipd does. */
  readonly does: string;
  readonly proofs: readonly Proof[];
  /** What keepalived did in the same lab, if that is measured, and the scenario that measures it. */
  readonly keepalived?: { readonly does: string; readonly bench: string };
}

const E2E = {
  link: "tests/e2e/link_test.ts",
  own: "tests/e2e/own_address_test.ts",
  foreign: "tests/e2e/foreign_vrid_test.ts",
  goodbye: "tests/e2e/goodbye_test.ts",
  resources: "tests/e2e/host_resources_test.ts",
} as const;
const NODE = {
  links: "tests/node/links/link_states_test.ts",
  stall: "tests/node/instance/adverts/send_stall_test.ts",
  own: "tests/node/resources/own_address_test.ts",
  source: "tests/node/instance/adverts/advert_source_test.ts",
  sole: "tests/node/instance/sole_backup_test.ts",
  goodbyeOrder: "tests/node/instance/goodbye_order_test.ts",
  loop: "tests/node/instance/damping_test.ts",
  resort: "tests/node/instance/last_resort_test.ts",
  reasserted: "tests/node/instance/reasserted_test.ts",
  otherVrid: "tests/node/split_brain/other_vrid_test.ts",
  strays: "tests/node/split_brain/stray_addresses_test.ts",
  damped: "tests/node/instance/damping_group_test.ts",
  reload: "tests/node/reload/instances_test.ts",
  alarms: "tests/node/journal/alarms_test.ts",
  refused: "tests/node/resources/refused_resources_test.ts",
  owners: "tests/node/resources/resource_owners_test.ts",
  altered: "tests/node/journal/altered_log_test.ts",
} as const;
const LINUX = {
  addresses: "tests/linux/netlink/own_addresses_test.ts",
  routing: "tests/linux/netlink/routing_watch_test.ts",
  mac: "tests/linux/netlink/virtual_mac_test.ts",
  filter: "tests/linux/nftables/packet_filter_test.ts",
  locks: "tests/linux/process/resource_locks_test.ts",
} as const;
const CONFIG = {
  host: "tests/config/host_test.ts",
  wrong: "tests/config/wrong_instance_test.ts",
} as const;
const CHECKS = {
  keys: "tests/config/check_keys_test.ts",
  verdict: "tests/status/pair/verdict_test.ts",
  process: "tests/health/process_test.ts",
  https: "tests/health/https_test.ts",
  certificate: "tests/node/checks/certificate_alarm_test.ts",
  runAs: "tests/health/programs/run_as_test.ts",
  users: "tests/config/machine/programs_test.ts",
  powers: "tests/linux/process/program_powers_test.ts",
  programs: "tests/e2e/check_programs_test.ts",
  ping: "tests/linux/link/ping_test.ts",
  file: "tests/linux/sys/small_file_test.ts",
  tracking: "tests/node/checks/tracking_test.ts",
} as const;
const INTEROP = { checks: "tests/interop/failing_checks_test.ts" } as const;

export const BEHAVIOUR: Readonly<Record<string, readonly Behaviour[]>> = {
  "Links and cables": [
    {
      kind: "the interface of an address or a route is down, has no carrier or is gone",
      does:
        "fault at once, with a goodbye: the other node serves after Skew_Time, a sole backup at once",
      proofs: [
        prove(E2E.link, "the device of the address loses its carrier"),
        prove(E2E.link, "the device of the address is set down"),
        prove(E2E.link, "the device of a route is set down"),
        prove(E2E.link, "the interface of a route's gateway is set down"),
      ],
      keepalived: { does: "fault at once", bench: "kernel-device" },
    },
    {
      kind: "the interface of one of a route's next hops is down",
      does: "vipd serves on while another next hop lives, as the kernel's route does",
      proofs: [
        prove(E2E.link, "one of a route's two next hops is dead: the kernel takes the other"),
        prove(NODE.links, "a route with next hops lives as long as one of them does"),
      ],
    },
    {
      kind: "another program sets the interface with the virtual MAC address down",
      does: "vipd sets it up again at once; if that happens again within a second: fault, as above",
      proofs: [
        prove(E2E.link, "the virtual interface is set down, and again"),
        prove(
          NODE.links,
          "a virtual interface that is set down on the master is set up at once; again: fault, and this node can serve later",
        ),
      ],
    },
    {
      kind: "the link flaps, or a switch port passes nothing at first",
      does: "counts a change only after `interfaces.NAME.down_delay` or `up_delay`",
      proofs: [
        prove(
          NODE.links,
          "down_delay: a flap changes nothing, a lost link is a fault when the delay is over",
        ),
        prove(
          NODE.links,
          "up_delay: a link that has come up counts when the delay is over, and counts from the start after a flap",
        ),
      ],
    },
    {
      kind: "adverts go over a cable of their own, and the other node loses its power",
      does: "with `track_interface: false` the remaining node serves on",
      proofs: [prove(E2E.link, "track_interface: false: the last living node serves on")],
    },
    {
      kind: "a link comes up while a weaker node is master",
      does:
        "vipd announces the own address, and 1.2 s pass before silence counts; `preempt_delay` and `preempt: false` hold, also if only the peer's API reports a master",
      proofs: [
        prove(
          NODE.own,
          "a link that came up leaves neighbours time to find each other, however fast the adverts",
        ),
        prove(
          E2E.own,
          "a node whose cable is back leaves a weaker unicast master in peace for the preempt delay",
        ),
      ],
    },
  ],
  "Adverts": [
    {
      kind:
        "adverts do not leave: firewall, egress chain, full queue, no route, larger than the MTU",
      does:
        "they renew no lease; at its end fault and `adverts_not_sent` with the error's name, so that two nodes never hold the address",
      proofs: [
        prove(E2E.link, "adverts that do not leave"),
        prove(
          NODE.stall,
          "version 2 at 1 s: the other node serves after Master_Down_Interval, and never do both",
        ),
      ],
      keepalived: { does: "both hold the address", bench: "kernel-firewall" },
    },
    {
      kind: "another pair on the link uses our VRID",
      does:
        "vipd does not obey its adverts, and the alarm `vrid_in_use` names it; a pair whose only address is changed stays one pair",
      proofs: [
        prove(
          E2E.foreign,
          "a keepalived pair of higher priority, with our VRID and password, is not obeyed",
        ),
        prove(E2E.foreign, "the only address is changed node by node, the backup first"),
        prove(E2E.foreign, "the only address is changed node by node, the master first"),
      ],
    },
    {
      kind: "another router advertises our address under another VRID",
      does: "the alarm `vrid_differs` names it",
      proofs: [
        prove(
          NODE.otherVrid,
          "another VRID with our address is named as what it is, on both nodes",
        ),
      ],
    },
    {
      kind: "a partition is over, and this node was master all the while",
      does:
        "the event `reasserted`, so that a script can move resources outside of vipd, such as a cloud's route",
      proofs: [
        prove(
          NODE.reasserted,
          "a partition in both directions is reported once, by the master that stays",
        ),
      ],
    },
  ],
  "The node's own addresses": [
    {
      kind: "an own address is removed and added again",
      does: "back within 200 ms: no election, and the virtual addresses are behind it again",
      proofs: [
        prove(NODE.own, "an own address that goes again and again is answered each time"),
        prove(
          NODE.source,
          "a moment without the source changes nothing, and is looked at when it is over",
        ),
        prove(
          LINUX.addresses,
          "a virtual address that is the primary one gets behind the host's own, and the host has it all the while",
        ),
      ],
      keepalived: { does: "two elections", bench: "kernel-return" },
    },
    {
      kind: "the own address is gone for good",
      does: "after 200 ms fault, with a goodbye from the last one",
      proofs: [
        prove(
          E2E.own,
          "a source_address that is gone is a goodbye, although another own address stays",
        ),
        prove(E2E.own, "an IPv6 link-local address comes and goes as an IPv4 one does"),
      ],
      keepalived: { does: "a goodbye at once", bench: "kernel-own" },
    },
    {
      kind: "there are several own addresses, or their order changes",
      does:
        "the source stays while the interface has it; `vipd check` warns of unicast without `source_address`",
      proofs: [
        prove(
          NODE.source,
          "the source stays while the interface has it, whatever the list's order",
        ),
        prove(E2E.own, "unicast adverts come from the same own address after it was away"),
      ],
    },
    {
      kind: "an IPv6 address is tentative, or another machine has it",
      does: "it is no source; if there is no other, the fault names it",
      proofs: [
        prove(
          E2E.own,
          "an IPv6 address that another machine has is no source, and is named if there is no other",
        ),
      ],
    },
    {
      kind: "the host's own address changes, as by DHCP",
      does: "the host speaks from its own address, not from the virtual one",
      proofs: [
        prove(
          E2E.own,
          "the host speaks from its own address after a change of it, not from the virtual one",
        ),
      ],
    },
    {
      kind: "the MAC address of the interface changes",
      does:
        "vipd announces own and virtual addresses again, once a second at most, with one entry in the journal, and five a minute at most",
      proofs: [
        prove(E2E.own, "a master whose MAC address changes is reached at once, over IPv4 and IPv6"),
        prove(
          NODE.own,
          "a MAC address that changes ten times a second is announced once a second, the last one too, and a few entries",
        ),
      ],
    },
    {
      kind: "a node that is not master has the virtual address, and vipd did not add it",
      does: "the alarm `address_on_backup` there, and the master names that node",
      proofs: [
        prove(NODE.strays, "a backup that has the address says so itself, and the master names it"),
      ],
    },
  ],
  "Addresses, routes, rules and interfaces that vipd adds": [
    {
      kind: "a reload changes the gateway or the source of a route",
      does: "vipd changes the kernel's route, and `held` means that the kernel has it",
      proofs: [
        prove(E2E.resources, "a route gets another gateway and another source by a reload"),
      ],
    },
    {
      kind: "another program, or a restart of networkd, removes an address, a route or a rule",
      does:
        "it is back within a second, with one entry a minute in the journal, and five of one kind at most",
      proofs: [
        prove(E2E.resources, "is back within a second, with one entry"),
        prove(
          NODE.altered,
          "many of one kind are a few entries a minute, and how many there were; another kind has its own",
        ),
      ],
    },
    {
      kind: "another program changes a lifetime, flags, vipd's mark or the peer of an address",
      does: "vipd restores it; all but the peer while the address stays",
      proofs: [
        prove(LINUX.addresses, "takes the mark from one"),
        prove(
          E2E.resources,
          "without a lease vipd keeps its mark on its address, and leaves alone what carries it no more",
        ),
        prove(LINUX.addresses, "takes the lease from one"),
        prove(LINUX.addresses, "lets the host speak from one"),
        prove(
          LINUX.addresses,
          "an IPv6 address that another program makes one end of a line is put back",
        ),
      ],
    },
    {
      kind: "another program replaces a route by its own, or changes one under vipd's mark",
      does:
        "vipd leaves its own alone and counts that as a rejection; vipd restores the one with its mark",
      proofs: [
        prove(LINUX.routing, "replaces it by its own"),
        prove(LINUX.routing, "replaces its gateway under vipd's mark"),
      ],
    },
    {
      kind: "another program changes the interface with the virtual MAC address",
      does: "vipd restores MAC address and mode, and the interface itself",
      proofs: [
        prove(
          LINUX.mac,
          "what another program changes of the interface of a virtual MAC address is put back: address, mode, down, gone",
        ),
      ],
    },
    {
      kind: "another program flushes or changes the table that blocks packets (`accept: false`)",
      does: "the kernel does not let it: the table belongs to vipd's socket",
      proofs: [
        prove(LINUX.filter, "another program cannot take away or change what refuses packets"),
      ],
    },
    {
      kind: "notifications of the kernel are lost, because there were too many",
      does: "vipd reads everything again",
      proofs: [
        prove(
          LINUX.addresses,
          "a removal whose notification is lost is read from the kernel, and what another puts in its place is the other's",
        ),
      ],
    },
    {
      kind:
        "the kernel refuses an address, a route, a rule or a virtual interface, such as IPv6 that is switched off",
      does:
        "one entry, the alarm `resource_refused`, and after a lease fault, so that the other node serves",
      proofs: [
        prove(
          E2E.resources,
          "IPv6 that is switched off on the interface of the addresses hands over after a lease, and its return brings them back",
        ),
        prove(E2E.resources, "a refused route hands over after a lease"),
        prove(
          NODE.refused,
          "that the kernel refuses is one entry, an alarm, and a fault after a lease",
        ),
        prove(
          LINUX.mac,
          "a virtual interface that the kernel refuses is an alarm, and a fault after a lease",
        ),
      ],
      keepalived: { does: "stays master for the 20 s of the bench", bench: "kernel-refused" },
    },
    {
      kind: "the kernel refuses something, and no other node serves",
      does:
        "the instance serves with what it has, with priority 2; without any address it stays in fault, so that it " +
        "keeps no other node from serving, and asks the kernel every second",
      proofs: [
        prove(
          NODE.refused,
          "where nobody else serves, a master that misses a route goes on with what it has",
        ),
        prove(
          NODE.refused,
          "who can have none of its addresses serves nothing, however alone it is, and keeps nobody from serving",
        ),
      ],
    },
    {
      kind: "the kernel takes it, and another program undoes it again and again",
      does: "as if the kernel had refused it",
      proofs: [
        prove(
          NODE.refused,
          "that another program undoes again and again is served by the other node after a lease",
        ),
      ],
      keepalived: { does: "stays master for the 20 s of the bench", bench: "kernel-undone" },
    },
    {
      kind: "the kernel refuses it for long",
      does:
        "vipd tries it out after 30 s, 1 min and so on, without damping; at once by `vipd promote`, a reload or a change of the host",
      proofs: [
        prove(
          NODE.refused,
          "a resource that stays refused is tried out less and less often, and is no flapping",
        ),
        prove(NODE.refused, "a promote tries out a refused resource at once"),
      ],
    },
    {
      kind: "two instances have different routes to one destination",
      does: "`vipd check` refuses that, unless metric or table distinguish them",
      proofs: [
        prove(CONFIG.host, "another gateway in another instance"),
        prove(
          CONFIG.host,
          "two instances may have the same route, or two with another metric or table",
        ),
      ],
    },
    {
      kind: "one link-local address is to be on two interfaces",
      does: "vipd serves it on both",
      proofs: [
        prove(E2E.resources, "one link-local address on two interfaces is served on both"),
      ],
    },
    {
      kind: "the virtual address is the host's own",
      does:
        "vipd leaves it there; the owner (priority 255) serves with it, any other raises `own_address`; `vipd check`, a " +
        "reload and `vipd import` warn of it, `vipd init` refuses it",
      proofs: [
        prove(
          "tests/config/machine/own_addresses_test.ts",
          "a virtual address that the machine has of its own is a warning, with the command that removes it",
        ),
        prove(
          E2E.resources,
          "the owner of an address serves with its only address, and leaves it where it is",
        ),
        prove(
          LINUX.addresses,
          "stays as it is: not leased, not renewed, not removed",
        ),
      ],
    },
    {
      kind: "a second daemon on the machine has the same address",
      does:
        "it takes nothing from the first, is in fault and names it; one of an older version is known within one renewal",
      proofs: [
        prove(E2E.resources, "a second daemon takes nothing from the first, and names it"),
        prove(
          LINUX.locks,
          "an address that a daemon without locks renews stays, and is known as that within one renewal",
        ),
        prove(
          NODE.owners,
          "one that nobody renews is removed after the time of a renewal, and nothing else waits for that",
        ),
      ],
    },
    {
      kind: "an interface of an address is renamed",
      does: "vipd removes the address there, also with `lease: off`",
      proofs: [
        prove(E2E.link, "the device of the address is renamed, with lease: off"),
        prove(E2E.link, "the interface is renamed, with lease: off"),
      ],
    },
    {
      kind: "the virtual MAC address is on a macvlan interface",
      does: "the interface below that one does not answer ARP for the address either",
      proofs: [
        prove(
          LINUX.mac,
          "on a macvlan, the interface below that one does not answer for the virtual address either",
        ),
      ],
    },
    {
      kind: "adverts are to go by `lo`, or a label is longer than the kernel takes",
      does: "`vipd check` refuses it, and proposes a label with room for it",
      proofs: [
        prove(CONFIG.wrong, "the loopback interface"),
        prove(CONFIG.wrong, "16 octets"),
        prove(CONFIG.wrong, "of a device whose name leaves no room for a number"),
      ],
    },
    {
      kind: "leases of IPv6 addresses are renewed",
      does: "its own renewals do not wake vipd (Linux 5.18 or newer)",
      proofs: [
        prove(
          LINUX.addresses,
          "renewals are no notification, of IPv6 neither; what others do to an address is one",
        ),
      ],
    },
  ],
  "Checks": [
    {
      kind: "a weight is too small to move the addresses",
      does:
        "`vipd check` warns with the sum, against the usual 100 of the other node (`weight_too_small`); the " +
        "verdict of a running pair compares with the other node's own priority",
      proofs: [
        prove(CHECKS.keys, "150 against 100 with -20"),
        prove(CHECKS.keys, "several that do not reach it together"),
        prove(CHECKS.verdict, "weights that are too small"),
      ],
    },
    {
      kind: "a weight on a node with `preempt: false`",
      does:
        "`vipd check` warns (`weight_without_preempt`): no node takes over from one that goes on",
      proofs: [prove(CHECKS.keys, "a node that does not preempt")],
    },
    {
      kind: "nginx is restarted",
      does: "with `grace` of a process check, another process within that time is no failure",
      proofs: [
        prove(CHECKS.process, "a process that comes again within the grace makes no failure"),
        prove(
          CHECKS.process,
          "a grace is for what has run: what is missing at first, or still, has failed",
        ),
      ],
    },
    {
      kind: "a checked server has a certificate of an authority of one's own",
      does: "`ca` names that authority, and `server_name` the name that the certificate must have",
      proofs: [
        prove(
          CHECKS.https,
          "`ca` is trusted besides the system's authorities, `server_name` stands for the Host header's name",
        ),
      ],
    },
    {
      kind: "the certificate of a checked server ends soon",
      does:
        "with `expires_within` the alarm `certificate_ends`, while the check passes; it fails when the certificate has ended",
      proofs: [
        prove(
          CHECKS.https,
          "where it is asked for, a check that passes learns when the certificate ends",
        ),
        prove(
          CHECKS.certificate,
          "a certificate that ends soon is one warning, which names every check that sees one",
        ),
      ],
    },
    {
      kind: "somebody else starts a process that is named as nginx",
      does: "`user` or `path` of a process check count only the right ones",
      proofs: [
        prove(CHECKS.process, "a copy of another program by the right name does not count"),
        prove(CHECKS.process, "processes of another user do not count"),
      ],
    },
    {
      kind: "a check program is to run as another user (`user`)",
      does: "as root vipd runs it so; as another user the check fails, and `vipd check` warns",
      proofs: [
        prove(
          CHECKS.runAs,
          "a check runs as the user that it names, without vipd's groups and powers",
        ),
        prove(
          CHECKS.runAs,
          "root runs programs as anybody, another user only as itself",
        ),
        prove(CHECKS.users, "one that there is not"),
        prove(CHECKS.users, "another"),
        prove(
          CHECKS.powers,
          "as a user that is not root a check for another user is refused, whatever the capabilities",
        ),
      ],
    },
    {
      kind: "vipd was started with capabilities or open files",
      does: "programs get none of them, whether vipd runs as root or by its unit",
      proofs: [
        prove(
          CHECKS.powers,
          "programs that vipd starts get no capability and no descriptor that vipd was started with",
        ),
        prove(
          CHECKS.programs,
          "the executable hands nothing on to check programs, and only root's runs them as others",
        ),
      ],
    },
    {
      kind: "the gateway, or any other host, is asked (`type: ping`)",
      does:
        "by ICMP or ICMPv6, or with `method: neighbour` by ARP or neighbour discovery, for hosts that answer no echo",
      proofs: [
        prove(
          CHECKS.ping,
          "a host that is there answers an echo and a question for its MAC address, IPv4 and IPv6",
        ),
        prove(
          CHECKS.ping,
          "a gateway that drops echo requests is found by ARP and neighbour discovery alone",
        ),
        prove(
          CHECKS.ping,
          "only the answer to the request counts: its number, its content, from whom it was asked",
        ),
      ],
    },
    {
      kind: "another program writes a number into a file (`type: file`)",
      does:
        "the number times the weight moves the priority; without a weight any number but 0 means fault",
      proofs: [
        prove(CHECKS.tracking, "the number of a file times the weight moves the priority"),
        prove(
          CHECKS.tracking,
          "without a weight any number but 0 means fault; reversed, 0 does",
        ),
        prove(
          CHECKS.file,
          "a file holds one whole number, or the check fails and says what it holds",
        ),
      ],
    },
  ],
  "The engine's life": [
    {
      kind: "the master says goodbye, and there is one backup",
      does: "it serves at once, without Skew_Time (`sole_backup`)",
      proofs: [
        prove(NODE.sole, "whatever makes a master say goodbye, its only backup serves at once"),
        prove(
          NODE.goodbyeOrder,
          "of three or four nodes that know each other no two take over after one goodbye",
        ),
      ],
      keepalived: { does: "Skew_Time", bench: "released" },
    },
    {
      kind: "the engine is killed",
      does: "`vipd goodbye` removes its addresses and says goodbye in its name",
      proofs: [
        prove(
          E2E.goodbye,
          "signed: the goodbye is believed, and so is the next engine, which must be later",
        ),
        prove(
          E2E.goodbye,
          "nothing is touched while an engine runs, nor by what is damaged or has another run_dir",
        ),
      ],
      keepalived: { does: "Master_Down_Interval, and the address stays", bench: "goodbye" },
    },
    {
      kind: "the engine dies each time it is master",
      does:
        "after four moves in ten minutes vipd holds it back, and it serves only if nobody else does",
      proofs: [
        prove(
          NODE.loop,
          "after four moves it stays backup, says so, and has its priority back when it has lived on",
        ),
        prove(NODE.loop, "one that is held back serves if the other node is gone"),
      ],
    },
    {
      kind: "a check fails on both nodes, because its server is behind both",
      does:
        "with `when_down: last_resort` the master asks once whether another serves, goes on and raises `serving_unwell`",
      proofs: [
        prove(
          NODE.resort,
          "the check fails on both: the master asks once, goes on and says so; who recovers serves",
        ),
      ],
    },
    {
      kind:
        "the check fails here, there, on both, and is well again, and keepalived is the other node",
      does:
        "each cause moves the address once at most; the time without a node that has it is at most " +
        "keepalived's goodbye and the wait after it",
      proofs: [prove(INTEROP.checks, "checks that fail: one move a cause, and somebody serves")],
    },
    {
      kind: "a check fails on each node that is master",
      does:
        "after four moves in ten minutes vipd holds the node back with priority 1 (`flapping`), which ends the " +
        "moves; but not if the check means fault on both nodes: there write `when_down: last_resort`",
      proofs: [
        prove(
          NODE.loop,
          "a fault lets go, held back or not; one last resort of the two ends the moves",
        ),
        prove(
          NODE.loop,
          "a check that fails on each node that is master: the moves end, somebody serves, one alarm a node",
        ),
        prove(INTEROP.checks, "checks that fail: one move a cause, and somebody serves"),
        prove(
          NODE.damped,
          "all members are held back in one turn, whichever tracks what fails and however",
        ),
      ],
    },
    {
      kind: "a reload removes an instance, or makes another virtual router of it",
      does: "it hands over, and the journal says why",
      proofs: [prove(NODE.reload, "the journal says why a reload ends an instance")],
    },
    {
      kind: "the cause of an alarm is over",
      does: "the alarm ends at once, or says for how long its cause has not been seen",
      proofs: [
        prove(
          NODE.alarms,
          "an alarm with a time says how long its cause has not been seen, or that it is over",
        ),
      ],
    },
  ],
};

/** The tests that this document names and that their files do not have. */
export function lostProofs(root: URL): Promise<string[]> {
  return lostTests(root, Object.values(BEHAVIOUR).flat().flatMap((each) => each.proofs));
}

/** Those of the tests that their files do not have. A name may be that of a test with its step or its case: `NAME: CASE`. */
export async function lostTests(
  root: URL,
  tests: readonly { readonly file: string; readonly name: string }[],
): Promise<string[]> {
  const lost = await Promise.all(tests.map(async ({ file, name }) => {
    const text = await Deno.readTextFile(new URL(file, root));
    const ends = (what: string) => [`${what}"`, `${what}\``].some((end) => text.includes(end));
    const [test, ...rest] = name.split(": ");
    const ofCase = rest.length > 0 && text.includes(test!) && ends(rest.join(": "));
    return ends(name) || ofCase ? [] : [`${file}: ${name}`];
  }));
  return lost.flat();
}

/** The whole document. */
export function behaviourText(): string {
  const chapters = Object.entries(BEHAVIOUR);
  const tables = chapters.map(([title, rows]) =>
    `## ${title}\n\n${
      table(
        ["if", "vipd", "keepalived 2.2.7"],
        rows.map(({ kind, does, keepalived }) => [kind, does, keepalived?.does ?? ""]),
      )
    }`
  );
  const tests = chapters.map(([title, rows]) =>
    `### Tests: ${title[0]!.toLowerCase()}${title.slice(1)}\n\n${rows.map(testsOf).join("")}`
  );
  return `# Behaviour when something changes

The classic pains of a pair of load balancers, vipd's answer to each, and the [tests](#the-tests) that prove it. The
column of keepalived has only results that a bench measures in the same lab. Written from \`tests/docs/behaviour.ts\`
(\`UPDATE_GOLDEN=1 deno test -A tests/docs\`); do not edit.

${tables.join("\n")}
## The tests

Each case of the tables with the tests that show what vipd does, and with the command that measures keepalived.

${tests.join("\n")}`;
}

/** An item with an item for each test. */
function testsOf({ kind, proofs, keepalived }: Behaviour): string {
  const items = [
    ...proofs.map(({ file, name }) => `\`${file}\`: ${name}`),
    ...(keepalived === undefined
      ? []
      : [`keepalived: \`deno task bench --only ${keepalived.bench}\``]),
  ];
  return `- ${kind}\n${items.map((item) => `  - ${item}\n`).join("")}`;
}
