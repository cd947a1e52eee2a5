/** What the adverts of others tell about trouble: refused ones, different ones, those of a second master. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../../src/config/model.ts";
import { AdvertAlarms, Debounce } from "../../../../src/node/instance/adverts/advert_alarms.ts";
import { Alarms } from "../../../../src/node/journal/alarms.ts";
import { instanceConfig, SimCluster, VIP } from "../../../../src/sim/cluster.ts";
import { GOOD_LINK } from "../../../../src/sim/network.ts";
import type { AlarmCode } from "../../../../src/status/codes/alarms.ts";
import { Journal } from "../../../../src/status/journal.ts";
import type { DroppingNode } from "../../../../src/status/remedies/remedies.ts";
import type { Mismatch } from "../../../../src/vrrp/receive.ts";
import type { IpAddress } from "../../../../src/wire/address.ts";
import {
  type Advertisement,
  encodeAdvertisement,
  passwordOctets,
  VRRP_GROUP,
} from "../../../../src/wire/vrrp.ts";
import { handOversAndRestart } from "../../elected_pair.ts";

const LOST = { ...GOOD_LINK, loss: 1 };

function pair(first: Partial<InstanceConfig>, second: Partial<InstanceConfig>) {
  const cluster = new SimCluster([{ priority: 150, ...first }, { priority: 100, ...second }]);
  const [lb01, lb02] = cluster.nodes;
  return { cluster, lb01: lb01!, lb02: lb02! };
}

type Pair = ReturnType<typeof pair>;

const alarms = (node: Pair["lb01"]) => node.daemon!.status().alarms;
const codes = (node: Pair["lb01"]) => alarms(node).map(({ code }) => code).sort();

Deno.test("a peer whose adverts are refused raises an alarm before both are master", async (t) => {
  const cases: readonly [string, Partial<InstanceConfig>, Partial<InstanceConfig>, RegExp][] = [
    ["password", {}, { authentication: { type: "pass", password: "other" } }, /password differs/],
    ["authentication type", {}, { authentication: { type: "none" } }, /authentication type/],
    ["version", {}, { version: 3, authentication: { type: "none" } }, /another VRRP version/],
    ["interval", {}, { advertIntervalCs: 200 }, /advert interval differs/],
  ];
  for (const [name, first, second, message] of cases) {
    await t.step(name, () => {
      const { cluster, lb01, lb02 } = pair(first, second);
      lb01.start();
      cluster.run(10_000);
      lb02.start();
      let before: string[] = [];
      for (; lb02.status.state !== "master"; cluster.run(10)) before = codes(lb02);
      assert.deepEqual(before, ["peer_mismatch"]);
      assert.match(alarms(lb02)[0]!.message, /192\.168\.31\.11/);
      cluster.run(10_000);
      // Both are master now; each says why.
      assert.deepEqual(cluster.holders, ["lb01", "lb02"]);
      const both = ["split_brain_address"];
      assert.deepEqual([codes(lb01), codes(lb02)], [both, both]);
      const [refused] = alarms(lb01)[0]!.evidence!;
      assert.match(refused!, message);
      lb02.powerOff();
      cluster.run(15_000);
      assert.deepEqual(codes(lb01), []);
    });
  }
});

Deno.test("unicast adverts to an instance that uses multicast raise an alarm before both are master", () => {
  const unicast = { peers: ["192.168.31.12"], ttl: 255, minTtl: 1 };
  const { cluster, lb01, lb02 } = pair({ unicast }, {});
  lb01.start();
  cluster.run(10_000);
  lb02.start();
  cluster.run(3500);
  assert.equal(lb02.status.state, "backup");
  assert.deepEqual(codes(lb02), ["peer_mismatch"]);
  assert.match(alarms(lb02)[0]!.message, /by unicast to an instance that uses multicast/);
});

Deno.test("one refused advert now and then is no alarm", () => {
  const { cluster, lb01, lb02 } = pair({}, { authentication: { type: "pass", password: "other" } });
  cluster.start();
  cluster.network.setDirection("lb02", "lb01", LOST);
  cluster.run(10_000);
  for (let i = 0; i < 20; i++) {
    cluster.network.heal();
    cluster.run(1000);
    cluster.network.setDirection("lb02", "lb01", LOST);
    cluster.run(9000);
  }
  assert.equal(lb02.status.state, "master");
  assert.ok(lb01.status.counters.dropped.authentication_failed! >= 15);
  assert.deepEqual(codes(lb01), []);
});

Deno.test("adverts of several senders that come in a flood raise an alarm once a second at most", async (t) => {
  const envelope = { source: "192.168.31.98", destination: VRRP_GROUP.ipv4 };
  const cases: readonly (readonly [AlarmCode, password: string, Partial<Advertisement>])[] = [
    ["peer_mismatch", "other", {}],
    ["vrid_in_use", "123456", { addresses: ["192.168.31.105"] }],
    ["vrid_differs", "123456", { vrid: 56 }],
  ];
  for (const [code, password, changes] of cases) {
    await t.step(code, () => {
      const { cluster, lb01, lb02 } = pair({}, {});
      cluster.start();
      cluster.run(10_000);
      const advert: Advertisement = {
        ...{ version: 2, vrid: 55, priority: 200, intervalCs: 100, addresses: [VIP.address] },
        authentication: { type: 1, data: passwordOctets(password) },
        ...changes,
      };
      const payload = encodeAdvertisement(advert, envelope, "message");
      for (let i = 0; i < 1000; i++) {
        const source = `192.168.31.${98 + i % 2}`;
        lb02.host.deliver({ interface: "eth1", ...envelope, source, ttl: 255, payload });
        cluster.run(10);
      }
      assert.deepEqual(codes(lb02), [code]);
      const told = lb02.daemon!.journal.since().filter((entry) => entry.code === "alarm_raised");
      assert.ok(told.length <= 10, `${told.length}`);
      assert.deepEqual(cluster.holders, ["lb01"]);
      assert.deepEqual(codes(lb01), []);
    });
  }
});

Deno.test("an alarm about a sender is over when that one is accepted, and not when another is", () => {
  const { cluster, lb01, lb02 } = pair({}, {});
  cluster.start();
  cluster.run(10_000);
  const envelope = { source: "192.168.31.98", destination: VRRP_GROUP.ipv4 };
  const deliver = (password: string) => {
    const payload = encodeAdvertisement(
      {
        ...{ version: 2, vrid: 55, priority: 90, intervalCs: 100, addresses: [VIP.address] },
        authentication: { type: 1, data: passwordOctets(password) },
      },
      envelope,
      "message",
    );
    lb02.host.deliver({ interface: "eth1", ...envelope, ttl: 255, payload });
    cluster.run(1000);
  };
  for (let second = 0; second < 4; second++) deliver("other");
  const message = () => alarms(lb02)[0]!.message;
  assert.deepEqual(codes(lb02), ["peer_mismatch"]);
  assert.match(message(), /^adverts from 192\.168\.31\.98/, "lb01's are accepted");
  deliver("123456");
  assert.match(message(), /^over for /);
  assert.deepEqual(codes(lb01), []);
});

Deno.test("a peer that is accepted but differs raises a warning that ends when it is alike", async (t) => {
  const cases: readonly [string, Partial<InstanceConfig>, Partial<InstanceConfig>, RegExp][] = [
    [
      "addresses",
      { addresses: [VIP, { ...VIP, address: "192.168.31.6" }] },
      {},
      /list of addresses differs/,
    ],
    ["interval of version 3", { version: 3, advertIntervalCs: 50 }, { version: 3 }, /interval/],
  ];
  for (const [name, first, second, message] of cases) {
    await t.step(name, () => {
      const { cluster, lb01, lb02 } = pair(first, second);
      cluster.start();
      cluster.run(20_000);
      assert.deepEqual(cluster.holders, ["lb01"]);
      assert.deepEqual(codes(lb02), ["peer_differs"]);
      assert.match(alarms(lb02)[0]!.message, message);
      const told = lb02.daemon!.journal.since().filter(({ alarm }) => alarm === "peer_differs");
      assert.equal(told.length, 1);
      lb01.reload({ ...lb01.config, instances: [instanceConfig({ priority: 150, ...second })] });
      cluster.run(2000);
      assert.match(alarms(lb02)[0]!.message, /^over for /);
      cluster.run(20_000);
      assert.deepEqual(codes(lb02), []);
    });
  }
});

Deno.test("a weaker master that does not yield is a split brain within three intervals", async (t) => {
  for (const [version, advertIntervalCs] of [[2, 100], [2, 500], [3, 10]] as const) {
    await t.step(`version ${version}, ${advertIntervalCs} cs`, () => {
      const common = { version, advertIntervalCs, authentication: { type: "none" } } as const;
      const { cluster, lb01, lb02 } = pair(common, common);
      cluster.start();
      cluster.run(50 * advertIntervalCs * 10);
      assert.deepEqual(cluster.holders, ["lb01"]);
      // lb02 hears nothing any more, but is heard.
      cluster.network.setDirection("lb01", "lb02", LOST);
      while (lb02.status.state !== "master") cluster.run(1);
      cluster.run(30 * advertIntervalCs);
      const alarm = alarms(lb01).find(({ code }) => code === "split_brain_advert");
      assert.match(alarm!.message, /^192\.168\.31\.12 with priority 100 is master too/);
      assert.match(
        alarm!.hint,
        /^on 192\.168\.31\.12: let VRRP in \(`vipd doctor` names the rule/,
      );
      cluster.network.heal();
      cluster.run(Math.max(12_000, 60 * advertIntervalCs));
      assert.deepEqual(cluster.holders, ["lb01"]);
      assert.deepEqual(codes(lb01), []);
      const told = lb01.daemon!.journal.since().flatMap(({ code, alarm }) => alarm ? [code] : []);
      assert.deepEqual(told, ["alarm_raised", "alarm_cleared"]);
    });
  }
});

Deno.test("elections, hand-overs and losses by chance are no split brain", async () => {
  const { cluster, lb01, lb02 } = pair({}, {});
  cluster.start();
  cluster.run(10_000);
  for (let i = 0; i < 5; i++) await handOversAndRestart({ cluster, lb01, lb02 });
  cluster.network.setConditions({ ...GOOD_LINK, loss: 0.03, jitterMs: 50 });
  cluster.run(100_000);
  for (const node of [lb01, lb02]) {
    const raised = node.daemon!.journal.since().filter(({ code, alarm }) =>
      code === "alarm_raised" && alarm !== "flapping"
    );
    assert.deepEqual(raised, []);
  }
});

Deno.test("something continues when it happened three times, over the span, without a longer pause", () => {
  const cases: readonly (readonly [readonly number[], readonly boolean[]])[] = [
    [[0, 500, 999, 1000], [false, false, false, true]],
    [[0, 1000, 1001], [false, false, true]],
    [[0, 2000, 4000], [false, false, true]],
    [[0, 2001, 2500, 3000, 3001], [false, false, false, false, true]],
    [[5000, 5500, 6000, 8001, 9001, 9002], [false, false, true, false, false, true]],
  ];
  for (const [times, expected] of cases) {
    const debounce = new Debounce(1000);
    assert.deepEqual(times.map((nowMs) => debounce.happened(nowMs)), expected, times.join());
  }
});

const PEER = "192.168.31.12";
const FOREIGN = { version: 3, vrid: 55, priority: 100, intervalCs: 100 } as const;

/** The alarms that adverts to one instance raise, and what stands of them. */
function alarming(changes: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const journal = new Journal(() => host.wallClockMs());
  const standing = new Alarms(host, journal);
  const dropping: DroppingNode[] = [];
  const config = instanceConfig(changes);
  const adverts = new AdvertAlarms(config, {
    ...{ clock: host, alarms: standing, dropping: () => dropping },
    nameOf: (address) => address === PEER ? "lb02" : null,
  });
  const textOf = (code: AlarmCode) => standing.standing(code, config.name);
  const told = () => journal.since().map(({ code, alarm }) => `${code} ${alarm}`);
  return { cluster, adverts, config, dropping, textOf, told };
}

