/** An advert that is rejected never touches a timer, whatever it is rejected for and however fast it comes. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { VrrpDatagram } from "../../../src/host/vrrp.ts";
import { SimCluster, VIP } from "../../../src/sim/cluster.ts";
import type { DropReason } from "../../../src/vrrp/receive.ts";
import {
  type Advertisement,
  encodeAdvertisement,
  passwordOctets,
  VRRP_GROUP,
} from "../../../src/wire/vrrp.ts";
import { type HmacKey, signAdvertisement } from "../../../src/wire/vrrp_trailer.ts";

/** Who sends the rejected adverts: nobody of the pair. */
const STRANGER = { ipv4: "192.168.31.66", ipv6: "fe80::66" };
const MASTER = "192.168.31.11";
/** A unicast peer that is none of the pair. */
const PEER = "192.168.31.13";
const FLOOD_EVERY_MS = 50;

interface Scene {
  readonly name: string;
  readonly instance: Partial<InstanceConfig> & Pick<InstanceConfig, "version" | "family">;
}

const VIP6 = { address: "fe80::5", prefixLength: 64, device: "eth1" };
const NONE = { type: "none" } as const;

const KEY = { id: 1, key: new Uint8Array(32).fill(7) };
const SIGNED = {
  ...{ type: "hmac", keys: [KEY], activeKey: KEY.id } as const,
  ...{ replay: "time", windowMs: 300_000, mode: "enforce" } as const,
};
/** The simulation's start as a sequence number of signed adverts. */
const EPOCH = BigInt(Date.UTC(2030, 0, 1) / 1000) << 32n;

const SCENES: readonly Scene[] = [
  { name: "version 2", instance: { version: 2, family: "ipv4" } },
  { name: "version 3", instance: { version: 3, family: "ipv4", authentication: NONE } },
  {
    name: "version 3 over IPv6",
    instance: { version: 3, family: "ipv6", authentication: NONE, addresses: [VIP6] },
  },
  {
    name: "version 2, unicast",
    instance: {
      version: 2,
      family: "ipv4",
      unicast: { peers: ["192.168.31.11", "192.168.31.12", PEER], ttl: 255, minTtl: 200 },
    },
  },
  { name: "version 3, signed", instance: { version: 3, family: "ipv4", authentication: SIGNED } },
];

/** What a signed advert has instead of its own. */
interface Signature {
  readonly key?: HmacKey;
  readonly source?: string;
  readonly sequence?: bigint;
}

function isSigned({ instance }: Scene): boolean {
  return instance.authentication?.type === "hmac";
}

/**
 * How a good advert of priority 254, or a release, becomes one that is rejected; `null` where it cannot. What is not
 * read does not reach the node at all, and a simulated host hears the groups alone that it has joined.
 */
const SPOILED: Readonly<
  Record<
    Exclude<DropReason, "unread" | "multicast_group">,
    (good: Good, scene: Scene, self: string) => Partial<VrrpDatagram> | null
  >
> = {
  packet_length: (good) => ({ payload: good.encode({}).subarray(0, 7) }),
  version: (good, { instance }) => ({
    payload: good.encode({ version: instance.version === 2 ? 3 : 2 }),
  }),
  invalid_type: (good) => ({
    payload: good.encode({}).map((octet, at) => at === 0 ? octet + 1 : octet),
  }),
  checksum: (good) => ({
    payload: good.encode({}).map((octet, at) => at === 6 ? octet ^ 1 : octet),
  }),
  ttl: () => ({ ttl: 64 }),
  // Multicast does not reach a node without the group.
  unicast_mode: (_, { instance }) =>
    instance.unicast ? null : { destination: STRANGER[instance.family] },
  unicast_source: (_, { instance }) => instance.unicast ? { source: STRANGER.ipv4 } : null,
  own_packet: (_good, _scene, self) => ({ source: self }),
  unknown_vrid: (good) => ({ payload: good.encode({ vrid: 56 }) }),
  // A peer's are obeyed, whatever their addresses.
  foreign_vrid: (good, { instance }) => {
    if (instance.unicast) return null;
    const addresses = [instance.family === "ipv6" ? "fe80::105" : "192.168.31.105"];
    return { payload: good.encode({ addresses }, { key: { ...KEY, id: 2 } }) };
  },
  address_count_zero: (good) => ({ payload: good.encode({ addresses: [] }) }),
  address_list: (good, { instance }) =>
    instance.family === "ipv6" ? { payload: good.encode({ addresses: ["2001:db8::5"] }) } : null,
  authentication_type: (good, { instance }) =>
    instance.version === 2
      ? { payload: good.encode({ authentication: { type: 0, data: new Uint8Array(8) } }) }
      : null,
  authentication_failed: (good, { instance }) =>
    instance.version === 2
      ? { payload: good.encode({ authentication: { type: 1, data: passwordOctets("wrong") } }) }
      : null,
  hmac_missing: (good, scene) =>
    isSigned(scene) ? { payload: good.encode({}).slice(0, -28) } : null,
  hmac_malformed: (good, scene) =>
    isSigned(scene)
      ? { payload: good.encode({}).map((octet, at, { length }) => at === length - 28 ? 2 : octet) }
      : null,
  hmac_stale: (good, scene) =>
    isSigned(scene) ? { payload: good.encode({}, { sequence: EPOCH - (1000n << 32n) }) } : null,
  hmac_unknown_key: (good, scene) =>
    isSigned(scene) ? { payload: good.encode({}, { key: { ...KEY, id: 2 } }) } : null,
  hmac_failed: (good, scene) => {
    const key = { ...KEY, key: new Uint8Array(32).fill(8) };
    return isSigned(scene) ? { payload: good.encode({}, { key }) } : null;
  },
  // What the master sent when it was started, once more.
  hmac_replayed: (good, scene) => {
    const signature = { source: MASTER, sequence: EPOCH };
    return isSigned(scene) ? { source: MASTER, payload: good.encode({}, signature) } : null;
  },
  interval_zero: (good, { instance }) =>
    instance.version === 3 ? { payload: good.encode({ intervalCs: 0 }) } : null,
  interval_mismatch: (good, { instance }) =>
    instance.version === 2 ? { payload: good.encode({ intervalCs: 200 }) } : null,
};

