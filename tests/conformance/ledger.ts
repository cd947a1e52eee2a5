/**
 * What VRRP demands, in a hundred numbered items, and the tests that prove it here; or why there are none.
 *
 * @module
 */

import { CONFIG, DRIVEN, HOST, NODE, type Proof, prove, WIRE } from "./proofs.ts";

/**
 * `met`: as demanded. `partly`: the note says what is lacking. `deviates`: done otherwise on purpose. `declined`:
 * optional, and not done. `kernel`: left to the system, not tested here. `not_applicable`: no concern of a load balancer.
 */
export type ItemVerdict = "met" | "partly" | "deviates" | "declined" | "kernel" | "not_applicable";

export interface LedgerItem {
  readonly item: number;
  /** RFC and section, or where else the demand comes from. */
  readonly source: string;
  readonly requirement: string;
  readonly verdict: ItemVerdict;
  readonly proofs: readonly Proof[];
  /** Needed wherever the verdict is not `met`. */
  readonly note: string;
}

export interface LedgerChapter {
  readonly title: string;
  readonly items: readonly LedgerItem[];
}

function met(item: number, source: string, requirement: string, ...proofs: Proof[]): LedgerItem {
  return { item, source, requirement, verdict: "met", proofs, note: "" };
}

function other(
  verdict: Exclude<ItemVerdict, "met">,
  item: number,
  source: string,
  requirement: string,
  note: string,
  ...proofs: Proof[]
): LedgerItem {
  return { item, source, requirement, verdict, proofs, note };
}

const PACKETS = prove(DRIVEN.packets, "each packet is accepted, or refused for its reason");
const VALUES = prove(
  DRIVEN.packets,
  "each packet that decodes has the expected values and encodes to its octets",
);
const ROUND_TRIP = prove(WIRE.vrrp, "whatever is encoded decodes to the same values");
const PSEUDO = prove(
  WIRE.vrrp,
  "version 2 never and IPv6 always has a pseudo-header, whatever form is asked for",
);
const SENT_V4 = prove(
  HOST.socket,
  "an advert leaves with TTL 255, class 0xc0 and the source it was given",
);
const SENT_V6 = prove(
  HOST.socketV6,
  "IPv6: an advert leaves with hop limit 255, class 0xc0, its source and a checksum that fits",
);
const HEARD_V4 = prove(
  HOST.socket,
  "adverts are received with their TTL; other groups, protocols and our own are not",
);
const HEARD_V6 = prove(
  HOST.socketV6,
  "IPv6: adverts are received with sender, destination and hop limit; other groups and our own are not",
);
const VIRTUAL_MAC = prove(
  HOST.virtualMac,
  "a master speaks, announces and answers with the virtual MAC address alone",
);
const SILENT_BACKUP = prove(
  HOST.virtualMac,
  "a master hears another that shares its MAC address, gives way, and is silent as backup",
);
const RANDOM_FAULTS = prove(
  NODE.randomFaults,
  "under random faults (${SEEDS} seeds) the address follows the state and peace brings one master",
);
const REFUSED = prove(
  HOST.filter,
  "refused packets get no answer, ARP and neighbour solicitations do, until they are accepted again",
);
const IDLE_BACKUP = prove(
  HOST.backup,
  "a backup neither answers ARP, solicitations and packets for the addresses nor forwards them",
);
const DROPS = prove(
  NODE.loadBalancer,
  "discarded packets are counted where they belong and do not disturb the election",
);
const TIMERS = prove(DRIVEN.timers, "Skew_Time and Master_Down_Interval");
const router = (name: string) => prove(DRIVEN.router, name);
const receive = (name: string) => prove(DRIVEN.receive, name);
const FOREIGN = [
  prove(
    NODE.foreignVrid,
    "another pair with our VRID and a higher priority is not obeyed, whatever it does",
  ),
  prove(
    NODE.changedAddress,
    "a pair whose only address is changed, either node first, has one master throughout",
  ),
];
const handOver = (name: string) => prove(DRIVEN.handOver, name);
const lastResort = (name: string) => prove(DRIVEN.lastResort, name);
const crossing = (name: string) => prove(DRIVEN.crossing, name);
const instance = (name: string) => prove(CONFIG.instance, name);
const balancer = (name: string) => prove(NODE.loadBalancer, name);
const transport = (name: string) => prove(NODE.transport, name);

