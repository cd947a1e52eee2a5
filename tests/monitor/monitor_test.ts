import assert from "node:assert/strict";
import type { MonitorChange } from "../../src/monitor/change.ts";
import { VrrpMonitor } from "../../src/monitor/monitor.ts";
import {
  type Advertisement,
  type ChecksumForm,
  encodeAdvertisement,
  passwordOctets,
  VRRP_GROUP,
} from "../../src/wire/vrrp.ts";

const LB01 = "192.168.31.11";
const LB02 = "192.168.31.12";

interface Heard {
  readonly atMs: number;
  readonly from: string;
  readonly advert?: Partial<Advertisement>;
  readonly form?: ChecksumForm;
  readonly ttl?: number;
  readonly destination?: string;
  /** Instead of an advert. */
  readonly octets?: Uint8Array;
}

function password(text: string): Pick<Advertisement, "authentication"> {
  return { authentication: { type: 1, data: passwordOctets(text) } };
}

/** Lets an observer hear, with a tick every 100 ms between and until `untilMs`. */
function hear(heard: readonly Heard[], untilMs = 0, showPasswords = false) {
  const monitor = new VrrpMonitor({ showPasswords });
  const changes: MonitorChange[] = [];
  let tickMs = 0;
  const tickTo = (nowMs: number) => {
    for (; tickMs < nowMs; tickMs += 100) changes.push(...monitor.tick(tickMs));
  };
  for (const { atMs, from, advert, form, ttl = 255, octets, destination } of heard) {
    tickTo(atMs);
    const to = destination ?? (from.includes(":") ? VRRP_GROUP.ipv6 : VRRP_GROUP.ipv4);
    const advertisement: Advertisement = {
      version: 2,
      vrid: 55,
      priority: 100,
      intervalCs: 100,
      addresses: ["192.168.31.5"],
      ...advert,
    };
    const payload = octets ??
      encodeAdvertisement(
        advertisement,
        { source: from, destination: to },
        form ?? "pseudo_header",
      );
    const datagram = { interface: "eth1", source: from, destination: to, ttl, payload };
    changes.push(...monitor.receive(datagram, atMs));
  }
  tickTo(untilMs);
  return { monitor, changes, codes: changes.map(({ code, finding }): string => finding ?? code) };
}

/** An advert every `everyMs` from `fromMs` until before `untilMs`. */
function steady(from: string, fromMs: number, untilMs: number, more: Partial<Heard> = {}): Heard[] {
  const adverts: Heard[] = [];
  for (let atMs = fromMs; atMs < untilMs; atMs += 1000) adverts.push({ atMs, from, ...more });
  return adverts;
}

/** An advert of each in turn, 500 ms apart. */
function turns(...from: readonly string[]): Heard[] {
  return from.map((from, at) => ({ atMs: 500 * at, from }));
}

function inOrder(...adverts: Heard[][]): Heard[] {
  return adverts.flat().sort((a, b) => a.atMs - b.atMs);
}

Deno.test("a master is reported once, with what it says, and its rate", () => {
  const advert = { priority: 150, ...password("123456") };
  const { monitor, changes } = hear(steady(LB01, 0, 10_000, { advert }));
  assert.deepEqual(changes.map(({ code, source, message }) => [code, source, message]), [[
    "master_appeared",
    LB01,
    `${LB01} is master: priority 150, every 1 s, version 2, authentication PASS, printable, for 192.168.31.5`,
  ]]);
  const [router] = monitor.routers();
  assert.deepEqual([router?.interface, router?.vrid, router?.family], ["eth1", 55, "ipv4"]);
  assert.equal(router?.senders.length, 1);
  const [sender] = router!.senders;
  assert.equal(sender?.advertsPerSecond, 1);
  assert.equal(sender?.adverts, 10);
  assert.equal(sender?.role, "master");
});

