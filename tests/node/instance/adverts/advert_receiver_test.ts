/** Whose advert it is: of this pair, of another one with its VRID, or of nobody who may speak here. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../../src/config/model.ts";
import type { VrrpDatagram } from "../../../../src/host/vrrp.ts";
import { AdvertReceiver } from "../../../../src/node/instance/adverts/advert_receiver.ts";
import { authenticationField } from "../../../../src/node/instance/adverts/authentication_field.ts";
import { Alarms } from "../../../../src/node/journal/alarms.ts";
import { instanceConfig, SimCluster, VIP } from "../../../../src/sim/cluster.ts";
import { Journal } from "../../../../src/status/journal.ts";
import { sequenceAt } from "../../../../src/vrrp/hmac.ts";
import { KNOWN_MS } from "../../../../src/vrrp/known_routers.ts";
import { encodeAdvertisement, VRRP_GROUP } from "../../../../src/wire/vrrp.ts";
import { signAdvertisement } from "../../../../src/wire/vrrp_trailer.ts";

const OWN = "192.168.31.11";
const SENDER = "192.168.31.12";
const OURS = [VIP.address];
const THEIRS = ["192.168.31.77"];
const KEY = { id: 1, key: new Uint8Array(32).fill(7) };
const OTHER_KEY = { id: 2, key: new Uint8Array(32).fill(8) };

const PLAIN = { version: 3, authentication: { type: "none" } } as const;
const UNICAST = { ...PLAIN, unicast: { peers: [SENDER], ttl: 255, minTtl: 255 } } as const;
const SIGNED = {
  version: 3,
  authentication: {
    type: "hmac",
    keys: [KEY],
    activeKey: 1,
    replay: "monotonic",
    windowMs: 5000,
    mode: "enforce",
  },
} as const satisfies Partial<InstanceConfig>;

/** One advert, as an attacker or another node could send it. */
interface Sent {
  readonly addresses?: readonly string[];
  readonly source?: string;
  readonly ttl?: number;
  readonly version?: 2 | 3;
  readonly priority?: number;
  readonly key?: typeof KEY;
  readonly sequence?: bigint;
  readonly cut?: number;
}

function receiving(changes: Partial<InstanceConfig>, peers: readonly string[] = []) {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const journal = new Journal(() => host.wallClockMs());
  const config = instanceConfig(changes);
  const receiver = new AdvertReceiver(config, authenticationField(config), {
    ...{ host, journal, alarms: new Alarms(host, journal), nodes: () => [], dropping: () => [] },
    isPeer: (address) => peers.includes(address),
  });
  const destination = config.unicast ? OWN : VRRP_GROUP.ipv4;
  const datagram = (
    { addresses = OURS, source = SENDER, ttl = 255, version = 3, priority = 100, ...more }: Sent,
  ): VrrpDatagram => {
    const way = { source, destination };
    const authentication = { type: 0, data: new Uint8Array(8) } as const;
    const octets = encodeAdvertisement(
      { version, vrid: 55, priority, intervalCs: 100, addresses, authentication },
      way,
      "pseudo_header",
    );
    const { key, sequence = sequenceAt(host.wallClockMs()), cut = 0 } = more;
    const payload = key ? signAdvertisement(octets, way, key, sequence) : octets;
    return { interface: "eth1", ...way, ttl, payload: payload.subarray(0, payload.length - cut) };
  };
  /** What a tap says of it. */
  const judge = (sent: Sent) => {
    const judged = receiver.judge(datagram(sent), OWN);
    return judged.ok ? ["accepted", ...judged.mismatches].join(", ") : judged.reason;
  };
  const receive = (sent: Sent) => receiver.receive(datagram(sent), OWN) !== null;
  return { cluster, receiver, judge, receive };
}