Deno.test("an alarm about adverts lasts for four of the sender's or of ours, and ten seconds at least", () => {
  const rows = [[100, 100, 10_000], [100, 500, 20_000], [500, 100, 20_000], [250, 250, 10_000], [
    100,
    251,
    10_040,
  ]] as const;
  for (const [advertIntervalCs, intervalCs, lastsMs] of rows) {
    for (const code of ["vrid_in_use", "vrid_differs"] as const) {
      const { cluster, adverts, textOf } = alarming({ advertIntervalCs });
      const advert = { ...FOREIGN, intervalCs, addresses: [VIP.address] };
      if (code === "vrid_in_use") adverts.foreign(PEER, advert);
      else adverts.otherVrid(PEER, advert);
      cluster.run(lastsMs - 1);
      assert.notEqual(textOf(code), null);
      cluster.run(1);
      assert.equal(textOf(code), null, `${advertIntervalCs} ${intervalCs}`);
    }
  }
});

Deno.test("an alarm about another pair names it, and three of its addresses", () => {
  const address = (last: number) => `192.168.31.${last}`;
  for (const [count, list] of [[1, "1"], [3, "1, 2, 3"], [4, "1, 2, 3 and 1 more"]] as const) {
    const { adverts, textOf } = alarming();
    const addresses = Array.from({ length: count }, (_, index) => address(index + 1));
    adverts.foreign("192.168.31.99", { ...FOREIGN, addresses });
    const listed = list.replaceAll(/\b(\d)(?=,| and|$)/g, "192.168.31.$1");
    assert.match(
      textOf("vrid_in_use")!.message,
      new RegExp(`^another pair uses VRID 55 on eth1: 192.168.31.99 advertises ${listed}, none`),
    );
    assert.match(textOf("vrid_in_use")!.hint, /if 192\.168\.31\.99 is the other node of this pair/);
  }
});