Deno.test("a password is shown to nobody who has not asked", () => {
  const cases: [string | Uint8Array<ArrayBuffer>, boolean, boolean, string | null][] = [
    ["secret!", false, true, null],
    ["secret!", true, true, "secret!"],
    [Uint8Array.of(1, 2, 255, 0, 0, 0, 0, 0), false, false, null],
    [Uint8Array.of(1, 2, 255, 0, 0, 0, 0, 0), true, false, "0102ff"],
  ];
  for (const [given, shown, printable, want] of cases) {
    const data = typeof given === "string" ? passwordOctets(given) : given;
    const advert = { authentication: { type: 1, data } };
    const { monitor, changes } = hear([{ atMs: 0, from: LB01, advert }], 0, shown);
    const { authentication } = monitor.routers()[0]!.senders[0]!;
    assert.deepEqual(authentication, { type: 1, printable, password: want });
    const told = JSON.stringify([changes, monitor.routers()]);
    assert.equal(told.includes("secret!"), shown && printable);
  }
});

Deno.test("what happens to the mastership is reported as it happens", async (t) => {
  const strong = { advert: { priority: 150 } };
  const cases: { name: string; heard: Heard[]; untilMs?: number; want: string[] }[] = [
    {
      name: "preemption",
      heard: inOrder(steady(LB02, 0, 5000), steady(LB01, 4500, 10_000, strong)),
      want: ["master_appeared", "master_changed"],
    },
    {
      name: "preemption with a farewell",
      heard: inOrder(
        steady(LB02, 0, 4600),
        steady(LB01, 4500, 10_000, strong),
        [{ atMs: 4501, from: LB02 }],
      ),
      want: ["master_appeared", "master_changed"],
    },
    {
      name: "a clean stop",
      heard: [
        ...steady(LB01, 0, 3000, strong),
        { atMs: 3000, from: LB01, advert: { priority: 0 } },
        ...steady(LB02, 3609, 9000),
      ],
      want: ["master_appeared", "master_released", "master_appeared"],
    },
    {
      name: "a crash",
      heard: [...steady(LB01, 0, 3000, strong), ...steady(LB02, 5609, 12_000)],
      want: ["master_appeared", "master_changed"],
    },
    {
      name: "a crash and nobody to follow",
      heard: steady(LB01, 0, 3000, strong),
      untilMs: 20_000,
      want: ["master_appeared", "master_silent"],
    },
    {
      name: "a weaker master that is put in its place",
      heard: inOrder(steady(LB01, 0, 9000, strong), [{ atMs: 3500, from: LB02 }]),
      want: ["master_appeared", "master_changed", "master_changed"],
    },
    {
      name: "two that take turns three times",
      heard: turns(LB01, LB02, LB01, LB02),
      want: ["master_appeared", "master_changed"],
    },
    {
      name: "two that take turns four times",
      heard: turns(LB01, LB02, LB01, LB02, LB01),
      want: ["master_appeared", "master_changed", "two_masters"],
    },
    {
      name: "another priority",
      heard: [...steady(LB01, 0, 3000, strong), ...steady(LB01, 3000, 6000)],
      want: ["master_appeared", "advert_changed"],
    },
    {
      name: "split brain, and its end",
      heard: inOrder(steady(LB01, 0, 30_000, strong), steady(LB02, 4500, 12_000)),
      want: ["master_appeared", "master_changed", "master_changed", "two_masters", "finding_ended"],
    },
  ];
  for (const { name, heard, untilMs, want } of cases) {
    await t.step(name, () => {
      const { changes } = hear(heard, untilMs);
      const codes = changes.map(({ code, finding }) => code === "finding_began" ? finding : code);
      assert.deepEqual(codes, want);
    });
  }
});

Deno.test("a goodbye counts among the adverts of its sender", () => {
  const goodbye = { atMs: 3500, from: LB01, advert: { priority: 0 } };
  const { monitor } = hear([...steady(LB01, 0, 3000), goodbye]);
  assert.deepEqual(monitor.routers()[0]!.senders.map(({ adverts }) => adverts), [4]);
});

Deno.test("only the first goodbye of a router that was heard before is reported", () => {
  const goodbye = (atMs: number) => ({ atMs, from: LB01, advert: { priority: 0 } });
  assert.deepEqual(hear([goodbye(0)]).codes, []);
  const twice = hear([{ atMs: 0, from: LB01 }, goodbye(1000), goodbye(1100)]);
  assert.deepEqual(twice.codes, ["master_appeared", "master_released"]);
});

