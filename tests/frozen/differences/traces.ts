/**
 * What simulated nodes do at other times than with 0.1.0, or in addition: of the simulator's traces and packets.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const OWN_ANNOUNCED =
  "A node whose link comes up announces its own address and waits for a master for at least 1.2 s";
const GROUP_ANNOUNCED =
  "a member that goes with its group before its own wait after the goodbye is over announces its " +
  "addresses at these times, too";
const CLAIMS = "If several machines claim an address, the question goes out a while after the " +
  "first claim, and the next one does not put it off";
const REASSERTED =
  "New event `reasserted` of `notify`, and code of the journal: a master has heard " +
  "a weaker one, as after a partition, and that one has yielded";
const LASTED = "`alarm_cleared` says how long the cause lasted, without the ten seconds that the " +
  "alarm stood after it, also if the clock was set meanwhile";
const ONE_ENTRY =
  "The journal has one entry a minute for each address, route, rule or interface that " +
  "another program removes or changes";
const ROUTE_ONCE = "A simulated machine has a route once, as a real one does";
const FLAPPING = "The alarm `flapping` means that; it meant four masterships within a minute";
const RELOAD_WORDS =
  "A reload names each change in the words of the file, with the old and the new value";

/** Each of these seeds with that difference. */
export function ofSeeds(
  seeds: readonly number[],
  difference: string,
  changelog: string,
): AcceptedDifference[] {
  return seeds.map((seed) => ({ items: `traces/seed ${seed}`, difference, changelog }));
}

/** The seeds in which another program takes an address twice within a minute. */
const SEEDS_WITH_THEFTS = [155, 202, 485];
/** The seed in which a route is put that is there already. */
const SEEDS_WITH_ROUTES = [487];
/** The seeds in which one of three nodes claims an address while another's claim is examined. */
const SEEDS_WITH_CLAIMS = [63, 91, 94, 216, 239, 415, 474, 480];

/** A sync group that took over after a goodbye: the time at which it did, and the member's node. */
type GroupTakeover = readonly [item: string, atMs: number, node: string];

/** Two of them end before the third announcement. */
const GROUP_TAKEOVERS: readonly GroupTakeover[] = [
  ["traces/seed 45", 14071.661, "lb01"],
  ["traces/seed 53", 8652.099, "lb02"],
  ["traces/seed 99", 17162.31, "lb01"],
  ["traces/seed 166", 13006.965, "lb03"],
  ["traces/seed 173", 15251.264, "lb03"],
  ["traces/seed 181", 18322.78, "lb02"],
  ["traces/seed 181", 21883.348, "lb02"],
  ["traces/seed 209", 10999.714, "lb01"],
  ["traces/seed 274", 19600.642, "lb02"],
  ["traces/seed 301", 9593.003, "lb03"],
  ["traces/seed 417", 5672.153, "lb02"],
  ["traces/seed 446", 5982.711, "lb02"],
  ["packets/a sync group", 54121.993, "lb02"],
];
const SHORT_GROUP_TAKEOVERS: readonly GroupTakeover[] = [
  ["traces/seed 13", 5089.28, "lb02"],
  ["packets/a sync group", 48122.008, "lb02"],
];

function announcedAfter(
  takeovers: readonly GroupTakeover[],
  afterMs: readonly number[],
): AcceptedDifference[] {
  return takeovers.flatMap(([items, atMs, node]) =>
    afterMs.map((ms) => ({
      items,
      difference: `+ /announcements | ${(atMs + ms).toFixed(3)} ${node} announce *`,
      changelog: GROUP_ANNOUNCED,
    }))
  );
}

const ANNOUNCEMENTS: readonly AcceptedDifference[] = [
  ...["packets/*", "traces/*"].flatMap((items) =>
    ["192.168.31.1", "fe80::1"].flatMap((own) =>
      of(items, [`+ /announcements | * announce {"address":"${own}*`, OWN_ANNOUNCED])
    )
  ),
  ...announcedAfter(GROUP_TAKEOVERS, [50, 200, 1000]),
  ...announcedAfter(SHORT_GROUP_TAKEOVERS, [50, 200]),
  // The refreshes every two seconds count from the last of these announcements.
  ...[["traces/seed 99", "162.310 lb01"], ["traces/seed 166", "006.965 lb03"], [
    "traces/seed 446",
    "982.711 lb02",
  ]].flatMap(([items, end]) =>
    of(
      items!,
      [`+ /announcements | *${end} announce *`, GROUP_ANNOUNCED],
      [`- /announcements | *${end} announce *`, GROUP_ANNOUNCED],
    )
  ),
];

/** Nobody is heard after the link came up, so lb01 waits 0.8 s longer: these lines go, and these come. */
const WAITS_LONGER = "traces/seed 118";
const GONE = ["100 lb01", "570 lb01", "406 lb02", "951 lb01", "242 lb02", "612 lb01", "412 lb02"];
const COME = ["522 lb01", "938 lb01", "945 lb02", "898 lb01", "215 lb02", "596 lb01", "249 lb02"];

/**
 * The first wait ends with the first advert, so the members of a sync group take over in another order within one moment, and
 * keep it: the moments of lb01 as the master and of the two adverts by which lb02 gives way.
 */
const OTHER_ORDER = [
  "*.813 lb01",
  "*.069 lb01",
  "84683.058 lb01",
  "84682.944 lb02",
  "84682.973 lb02",
];

const WAITS: readonly AcceptedDifference[] = [
  ...of(
    WAITS_LONGER,
    ...GONE.map((end) => [`- /* | *.${end} *`, OWN_ANNOUNCED] as const),
    ...COME.map((end) => [`+ /* | *.${end} *`, OWN_ANNOUNCED] as const),
  ),
  ...of(
    "packets/a sync group",
    ["> /* | *.813 lb01 *", OWN_ANNOUNCED],
    ...OTHER_ORDER.map((moment) => [`~ /* | ${moment} *`, OWN_ANNOUNCED] as const),
  ),
];

export const TRACES: readonly AcceptedDifference[] = [
  ...ANNOUNCEMENTS,
  ...WAITS,
  ...ofSeeds(SEEDS_WITH_CLAIMS, "* /machine | * probe *", CLAIMS),
  ...["journal", "messages"].flatMap((channel) => [
    ...ofSeeds(SEEDS_WITH_THEFTS, `- /${channel} | * address_vanished *`, ONE_ENTRY),
    ...ofSeeds(SEEDS_WITH_ROUTES, `- /${channel} | * routing_left_behind *`, ROUTE_ONCE),
    ...of("traces/*", [`+ /${channel} | * reasserted *`, REASSERTED]),
  ]),
  ...ofSeeds(SEEDS_WITH_ROUTES, "- /machine | * removeRouting *", ROUTE_ONCE),
  ...of(
    "traces/*",
    ["~ /messages | * alarm_cleared * is over after {* -> *} s: *", LASTED],
    [
      "~ /messages | * config_changed instance *: track: {changed -> { check: nginx*} *}",
      RELOAD_WORDS,
    ],
    [
      "~ /messages | * config_changed instance *: preempt_delay: {1500ms -> 1.5s} -> 0s",
      RELOAD_WORDS,
    ],
  ),
  ...["packets/*", "traces/*"].flatMap((items) =>
    of(
      items,
      ['- /journal | * warning alarm_raised * {"alarm":"flapping"}', FLAPPING],
      ["- /messages | * flapping: became master again and again within a minute; *", FLAPPING],
    )
  ),
];