Deno.test("an alarm about another VRID names the addresses that both have", () => {
  const { adverts, textOf } = alarming();
  adverts.otherVrid(PEER, { ...FOREIGN, vrid: 56, addresses: ["192.168.31.77", VIP.address] });
  assert.equal(
    textOf("vrid_differs")!.message,
    `lb02 (${PEER}) advertises ${VIP.address} under VRID 56, this node under VRID 55: ` +
      "neither hears the other, and both serve",
  );
});

/** Three adverts over two intervals: no single one. */
function thrice(cluster: SimCluster, happens: () => void): void {
  for (let times = 0; times < 3; times++) {
    cluster.run(1000);
    happens();
  }
}

Deno.test("a second master that does not hear this one is known by its firewall's rule, if that is known", () => {
  const rules = { rule: "nft, table inet cut", command: "nft insert" };
  const rows: readonly (readonly [readonly DroppingNode[], string, RegExp, RegExp])[] = [
    [[], PEER, /: it does not hear our adverts, or refuses them$/, /^on lb02: let VRRP in/],
    [[], "192.168.31.99", /^192\.168\.31\.99 with priority 90/, /^on 192\.168\.31\.99: let VRRP/],
    [[{ node: "lb03", rules }], PEER, /or refuses them$/, /^on lb02: let VRRP in/],
    [
      [{ node: "lb03", rules }, { node: "lb02", rules }],
      PEER,
      /: its firewall drops our adverts \(nft, table inet cut\)$/,
      /^on lb02: `nft insert` lets them pass/,
    ],
  ];
  for (const [known, source, message, hint] of rows) {
    const { cluster, adverts, dropping, textOf } = alarming();
    dropping.push(...known);
    thrice(cluster, () => adverts.otherMaster(source, 90, 150));
    assert.match(textOf("split_brain_advert")!.message, message);
    assert.match(textOf("split_brain_advert")!.message, /does not yield to this node's 150/);
    assert.match(textOf("split_brain_advert")!.hint, hint);
  }
});

Deno.test("a second master is gone with its own goodbye, or when this node is none or the other has yielded", () => {
  const rows: readonly (readonly [string, (adverts: AdvertAlarms) => void, boolean])[] = [
    [
      "its goodbye",
      (adverts) => adverts.accepted(PEER, { ...FOREIGN, priority: 0, addresses: [] }, []),
      true,
    ],
    [
      "another advert of it",
      (adverts) => adverts.accepted(PEER, { ...FOREIGN, addresses: [] }, []),
      false,
    ],
    [
      "the goodbye of another",
      (adverts) =>
        adverts.accepted("192.168.31.99", { ...FOREIGN, priority: 0, addresses: [] }, []),
      false,
    ],
    ["one master", (adverts) => adverts.oneMaster(), true],
  ];
  for (const [what, happens, ends] of rows) {
    const { cluster, adverts, textOf } = alarming();
    thrice(cluster, () => adverts.otherMaster(PEER, 90, 150));
    happens(adverts);
    assert.equal(textOf("split_brain_advert") === null, ends, what);
  }
});

Deno.test("senders that take turns are one alarm, until the last of them is done", () => {
  const advert = { ...FOREIGN, addresses: [VIP.address] };
  const good = (adverts: AdvertAlarms, source: IpAddress) => adverts.accepted(source, advert, []);
  const goodbye = (adverts: AdvertAlarms, source: IpAddress) =>
    adverts.accepted(source, { ...advert, priority: 0 }, []);
  const rows: readonly (readonly [
    code: AlarmCode,
    causes: (adverts: AdvertAlarms, source: IpAddress) => void,
    isDone: (adverts: AdvertAlarms, source: IpAddress) => void,
  ])[] = [
    ["peer_mismatch", (adverts, it) => adverts.refused("hmac_failed", it), good],
    ["vrid_in_use", (adverts, it) => adverts.foreign(it, advert), good],
    ["vrid_differs", (adverts, it) => adverts.otherVrid(it, advert), good],
    ["peer_differs", (adverts, it) => adverts.accepted(it, advert, ["addresses"]), good],
    ["split_brain_advert", (adverts, it) => adverts.otherMaster(it, 90, 150), goodbye],
  ];
  const senders = [PEER, "192.168.31.13", "192.168.31.14"] as const;
  for (const [code, causes, isDone] of rows) {
    const { cluster, adverts, textOf, told } = alarming();
    for (let turn = 0; turn < 30; turn++) {
      causes(adverts, senders[turn % senders.length]!);
      cluster.run(1000);
    }
    assert.deepEqual(told(), [`alarm_raised ${code}`]);
    const left: IpAddress[] = senders.toSorted();
    while (left.length > 0) {
      const { message, causes: shown } = textOf(code)!;
      assert.deepEqual(shown!.toSorted(), left);
      assert.deepEqual(senders.filter((it) => message.includes(it)), left);
      const [leading] = shown as [IpAddress];
      assert.ok(message.indexOf(leading) < message.indexOf("the same of") || left.length === 1);
      isDone(adverts, left.splice(left.indexOf(leading), 1)[0]!);
    }
    assert.equal(textOf(code), null, code);
  }
});

Deno.test("a sender that begins is a cause at once, and counts for as long as its own adverts may take", () => {
  const { cluster, adverts, textOf, told } = alarming();
  const advert = { ...FOREIGN, addresses: [VIP.address] };
  adverts.foreign("192.168.31.98", { ...advert, intervalCs: 1000 });
  cluster.run(100);
  adverts.foreign(PEER, advert);
  assert.deepEqual(textOf("vrid_in_use")!.causes, ["192.168.31.98", PEER]);
  cluster.run(39_899);
  assert.notEqual(textOf("vrid_in_use"), null);
  adverts.foreign(PEER, advert);
  adverts.accepted(PEER, advert, []);
  assert.deepEqual(textOf("vrid_in_use")!.causes, ["192.168.31.98"]);
  cluster.run(1);
  assert.deepEqual(told(), ["alarm_raised vrid_in_use", "alarm_cleared vrid_in_use"]);
});

Deno.test("of many senders that take turns four are named, and the alarm stays the same one", () => {
  const { cluster, adverts, textOf, told } = alarming();
  for (let last = 11; last < 41; last++) {
    adverts.foreign(`192.168.31.${last}`, { ...FOREIGN, addresses: [VIP.address] });
    cluster.run(1000);
    assert.ok(textOf("vrid_in_use")!.causes!.length <= 4);
  }
  assert.deepEqual(told(), ["alarm_raised vrid_in_use"]);
});

Deno.test("another difference of a peer is said at once, the same one again after a second", () => {
  const { cluster, adverts, textOf } = alarming();
  const differs = (...mismatches: Mismatch[]) => {
    adverts.accepted(PEER, { ...FOREIGN, addresses: [] }, mismatches);
    const { seenMs, message } = textOf("peer_differs")!;
    return [seenMs, message.split(": ")[1]];
  };
  const interval = "its advert interval differs from ours";
  const both = `${interval}; its list of addresses differs from ours`;
  assert.deepEqual(differs("interval"), [0, interval]);
  cluster.run(999);
  assert.deepEqual(differs("interval"), [0, interval]);
  assert.deepEqual(differs("interval", "addresses"), [999, both]);
  cluster.run(999);
  assert.deepEqual(differs("interval", "addresses"), [999, both]);
  cluster.run(1);
  assert.deepEqual(differs("interval", "addresses"), [1999, both]);
});

Deno.test("after a reload what continues is counted from the start again", () => {
  for (const reloads of [false, true]) {
    for (const code of ["peer_mismatch", "split_brain_advert"] as const) {
      const { cluster, adverts, config, textOf } = alarming();
      const happens = () =>
        code === "peer_mismatch"
          ? adverts.refused("authentication_failed", PEER)
          : adverts.otherMaster(PEER, 90, 150);
      for (let times = 0; times < 2; times++) {
        happens();
        cluster.run(1000);
      }
      if (reloads) adverts.follow({ ...config, vrid: 99 });
      happens();
      assert.equal(textOf(code) === null, reloads, code);
      thrice(cluster, happens);
      assert.notEqual(textOf(code), null);
      if (code === "peer_mismatch") {
        assert.match(textOf(code)!.message, reloads ? /VRID 99/ : /VRID 55/);
      }
    }
  }
});

Deno.test("what no node with other settings sends is refused without an alarm", () => {
  for (const reason of ["own_packet", "packet_length", "invalid_type", "unknown_vrid"] as const) {
    const { cluster, adverts, told } = alarming();
    thrice(cluster, () => adverts.refused(reason, PEER));
    assert.deepEqual(told(), []);
  }
});