Deno.test("who says goodbye is no longer one of two that take turns", () => {
  const goodbye = (from: string) => ({ atMs: 2100, from, advert: { priority: 0 } });
  const masters = (goodbyeOf: string) => {
    const { codes } = hear([
      ...turns(LB01, LB02, LB01, LB02),
      goodbye(goodbyeOf),
      { atMs: 2200, from: LB01 },
      { atMs: 2300, from: LB02 },
    ]);
    return codes.includes("two_masters");
  };
  assert.ok(!masters(LB02));
  assert.ok(masters(LB03), "the goodbye of a third one changes nothing");
});

/** Adverts of version 3 every 2.56 s: a master lives for 10230 ms. */
const SLOW = { version: 3, intervalCs: 256 } as const;

Deno.test("a master is silent once its life is over, and not before", () => {
  const monitor = hear([{ atMs: 1000, from: LB01, advert: SLOW }]).monitor;
  assert.deepEqual(monitor.tick(1000 + 10_229), []);
  assert.deepEqual(monitor.tick(1000 + 10_230).map(({ code }) => code), ["master_silent"]);
  const [late] = hear([{ atMs: 1000, from: LB01 }]).monitor.tick(62_000);
  assert.equal(late!.message, `${LB01} has been silent for 61.0 s`);
});

Deno.test("two that take turns within a master's life are two masters, until they are silent", () => {
  for (const [lastMs, want] of [[10_229, true], [10_230, false]] as const) {
    const heard = [0, 1000, 2000, 3000, lastMs]
      .map((atMs, at) => ({ atMs, from: at % 2 ? LB02 : LB01, advert: SLOW }));
    assert.equal(hear(heard).codes.includes("two_masters"), want, `${lastMs} ms`);
  }
  const { changes } = hear(turns(LB01, LB02, LB01, LB02, LB01), 10_000);
  const ends = changes.slice(-3).map(({ code, finding }) => [code, finding]);
  const silent = ["master_silent", null];
  assert.deepEqual(ends, [silent, ["finding_ended", "two_masters"], silent]);
});

Deno.test("of a master's life the last 200 adverts are known", () => {
  for (const [adverts, want] of [[200, true], [201, false]] as const) {
    const heard = Array.from({ length: adverts }, (_, at) => ({
      atMs: at,
      from: [0, 2, adverts - 1].includes(at) ? LB01 : LB02,
    }));
    assert.equal(hear(heard).codes.includes("two_masters"), want, `${adverts} adverts`);
  }
});

Deno.test("the rate is that of the last 20 adverts", () => {
  const heard = [{ atMs: 0, from: LB01 }, ...steady(LB01, 3000, 23_000)];
  assert.equal(hear(heard).monitor.routers()[0]!.senders[0]!.advertsPerSecond, 1);
});

Deno.test("two masters are both shown as such", () => {
  const { monitor } = hear(inOrder(steady(LB01, 0, 9000), steady(LB02, 300, 9000)));
  const [router] = monitor.routers();
  assert.deepEqual(router!.senders.map(({ address, role }) => [address, role]), [
    [LB01, "master"],
    [LB02, "master"],
  ]);
  assert.match(
    router!.findings[0]!.message,
    /192\.168\.31\.11 .* and 192\.168\.31\.12 .* at the same time/,
  );
});

Deno.test("what differs between two nodes is found", async (t) => {
  const v3 = { version: 3 } as const;
  const cases: [string, Partial<Heard>, Partial<Heard>][] = [
    ["version_differs", {}, { advert: v3 }],
    ["interval_differs", {}, { advert: { intervalCs: 200 } }],
    ["interval_differs", { advert: v3 }, { advert: { ...v3, intervalCs: 50 } }],
    ["addresses_differ", {}, { advert: { addresses: ["192.168.31.5", "192.168.31.6"] } }],
    ["authentication_differs", {}, { advert: password("123456") }],
    ["password_differs", { advert: password("123456") }, { advert: password("123457") }],
    ["checksum_form_differs", { advert: v3 }, { advert: v3, form: "message" }],
    ["two_owners", { advert: { priority: 255 } }, { advert: { priority: 255 } }],
  ];
  for (const [want, first, second] of cases) {
    await t.step(want, () => {
      const heard = [{ atMs: 0, from: LB01, ...first }, { atMs: 4000, from: LB02, ...second }];
      const { monitor, codes } = hear(heard);
      assert.deepEqual(monitor.routers()[0]!.findings.map(({ code }) => code), [want]);
      assert.ok(codes.includes(want));
      // As soon as the second says what the first says, it is over.
      const mended = [...heard, { atMs: 5000, from: LB02, ...first }];
      assert.deepEqual(
        hear(mended).monitor.routers()[0]!.findings.filter(({ code }) => code !== "two_owners"),
        [],
      );
    });
  }
});