Deno.test("an advert with other addresses is another pair's, unless something shows that it is of this one", () => {
  const rows: readonly (readonly [
    Partial<InstanceConfig>,
    Sent,
    string,
    peers?: readonly string[],
  ])[] = [
    [PLAIN, {}, "accepted"],
    [PLAIN, { source: OWN }, "own_packet"],
    [PLAIN, { addresses: THEIRS }, "foreign_vrid"],
    [PLAIN, { addresses: THEIRS }, "accepted, addresses", [SENDER]],
    [PLAIN, { addresses: [...THEIRS, ...OURS] }, "accepted, addresses"],
    [PLAIN, { ttl: 254 }, "ttl"],
    [PLAIN, { ttl: 254, addresses: THEIRS }, "ttl"],
    [PLAIN, { ttl: 254, cut: 1 }, "ttl"],
    [PLAIN, { cut: 1 }, "packet_length"],
    [PLAIN, { version: 2 }, "version"],
    [PLAIN, { version: 2, addresses: THEIRS }, "foreign_vrid"],
    [PLAIN, { key: KEY }, "packet_length"],
    [PLAIN, { key: KEY, addresses: THEIRS }, "foreign_vrid"],
    [PLAIN, { key: KEY, ttl: 254 }, "ttl"],
    [UNICAST, { addresses: THEIRS }, "accepted, addresses"],
    [UNICAST, { source: "192.168.31.13" }, "unicast_source"],
    [UNICAST, { source: "192.168.31.13", addresses: THEIRS }, "foreign_vrid"],
    [SIGNED, { key: KEY }, "accepted"],
    [SIGNED, { key: KEY, addresses: THEIRS }, "accepted, addresses"],
    [SIGNED, {}, "hmac_missing"],
    [SIGNED, { addresses: THEIRS }, "foreign_vrid"],
    [SIGNED, { key: OTHER_KEY }, "hmac_unknown_key"],
    [SIGNED, { key: OTHER_KEY, addresses: THEIRS }, "foreign_vrid"],
    [SIGNED, { key: KEY, ttl: 254 }, "ttl"],
  ];
  for (const [changes, sent, expected, peers] of rows) {
    const what = JSON.stringify({ ...sent, key: sent.key?.id });
    assert.equal(receiving(changes, peers).judge(sent), expected, what);
  }
});

Deno.test("a router that has advertised an address of ours is of this pair for an hour", () => {
  const { cluster, judge, receive } = receiving(PLAIN);
  const theirs = { addresses: THEIRS };
  assert.equal(judge({}), "accepted");
  assert.equal(judge(theirs), "foreign_vrid", "a tap makes nobody known");
  assert.equal(receive(theirs), false);
  assert.equal(receive({}), true);
  assert.equal(receive(theirs), true);
  cluster.run(KNOWN_MS - 1);
  assert.equal(judge(theirs), "accepted, addresses");
  assert.equal(receive(theirs), true);
  cluster.run(1);
  assert.equal(judge(theirs), "foreign_vrid", "other addresses do not make the hour longer");
});

Deno.test("what was received is no replay on a tap, nor the other way round, and marks keep both out", () => {
  const sent = { key: KEY, sequence: 1000n };
  for (const taps of [false, true]) {
    const { receiver, judge, receive } = receiving(SIGNED);
    const received = () => receive(sent);
    const tapped = () => judge(sent) === "accepted";
    const order = taps ? [tapped, received] : [received, tapped];
    assert.deepEqual([...order, ...order].map((heard) => heard()), [true, true, false, false]);
    assert.deepEqual([...receiver.replayMarks], [[SENDER, 1000n]]);
  }
  const { receiver, judge, receive } = receiving(SIGNED);
  receiver.restoreMark(SENDER, 1000n);
  assert.deepEqual([receive(sent), judge(sent)], [false, "hmac_replayed"]);
  const later = { key: KEY, sequence: 1001n };
  assert.deepEqual([receive(later), judge(later)], [true, "accepted"]);
});

Deno.test("another configuration decides from the next advert on, and what was accepted stays so", () => {
  const { receiver, receive, judge } = receiving(SIGNED);
  const first = { key: KEY, sequence: 1000n };
  assert.equal(receive(first), true);
  assert.equal(judge(first), "accepted");
  const become = (changes: Partial<InstanceConfig>) => {
    const config = instanceConfig(changes);
    receiver.reconfigure(config, authenticationField(config));
  };
  become({ ...SIGNED, addresses: [{ ...VIP, address: THEIRS[0]! }] });
  assert.deepEqual([receive(first), judge(first)], [false, "hmac_replayed"]);
  const second = { key: KEY, sequence: 1001n };
  assert.equal(judge(second), "accepted, addresses");
  become({ ...PLAIN, multicastGroup: "224.0.0.99" });
  assert.equal(judge({}), "multicast_group");
  assert.equal(receiver.replayMarks.size, 0);
});

Deno.test("accepted adverts are counted, the others as what they were discarded for", () => {
  const { receiver, receive } = receiving(PLAIN);
  for (const priority of [100, 0, 100]) receive({ priority });
  const another = { addresses: THEIRS, source: "192.168.31.13" };
  for (const sent of [{ ttl: 254 }, { ttl: 254 }, another]) receive(sent);
  assert.deepEqual(receiver.counters, {
    advertisements_received: 3,
    priority_zero_received: 1,
    checksum_message: 0,
    checksum_pseudo_header: 3,
  });
  assert.deepEqual({ ...receiver.drops.counters }, { ttl: 2, foreign_vrid: 1 });
});