interface Good {
  readonly datagram: VrrpDatagram;
  encode(changes: Partial<Advertisement>, signature?: Signature): Uint8Array;
}

/** An advert that the scene's nodes would obey: the highest priority, or priority 0. */
function goodAdvert({ instance }: Scene, priority: number): Good {
  const { version, family, unicast } = instance;
  const destination = unicast ? "192.168.31.11" : VRRP_GROUP[family];
  const source = unicast ? PEER : STRANGER[family];
  let sent = 0n;
  const encode = (changes: Partial<Advertisement>, signature: Signature = {}) => {
    const envelope = { source: signature.source ?? source, destination };
    const message = encodeAdvertisement(
      {
        version,
        vrid: 55,
        priority,
        intervalCs: 100,
        addresses: (instance.addresses ?? [VIP]).map(({ address }) => address),
        authentication: { type: 1, data: passwordOctets("123456") },
        ...changes,
      },
      envelope,
      "pseudo_header",
    );
    const sequence = signature.sequence ?? EPOCH + (20n << 32n) + ++sent;
    return instance.authentication?.type === "hmac"
      ? signAdvertisement(message, envelope, signature.key ?? KEY, sequence)
      : message;
  };
  const datagram = { interface: "eth1", source, destination, ttl: 255, payload: encode({}) };
  return { datagram, encode };
}

/** What is sent and what changes within 20 s, while both nodes are given `rejected` every 50 ms. */
function course(scene: Scene, rejected: ((self: string) => VrrpDatagram) | null) {
  const { instance } = scene;
  const cluster = new SimCluster([{ ...instance, priority: 150 }, { ...instance, priority: 100 }]);
  const log: string[] = [];
  cluster.network.watch(({ name }, payload) =>
    log.push(`${cluster.time.nowMs.toFixed(3)} ${name} sends ${payload.toHex()}`)
  );
  cluster.onJournal(({ name }, { code, message }) => {
    if (code === "state_changed") log.push(`${cluster.time.nowMs.toFixed(3)} ${name} ${message}`);
  });
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.nodes.map(({ status }) => status.state), ["master", "backup"]);
  // As backup, as master, and through the time when one waits for Master_Down_Interval.
  for (let ms = 0; ms < 20_000; ms += FLOOD_EVERY_MS) {
    if (ms === 10_000) cluster.nodes[0]!.kill();
    cluster.run(FLOOD_EVERY_MS);
    for (const { host } of rejected ? cluster.nodes : []) {
      const { addresses } = host.interfaceState("eth1")!;
      const { family } = instance;
      const self = addresses[family === "ipv4" ? 0 : 1]!.address;
      host.deliver(rejected!(self));
    }
  }
  const dropped = cluster.nodes[1]!.daemon!.status();
  return { log, dropped: { ...dropped.dropped, ...dropped.instances[0]!.counters.dropped } };
}

Deno.test("a flood of rejected adverts changes no timer, whatever they are rejected for", async (t) => {
  const tried = new Set<DropReason>();
  for (const scene of SCENES) {
    const undisturbed = course(scene, null);
    assert.ok(undisturbed.log.length > 20);
    for (const [reason, spoil] of Object.entries(SPOILED)) {
      for (const priority of [254, 0]) {
        const good = goodAdvert(scene, priority);
        if (spoil(good, scene, "") === null) continue;
        tried.add(reason as DropReason);
        await t.step(`${scene.name}: ${reason}, priority ${priority}`, () => {
          const rejected = (self: string) => ({ ...good.datagram, ...spoil(good, scene, self) });
          const { log, dropped } = course(scene, rejected);
          assert.deepEqual(dropped, { [reason]: 400 });
          assert.deepEqual(log, undisturbed.log);
        });
      }
    }
    await t.step(`${scene.name}: one that is accepted would change them`, () => {
      assert.notDeepEqual(
        course(scene, () => goodAdvert(scene, 254).datagram).log,
        undisturbed.log,
      );
    });
  }
  assert.deepEqual([...tried].sort(), Object.keys(SPOILED).sort());
});