Deno.test("the same addresses in another order are the same", () => {
  const addresses = ["192.168.31.5", "192.168.31.6"];
  const { monitor } = hear([
    { atMs: 0, from: LB01, advert: { addresses } },
    { atMs: 4000, from: LB02, advert: { addresses: addresses.toReversed() } },
  ]);
  assert.deepEqual(monitor.routers()[0]!.findings, []);
});

Deno.test("what every router discards is reported once with its reason, and counted", async (t) => {
  const carp = new Uint8Array(36);
  carp.set([0x21, 1, 0, 7, 0, 1]);
  const good = encodeAdvertisement(
    { version: 2, vrid: 55, priority: 1, intervalCs: 100, addresses: ["192.168.31.5"] },
    { source: LB01, destination: VRRP_GROUP.ipv4 },
    "message",
  );
  const flipped = good.slice();
  flipped[2]! ^= 1;
  const cases: [string, Partial<Heard>][] = [
    ["carp", { octets: carp }],
    ["checksum", { octets: flipped }],
    ["packet_length", { octets: good.subarray(0, 12) }],
    ["version", { octets: Uint8Array.of(0x41, ...good.subarray(1)) }],
    ["invalid_type", { octets: Uint8Array.of(0x22, ...good.subarray(1)) }],
    ["ttl", { ttl: 254 }],
    ["address_count_zero", { advert: { addresses: [] } }],
    ["interval_zero", { advert: { version: 3, intervalCs: 0 } }],
  ];
  for (const [want, heard] of cases) {
    await t.step(want, () => {
      const { monitor, changes, codes } = hear(steady(LB01, 0, 5000, heard));
      assert.deepEqual(codes, ["rejected"]);
      assert.deepEqual(monitor.rejected().map(({ reason, count }) => [reason, count]), [[
        want,
        5,
      ]]);
      assert.deepEqual(monitor.routers(), []);
      const vrid = want === "carp" ? null : 55;
      const about = [...changes, ...monitor.rejected()];
      assert.deepEqual(about.map((each) => each.vrid), [vrid, vrid]);
      const why = want === "carp" ? /: it is CARP/ : /: (?!it is CARP)./;
      assert.match(changes[0]!.message, why);
    });
  }
  const unicast = hear([{ atMs: 0, from: LB01, ttl: 64, destination: LB02 }]);
  assert.deepEqual(unicast.codes, ["master_appeared"], "unicast may come a longer way");
});

Deno.test("IPv4 and IPv6 of one VRID are two virtual routers", () => {
  const { monitor } = hear([
    { atMs: 0, from: LB01 },
    { atMs: 1, from: "fe80::1", advert: { version: 3, addresses: ["fe80::5", "2001:db8::5"] } },
  ]);
  assert.deepEqual(monitor.routers().map(({ family }) => family), ["ipv4", "ipv6"]);
});

Deno.test("a first IPv6 address that is not link-local is a finding: a pair alike accepts it", () => {
  const advert = { version: 3, addresses: ["2001:db8::5", "fe80::5"] } as const;
  const { monitor } = hear([{ atMs: 0, from: "fe80::1", advert }]);
  const [router] = monitor.routers();
  assert.deepEqual(router!.senders.map(({ role }) => role), ["master"]);
  assert.deepEqual(router!.findings.map(({ code }) => code), ["ipv6_first_address"]);
  assert.match(router!.findings[0]!.message, /2001:db8::5.*link-local/);
  assert.deepEqual(monitor.rejected(), []);
});

Deno.test("forged senders do not fill the memory", () => {
  const forged = Array.from({ length: 5000 }, (_, i): Heard => ({
    atMs: i,
    from: `10.${i >> 8}.${i & 255}.1`,
    ...(i % 2 ? { ttl: 1 } : {}),
  }));
  const { monitor } = hear(forged);
  assert.equal(monitor.routers()[0]!.senders.length, 32);
  assert.equal(monitor.rejected().length, 256);
});