export const LEDGER: readonly LedgerChapter[] = [
  {
    title: "The message",
    items: [
      met(1, "all", "First octet: version and type 1", VALUES),
      met(
        2,
        "all",
        "VRID 1 to 255 without a default, then priority, then address count",
        VALUES,
        instance("VRID 0"),
        instance("VRID 256"),
      ),
      met(
        3,
        "3768 5.3",
        "Version 2: authentication type, seconds, checksum, addresses, eight octets of trailer",
        VALUES,
        instance("half a second in version 2"),
      ),
      met(
        4,
        "9568 5.2",
        "Version 3: twelve bits of centiseconds, no trailer, addresses of the carrying family",
        VALUES,
        ROUND_TRIP,
      ),
      met(5, "9568 5.2.6", "Reserve is sent as 0 and ignored when received", PACKETS, VALUES),
      met(
        6,
        "9568 erratum 8301",
        "Intervals of 1 to 4095 cs, in version 2 of whole seconds, refused otherwise",
        instance("half a second in version 2"),
        prove(CONFIG.load, "version ${version} advertises every ${written}"),
      ),
      met(
        7,
        "3768 5.3.8",
        "Version 2: checksum over the whole message, no pseudo-header",
        VALUES,
        PSEUDO,
      ),
      met(8, "9568 5.2.8", "IPv6: checksum with the pseudo-header", PSEUDO, SENT_V6),
      other(
        "deviates",
        9,
        "9568 5.2.8, 5798 5.2.8",
        "Version 3 over IPv4: checksum over the message alone (RFC 5798: with the pseudo-header)",
        "Deviation: sent with the pseudo-header, because most deployed routers send that; " +
          "`checksum: rfc9568` turns it off. Either form is accepted and counted, because nodes that " +
          "send different ones would not hear each other; nothing turns that off.",
        ROUND_TRIP,
        PACKETS,
        balancer("either checksum form is accepted and counted"),
      ),
      met(
        10,
        "practice",
        "By unicast the pseudo-header has the peer's address",
        transport("each peer gets an advert of its own, whose checksum covers its address"),
      ),
      other(
        "deviates",
        11,
        "3768 5.3.10",
        "Authentication type 0: trailer zero when sent, ignored when received",
        "Deviation: with `authentication: { type: pass }` an instance of version 2 sends and demands type " +
          "1 of RFC 2338, because deployed routers use it. No `authentication`, as by default, turns it off.",
        receive("type 0 with data in the trailer"),
        VALUES,
      ),
      other(
        "deviates",
        12,
        "9568 5.2.9",
        "IPv6: the first address is link-local",
        "Deviation: an instance whose first address is not runs, with a warning, and accepts such " +
          "adverts, because two nodes that are configured so understand each other. A link-local " +
          "address in the first place turns it off.",
        receive("IPv6 that begins with a global address"),
        receive("IPv6 that begins with a global address, as ours does"),
      ),
      met(
        13,
        "9568 5.2.9",
        "All routers list addresses in one order: that of the configuration",
        VALUES,
        receive("another order of addresses"),
      ),
      met(14, "all", "Fields in network order", VALUES, ROUND_TRIP),
    ],
  },
  {
    title: "Sending",
    items: [
      met(15, "7.2", "IP protocol 112", SENT_V4, HEARD_V4),
      other(
        "deviates",
        16,
        "7.2",
        "To 224.0.0.18 or ff02::12 and the group's MAC address",
        "Deviation: with `unicast` they go to the peers, because some networks do not carry multicast; " +
          "with `multicast_group` to another group. Neither, as by default, turns it off.",
        SENT_V4,
        SENT_V6,
        transport(
          "a unicast instance listens to its peers alone, a multicast one to the group alone",
        ),
      ),
      met(17, "7.2", "TTL or hop limit 255", SENT_V4, SENT_V6),
      other(
        "deviates",
        18,
        "7.2",
        "IPv4 source is the interface's own address, never a virtual one",
        "Deviation: if the interface loses it, adverts come from it for 200 ms more, and so does the " +
          "goodbye after that, because the other routers know this one by it. Nothing turns it off.",
        SENT_V4,
        transport("the virtual address of one instance is never the source of another's adverts"),
        prove(
          NODE.ownAddress,
          "without an own address a master says goodbye from its last one (${how})",
        ),
        prove(
          NODE.ownAddress,
          "an own address that is back in time costs no election (${how})",
        ),
      ),
      other(
        "deviates",
        19,
        "7.2",
        "IPv6 source is the interface's link-local address",
        "Deviation: with `unicast` to global addresses it is a global one, because peers beyond a router " +
          "cannot be reached from another; no `unicast` turns that off. If the interface loses it, it " +
          "stays the source for as long as an IPv4 one; nothing turns that off.",
        SENT_V6,
        transport("IPv6: adverts come from the link-local address that is not virtual"),
      ),
      other(
        "partly",
        20,
        "7.2, 7.3",
        "Frames come from the virtual MAC address",
        "Deviation: they come from the interface's own, because the virtual one needs an interface of " +
          "its own; `virtual_mac` turns that off. Proved with frames for IPv4 only.",
        VIRTUAL_MAC,
        prove(WIRE.ethernet, "a virtual router has the MAC address of its family and VRID"),
      ),
      other(
        "kernel",
        21,
        "5.1.1.2",
        "A datagram to the group is never forwarded",
        "No kernel forwards link-local multicast; vipd adds no multicast route.",
      ),
      met(
        22,
        "9568 7.4",
        "No interface identifier is made from the virtual MAC address",
        prove(
          WIRE.linkRequests,
          "a link is marked, set up and down, and kept from making addresses",
        ),
      ),
      met(23, "practice", "Traffic class CS6", SENT_V4, SENT_V6),
      met(
        24,
        "6.1",
        "Only the master sends",
        router("init: anybody else becomes backup, says nothing and waits"),
        router("backup: shutdown is silent"),
      ),
    ],
  },
  {
    title: "Receiving",
    items: [
      other(
        "deviates",
        25,
        "7.1",
        "TTL other than 255 is discarded",
        "Deviation: with `unicast` a TTL of 1 or more is accepted, because peers may be beyond a router. " +
          "`unicast: { min_ttl: 255 }` turns it off, and so does no `unicast`.",
        receive("a TTL other than 255 comes from beyond the link"),
        HEARD_V4,
      ),
      other(
        "deviates",
        26,
        "7.1",
        "Hop limit other than 255 is discarded",
        "Deviation: with `unicast` one of 1 or more is accepted, because peers may be beyond a router. " +
          "`unicast: { min_ttl: 255 }` turns it off, and so does no `unicast`.",
        PACKETS,
        HEARD_V6,
      ),
      met(
        27,
        "7.1",
        "Another version than configured is discarded",
        receive("version 3 where 2 is configured"),
        receive("version 2 where 3 is configured"),
      ),
      met(28, "5.2.2", "Another type than 1 is discarded", PACKETS),
      met(
        29,
        "7.1",
        "A length that does not fit is discarded",
        prove(WIRE.vrrp, "a message that was cut or padded is not an advertisement"),
        PACKETS,
      ),
      met(
        30,
        "7.1",
        "A wrong checksum is discarded",
        prove(WIRE.vrrp, "one flipped bit is never taken for an advertisement"),
        PACKETS,
      ),
      met(31, "7.1", "A VRID that is not configured here is discarded", DROPS),
      met(
        32,
        "7.1, erratum 8298",
        "An owner verifies, logs and handles another's adverts",
        receive("two owners"),
        router("master: the owner yields to another owner of a higher address alone"),
      ),
      met(
        33,
        "5.2.5, erratum 8299",
        "No addresses: ignored, but by an instance that advertises none itself",
        receive("version 2 without addresses"),
        receive("version 3 without addresses"),
        receive("no addresses where we advertise none"),
      ),
      met(
        34,
        "7.1, erratum 8300",
        "IPv6: a first address that is not link-local is discarded, but by an instance whose own is not either",
        receive("IPv6 that begins with a global address"),
        receive("IPv6 that begins with a global address, as ours does"),
      ),
      met(
        35,
        "7.1, erratum 8301",
        "Version 3 with interval 0 is discarded",
        receive("version 3 with interval 0"),
      ),
      met(
        36,
        "3768 7.1",
        "Version 2 with another interval is discarded",
        receive("version 2 with another interval"),
      ),
      met(
        37,
        "9568 7.1",
        "Version 3 with another interval is reported and accepted",
        receive("version 3 with another interval"),
      ),
      other(
        "deviates",
        38,
        "9568 7.1",
        "Other addresses are logged, and not discarded",
        "Deviation: an advert with no address in common, no valid signature and a sender that is " +
          "not known to be of this pair is another pair's, and is discarded with an alarm. To " +
          "obey it would leave our addresses to nobody. All others are accepted with a warning. " +
          "Nothing turns it off; a signature, `unicast` or `peers` makes a sender known.",
        receive("another address"),
        prove(
          NODE.advertAlarms,
          "a peer that is accepted but differs raises a warning that ends when it is alike",
        ),
        ...FOREIGN,
      ),
      other(
        "deviates",
        39,
        "3768 7.1",
        "Version 2: who checks the addresses discards others, but for the owner's",
        "Deviation: accepted with a warning as long as one address is common or the sender is known " +
          "to be of this pair, for to discard it would make two masters while an address is being " +
          "changed, node by node. Another pair's is discarded with an alarm, an owner's too. Nothing " +
          "turns it off.",
        receive("another address"),
        ...FOREIGN,
      ),
      met(
        40,
        "3768 5.3.6",
        "An authentication type that is unknown or not ours is discarded",
        receive("a password where none is configured"),
        receive("no password where one is configured"),
        receive("MD5, type 2"),
      ),
      met(
        41,
        "9568 7.1",
        "Discards are logged, not each one",
        balancer("a flood of discarded packets is reported once a minute"),
      ),
      met(
        42,
        "5.2.9",
        "The addresses are of the carrying family; version 2 exists over IPv4 only",
        PACKETS,
      ),
      met(
        43,
        "practice",
        "IP options are skipped, padding is cut off",
        prove(WIRE.ipv4, "options are skipped: IHL 6 to 15"),
        prove(WIRE.ipv4, "octets behind the total length are padding"),
      ),
      met(44, "practice", "Our own adverts are not heard", HEARD_V4, HEARD_V6),
      met(
        45,
        "practice",
        "Unicast from peers alone, and no mixture with multicast",
        transport(
          "a unicast instance listens to its peers alone, a multicast one to the group alone",
        ),
        transport("next to a multicast instance a unicast one refuses what the group brings"),
      ),
      met(
        46,
        "practice",
        "No octets bring the receiver down",
        prove(
          WIRE.vrrp,
          "random octets decode without an exception, and almost never to an advertisement",
        ),
        prove(
          DRIVEN.hostile,
          "of 100,000 hostile packets the valid ones are accepted and no others",
        ),
      ),
    ],
  },
  {
    title: "Parameters and timers",
    items: [
      met(
        47,
        "5.2.4",
        "Priorities 1 to 254, 255 for the owner, 0 refused, 100 by default",
        instance("priority 0"),
        instance("priority 256"),
        prove(CONFIG.load, "the smallest file has the documented defaults"),
      ),
      met(
        48,
        "3768 6.1",
        "Version 2: Skew_Time in 256ths of a second, Master_Down_Interval",
        TIMERS,
      ),
      met(49, "9568 6.1", "Version 3: Skew_Time in 256ths of the interval, not rounded", TIMERS),
      met(
        50,
        "9568 6.4.1",
        "At start the own interval counts",
        router("version 3: the wait starts from the own interval and follows the master's"),
      ),
      met(
        51,
        "9568 6.4.2",
        "A backup learns the master's interval, for Skew_Time too",
        router("version 3: the wait starts from the own interval and follows the master's"),
      ),
      met(
        52,
        "9568 6.4.3",
        "A master that yields learns the interval before it waits",
        router("version 3: a master that yields learns the interval before it waits"),
      ),
      other(
        "deviates",
        53,
        "9568 6.1",
        "Defaults: one second, preemption, Accept_Mode off",
        "Deviation: Accept_Mode is on, because nginx is to answer. `accept: false` turns it off.",
        prove(CONFIG.load, "the smallest file has the documented defaults"),
      ),
      met(
        54,
        "9568 2.5",
        "A router that sees itself flap at small intervals says so",
        balancer(
          "a router that flaps raises one alarm that ends with it, and not when a person moves it",
        ),
      ),
      met(
        55,
        "9568 8.3.2",
        "Two owners are reported",
        receive("two owners"),
        prove(NODE.observer, "what differs between two nodes is found"),
      ),
    ],
  },
  {
    title: "The state machine",
    items: [
      other(
        "deviates",
        56,
        "6.4.1",
        "Start of the owner: advert, announcements, master at once",
        "Deviation: the advert comes behind the addresses and their announcement, because the master " +
          "that it replaces removes its addresses when it hears the advert. Nothing turns it off.",
        router("init: the owner becomes master at startup"),
      ),
      other(
        "deviates",
        57,
        "6.4.1",
        "Start of anybody else: backup, silent, for Master_Down_Interval",
        "Deviation: that counts from when the node began to listen, because a master would have been " +
          "heard since. After its link came up it waits 1.2 s at least until it hears a master, because " +
          "neighbours that have yet to find each other would be taken for silent. Nothing turns " +
          "either off.",
        router("init: anybody else becomes backup, says nothing and waits"),
        router("init: the first wait counts from when a master would have been heard"),
        prove(
          NODE.ownAddress,
          "a link that came up leaves neighbours time to find each other, however fast the adverts",
        ),
      ),
      met(
        58,
        "6.4.1",
        "Before the start packets mean nothing",
        router("init: packets, timers and commands mean nothing"),
      ),
      met(59, "6.4.2", "Backup, shutdown: no advert", router("backup: shutdown is silent")),
      other(
        "deviates",
        60,
        "6.4.2",
        "Backup, Master_Down_Timer: advert, addresses, announcements, master",
        "Deviation: `vipd promote` makes a backup master at once, because somebody wants it to serve; no " +
          "promote turns that off. Only the place of a silent master is taken in this order. If the master has said " +
          "goodbye or is weaker, the advert comes last, because such a master removes its addresses " +
          "when it hears it; nothing turns that off. The timer may fire 2 ms early, because the takeover takes as long; nothing " +
          "turns that off. A member of a sync group waits while another member hears a master " +
          "(`sync_group_waits`), because its own link may be at fault; no `sync_groups` turns that off. " +
          "After its link came up it waits while a peer's API says that the peer is master, if it would " +
          "leave that one in peace (`peer_master_waits`), because adverts may not pass yet; " +
          "`preempt: true` without `preempt_delay` turns that off.",
        router("backup: the master is silent for Master_Down_Interval"),
        router(
          "backup: a takeover may begin two milliseconds early, so that its advert is on time",
        ),
        prove(
          NODE.takeoverOrder,
          "a weaker master that lives hears of the new one when that one serves",
        ),
        prove(
          NODE.syncGroup,
          "where one member loses its election, the other gives way and does not come back alone",
        ),
        prove(
          NODE.ownAddress,
          "a node that hears nothing after its link came up, and a peer's word: ${what}",
        ),
        balancer("a master announces its addresses at once and again after the delay"),
      ),
      other(
        "deviates",
        61,
        "6.4.2",
        "Backup, priority 0: wait Skew_Time",
        "Deviation: the only backup of a pair does not wait, because Skew_Time is for several. " +
          "`sole_backup: false` turns it off. One that is the last resort or held back waits longer " +
          "than a hand-over lasts, because anybody else serves better. No `when_down: last_resort` " +
          "and `damping: { moves: 0 }` turn it off. One whose own advert as master may have crossed the " +
          "goodbye does not wait, because the one that leaves yields to that advert; nothing turns that " +
          "off.",
        router("backup: priority 0 leaves it Skew_Time"),
        crossing(
          "the goodbye of the master to which it has just yielded is answered without a wait",
        ),
        prove(
          DRIVEN.soleBackup,
          "priority 0 of anybody but the master that it follows starts Skew_Time, as ever",
        ),
        lastResort("after priority 0 it waits for longer than a hand-over lasts"),
      ),
      met(
        62,
        "6.4.2",
        "Backup, same or higher priority or no preemption: follow",
        router(
          "backup: a master of the same or a higher priority is followed, whatever its address",
        ),
        router("backup: without preemption a weaker master is followed too"),
      ),
      other(
        "deviates",
        63,
        "6.4.2",
        "Backup, lower priority with preemption: the timer runs on",
        "Deviation: it does, but for a backup that is the last resort or held back, which replaces " +
          "nobody, because each move costs the clients more than it brings them. No " +
          "`when_down: last_resort` and `damping: { moves: 0 }` turn it off. One that is promoted " +
          "preempts also with `preempt: false`, because somebody wants it to serve; no promote turns " +
          "that off. One whose own advert as master may have crossed that of the weaker one does not " +
          "wait, because the weaker one yields to it; nothing turns that off.",
        router("backup: with preemption a weaker master does not keep it waiting"),
        lastResort(
          "the weakest master there can be is followed, although it preempts otherwise",
        ),
        crossing("a master that became weaker than the farewell is replaced without a wait"),
        prove(NODE.damping, "one that is held back serves if the other node is gone"),
      ),
      other(
        "deviates",
        64,
        "6.4.3",
        "Master, shutdown: priority 0, then init",
        "Deviation: priority 0 leaves at once, and the addresses stay until the next master speaks or " +
          "could have spoken, so that nothing is lost. Nothing turns it off. A demote and a last " +
          "resort send priority 0 without an end: if nobody comes, the master goes on. If the engine " +
          "was killed, `vipd goodbye` sends priority 0 in its name, when the addresses are off; an " +
          "empty `ExecStopPost=` turns that off.",
        router("master: shutdown sends priority 0 first"),
        handOver("shutdown: the master serves until the next one speaks"),
        handOver("shutdown: where nobody takes over, the master goes nevertheless"),
        prove(
          NODE.lastResort,
          "the check fails on both: the master asks once, goes on and says so; who recovers serves",
        ),
        prove(NODE.goodbye, "all members of a sync group let go before one of them speaks"),
      ),
      other(
        "deviates",
        65,
        "6.4.3",
        "Master, Adver_Timer: advert",
        "Deviation: it may leave a twentieth of the interval early, 10 ms at most, because hundreds of " +
          "instances would otherwise wake the program for each; nothing turns it off. A master that " +
          "stood still for a lease is backup without a word (`lease_lapsed`), because the kernel has " +
          "removed its addresses and another one has them; `lease: off` turns that off. One whose " +
          "adverts do not leave for that long is in fault, because the others have taken over; nothing " +
          "turns that off.",
        router("master: an advert at each interval"),
        router("an advert may leave a little early, and the next one follows an interval after it"),
        prove(DRIVEN.lease, "a lapsed lease makes a master backup without a word"),
        prove(
          NODE.lease,
          "a master that stood still for longer than its lease is backup, and wins its election as any",
        ),
      ),
      met(
        66,
        "6.4.3",
        "Master, priority 0: advert at once, timer set again",
        router("master: another's priority 0 is answered at once, and the cadence begins again"),
      ),
      other(
        "deviates",
        67,
        "6.4.3",
        "Master, higher priority, or the same from a higher address: backup",
        "Deviation: it sends one more advert with its own priority, so that a stronger master that " +
          "did not hear it before announces its addresses again. Nothing turns it off.",
        router("master: yields to a higher priority, and to the same from a higher address"),
      ),
      other(
        "deviates",
        68,
        "6.4.3",
        "Master, weaker advert: discarded; version 3 answers at once",
        "Deviation: a master that overslept, for as long as its backups bear, yields to the weaker one " +
          "without a word (`overslept`), because that one serves by now and both would for a moment; " +
          "nothing turns it off. One that stays announces its addresses, because caches may point at " +
          "the weaker one; `announce: { repeat_lower_priority: 0 }` turns that off.",
        prove(
          DRIVEN.lease,
          "a master that overslept yields to the weaker one that took over, without a word",
        ),
        router(
          "master: a weaker one is answered at once in version 3, not in version 2, and the address is announced",
        ),
      ),
      met(
        69,
        "6.4.3",
        "A master does not ask about preemption",
        router("master: preemption is not asked in this state"),
      ),
      other(
        "deviates",
        70,
        "6.4.3",
        "The loser of an election sends no priority 0 and removes its addresses",
        "Deviation: with `split_brain: yield`, a master that does not hear the stronger one, but " +
          "learns of it, gives the addresses up with priority 0, because both would serve. `split_brain: alarm`, the default, " +
          "turns it off.",
        router("master: yields to a higher priority, and to the same from a higher address"),
        RANDOM_FAULTS,
      ),
      other(
        "deviates",
        71,
        "6.4",
        "Each virtual router is elected for itself, IPv4 and IPv6 with one VRID too",
        "Deviation: the members of a sync group are master on the same node or not at all, because " +
          "traffic needs both of its networks there. No `sync_groups` turns it off.",
        prove(
          NODE.syncGroup,
          "the members become master at one moment, and the status names the group",
        ),
        transport("an IPv4 and an IPv6 instance with one VRID live next to each other"),
      ),
      other(
        "deviates",
        72,
        "6.4",
        "There are three states: Initialize, Backup, Master",
        "Deviation: an instance that cannot serve is in `fault`, which takes part in no election, " +
          "because it would keep the addresses from a node that can. A master leaves for it with " +
          "priority 0 where that can be sent. No `track` turns off what checks and tracked interfaces do; nothing turns off the rest.",
        balancer(
          "an interface that goes down means fault at once, and the way back leads through backup",
        ),
        handOver("fault: the master serves until the next one speaks"),
      ),
      other(
        "deviates",
        73,
        "6.1",
        "Priority and Preempt_Mode are configured values",
        "Deviation: weights of what is tracked and overrides (promote, demote, a priority) move the " +
          "priority, because the better node of the moment is to serve; no `weight` and no override turn " +
          "it off. `preempt_delay`, which RFC 8347 has as hold-time, leaves a weaker master in peace for " +
          "a while, so that a node that returns is ready; 0, the default, turns that off.",
        prove(
          NODE.delays,
          "a node that returns leaves a weaker master in peace for the preempt delay",
        ),
        balancer(
          "a demote moves the addresses without a gap, and they stay away until it is released",
        ),
        router("a priority changed at run time is what a master advertises next"),
      ),
    ],
  },
  {
    title: "The view of hosts on the link",
    items: [
      met(74, "6.4.2", "A backup answers no ARP for the addresses", SILENT_BACKUP, RANDOM_FAULTS),
      met(
        75,
        "6.4.2",
        "A backup answers no neighbour solicitation and sends no router advertisement",
        IDLE_BACKUP,
        RANDOM_FAULTS,
      ),
      other(
        "deviates",
        76,
        "6.4.2",
        "A backup accepts no packets to the addresses",
        "Deviation: with `drain`, a former master accepts those of connections that began on " +
          "it, so that they outlive the hand-over. `drain: 0`, the default, turns it off.",
        IDLE_BACKUP,
        RANDOM_FAULTS,
      ),
      met(77, "6.4.2", "A backup discards frames to the virtual MAC address", SILENT_BACKUP),
      met(
        78,
        "6.4.3",
        "The master answers ARP with the virtual MAC address (with `virtual_mac`)",
        VIRTUAL_MAC,
      ),
      other(
        "partly",
        79,
        "6.4.3",
        "The master answers neighbour solicitations, as a router, with the virtual MAC address",
        "The kernel answers. Deviation: the Router flag is set only on hosts that forward, because " +
          "others are no routers. Forwarding turns it off. Not proved with a virtual MAC address.",
        prove(
          HOST.socketV6,
          "an IPv6 virtual address answers at once and is no source for connections",
        ),
      ),
      other(
        "not_applicable",
        80,
        "6.4.3",
        "The master sends router advertisements",
        "A load balancer's address is not a default router.",
      ),
      other(
        "not_applicable",
        81,
        "6.4.3",
        "The master forwards frames to the virtual MAC address",
        "A load balancer answers itself; where the host forwards, the kernel does it.",
      ),
      met(
        82,
        "6.4.3",
        "The master accepts packets to the addresses if it is owner or Accept_Mode is on",
        REFUSED,
        prove(
          HOST.filter,
          "a master with accept off answers ARP and nothing else; with its end nothing is refused",
        ),
        prove(
          NODE.refusals,
          "a host that cannot refuse packets is no master until it can, and says why",
        ),
        instance("the owner does not accept"),
      ),
      met(83, "6.1", "Without Accept_Mode neighbour discovery still works", REFUSED),
      other(
        "deviates",
        84,
        "6.4.1, errata 7947, 7949",
        "Gratuitous ARP for each address at takeover, sender and target hardware address the virtual MAC address",
        "Deviation: the target hardware address is broadcast, as deployed routers write it and receivers ignore it; nothing " +
          "turns it off. The sender's is the interface's, because the virtual one needs an interface of its own; " +
          "`virtual_mac` turns that off. It is repeated at once and after a delay, and by a sole backup " +
          "after a goodbye, because some switches and hosts miss the first; " +
          "`announce: { repeat: 1, delay: 0 }` and `sole_backup: false` turn that off.",
        prove(WIRE.arp, "a gratuitous ARP is a broadcast request from and for the address"),
        prove(HOST.announcer, "an announcement is one gratuitous ARP on the wire of its device"),
        VIRTUAL_MAC,
      ),
      other(
        "deviates",
        85,
        "6.4.1",
        "Unsolicited neighbour advertisement with Router and Override for each address",
        "Deviation: the Router flag is set only on hosts that forward IPv6, because others are no routers. Forwarding " +
          "turns it off. It is repeated as gratuitous ARP is.",
        prove(
          WIRE.ndp,
          "an unsolicited neighbour advertisement overrides what the link knows of the address",
        ),
        prove(
          HOST.announcer,
          "an IPv6 announcement is one neighbour advertisement, with the Router flag on a router only",
        ),
      ),
      met(
        86,
        "8.1.2, 8.2.2",
        "Nothing is announced before addresses and virtual MAC address are there",
        prove(
          NODE.virtualMac,
          "the interface of a virtual MAC address is up on the master alone, and adverts come from it",
        ),
        router("backup: the master is silent for Master_Down_Interval"),
      ),
      met(
        87,
        "8.1.2",
        "The physical MAC address is never announced for the addresses (with `virtual_mac`)",
        VIRTUAL_MAC,
      ),
      other(
        "not_applicable",
        88,
        "8.1.3",
        "Proxy ARP carries the virtual MAC address",
        "vipd does no proxy ARP.",
      ),
      other(
        "kernel",
        89,
        "8.2.2",
        "The master's neighbour solicitations carry the virtual MAC address",
        "The kernel sends them from the interface that carries the address.",
      ),
      other(
        "kernel",
        90,
        "8.2.4",
        "Unsolicited neighbour advertisements are accepted",
        "vipd does not touch the setting.",
      ),
      other(
        "partly",
        91,
        "8.3.1",
        "A router that is not the owner does not forward packets to the addresses",
        "A load balancer that does not forward, which is the system's default, drops them. One that forwards " +
          "for another purpose passes them on to the master as any router would: vipd adds no route against it.",
        IDLE_BACKUP,
      ),
      met(
        92,
        "8.2.2",
        "IPv6 addresses are added without duplicate address detection",
        prove(WIRE.rtnetlink, "an IPv6 address is added without duplicate address detection"),
      ),
      other(
        "not_applicable",
        93,
        "8.1.1, 8.2.1",
        "Redirects come from the address that the host used",
        "Redirects are sent by hosts that forward; a load balancer answers itself.",
      ),
    ],
  },
  {
    title: "Both versions at once, management, security",
    items: [
      other(
        "declined",
        94,
        "9568 8.4",
        "Optional: versions 2 and 3 at the same time",
        "The RFC offers it for a transition and advises against it otherwise: an instance speaks one version, " +
          "and `vipd listen` and the alarm `peer_mismatch` report nodes that differ.",
      ),
      other(
        "partly",
        95,
        "6527, 8347",
        "Counters for each instance",
        "Adverts, priority 0, masterships and discards by reason; no discontinuity time.",
        DROPS,
      ),
      other(
        "partly",
        96,
        "8347",
        "Counters for what belongs to no instance",
        "Discards by reason; not the numbers of routers and interfaces.",
        DROPS,
      ),
      met(
        97,
        "8347",
        "State, last sender, since when, intervals and why in the status",
        prove(CONFIG.statusText, "a master's status says who, why and since when"),
      ),
      other(
        "partly",
        98,
        "8347",
        "The last event has a name",
        "Every transition has a stable reason; the names are vipd's own.",
        router("backup: the master is silent for Master_Down_Interval"),
      ),
      met(
        99,
        "8347",
        "Notifications: new master, protocol error, virtual router error (in the journal and `GET /v1/events`)",
        prove(
          NODE.notifications,
          "new master event: reported with the reason, by the new master and by the old one",
        ),
        prove(
          NODE.notifications,
          "${event} error event, ${error}: reported with sender, interface, reason and remedy",
        ),
      ),
      other(
        "deviates",
        100,
        "7.1, draft-cassen-vrrp-auth-hmac",
        "A message that is longer than its addresses, as with the HMAC trailer, fails the length check",
        "Deviation: with `authentication: { type: hmac }` adverts have the trailer and adverts " +
          "without it are discarded, because anybody on the link could be master otherwise. No " +
          "`authentication`, as by default, turns it off.",
        prove(NODE.signed, "who does not expect a trailer refuses it for its length"),
        prove(DRIVEN.hmac, "without authentication the vector of ${name} fails the length check"),
        prove(
          DRIVEN.hmac,
          "the published vector of ${name} is what is sent, and accepted when received",
        ),
      ),
    ],
  },
];