const OTHER_PAIR = { addresses: ["192.168.31.105"], priority: 200 };
const LB03 = "192.168.31.13";

Deno.test("two pairs with one VRID are two virtual routers, with one finding that says so", () => {
  const { monitor, codes, changes } = hear(inOrder(
    steady(LB01, 0, 10_000, { advert: { priority: 150 } }),
    steady(LB03, 500, 10_000, { advert: OTHER_PAIR }),
  ));
  assert.deepEqual(codes, ["master_appeared", "master_appeared", "vrid_in_use", "vrid_in_use"]);
  assert.match(changes[2]!.message, /\.11 \(192\.168\.31\.5\) and \S+\.13 \(192\.168\.31\.105\)/);
  const shown = monitor.routers().map(({ senders, findings }) => [
    senders.map(({ address, role }) => `${address} ${role}`).join(),
    findings.map(({ code }) => code).join(),
  ]);
  assert.deepEqual(shown, [[`${LB01} master`, "vrid_in_use"], [`${LB03} master`, "vrid_in_use"]]);
});

Deno.test("each of two pairs changes its master by itself", () => {
  const { monitor, codes } = hear(
    inOrder(
      steady(LB01, 0, 5000, { advert: { priority: 150 } }),
      steady(LB02, 8700, 20_000, { advert: { priority: 100 } }),
      steady(LB03, 500, 20_000, { advert: OTHER_PAIR }),
    ),
    20_000,
  );
  assert.deepEqual(codes.filter((code) => /two|yield|differ/.test(code)), []);
  const [ours, theirs] = monitor.routers().map(({ senders }) =>
    senders.map(({ address, role }) => `${address} ${role}`).join()
  );
  assert.deepEqual([ours, theirs], [`${LB01} silent,${LB02} master`, `${LB03} master`]);
});

Deno.test("a pair whose only address is changed stays one, and one that takes another's joins it", () => {
  const changed = { addresses: ["192.168.31.6"] };
  const { monitor, codes } = hear(inOrder(
    steady(LB01, 0, 3000, { advert: { priority: 150 } }),
    steady(LB01, 3000, 6000, { advert: { priority: 150, ...changed } }),
    steady(LB02, 6000, 9000, { advert: { priority: 200 } }),
    steady(LB03, 500, 9000, { advert: OTHER_PAIR }),
    steady(LB03, 9500, 10_000, { advert: { ...OTHER_PAIR, addresses: ["192.168.31.5"] } }),
  ));
  assert.ok(codes.includes("vrid_in_use"));
  const routers = monitor.routers().map(({ senders }) => senders.map(({ address }) => address));
  assert.deepEqual(routers, [[LB01, LB02, LB03]]);
});

Deno.test("of five pairs and of 257 refused senders the one heard longest ago is forgotten", () => {
  const pair = (number: number, atMs: number) => ({
    atMs,
    from: `10.0.0.${number}`,
    advert: { addresses: [`10.1.0.${number}`] },
  });
  const pairs = hear([1, 2, 3, 4, 1, 5].map((number, at) => pair(number, at))).monitor.routers();
  assert.deepEqual(
    pairs.flatMap(({ senders }) => senders.map(({ address }) => address)),
    ["10.0.0.1", "10.0.0.3", "10.0.0.4", "10.0.0.5"],
  );
  const numbers = [...Array.from({ length: 256 }, (_, number) => number), 0, 256];
  const refused = numbers.map((number, atMs) => ({
    ...{ atMs, ttl: 1, from: `10.0.${number >> 8}.${number & 255}` },
  }));
  const known = hear(refused).monitor.rejected().map(({ source }) => source);
  assert.ok(known.includes("10.0.0.0"));
  assert.ok(!known.includes("10.0.0.1"));
});

Deno.test("forged pairs do not fill the memory", () => {
  const forged = Array.from({ length: 1000 }, (_, index) => ({
    atMs: index,
    from: `10.0.${index >> 8}.${index & 0xff}`,
    advert: { addresses: [`10.1.${index >> 8}.${index & 0xff}`] },
  }));
  assert.equal(hear(forged).monitor.routers().length, 4);
});
