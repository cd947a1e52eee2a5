/** One advert on its way out: when it is tried again, what is counted, and where it goes as a frame. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../../src/config/model.ts";
import type { HostError } from "../../../../src/host/errors.ts";
import type { VrrpPort } from "../../../../src/host/vrrp.ts";
import {
  AdvertSender,
  type SendOutcome,
} from "../../../../src/node/instance/adverts/advert_sender.ts";
import { authenticationField } from "../../../../src/node/instance/adverts/authentication_field.ts";
import { SendMarks } from "../../../../src/node/instance/adverts/send_marks.ts";
import { instanceConfig, SimCluster } from "../../../../src/sim/cluster.ts";
import { formatMac, type MacAddress } from "../../../../src/wire/address.ts";
import { virtualRouterMac } from "../../../../src/wire/ethernet.ts";

const SOURCE = "192.168.31.11";
const UNICAST = { peers: ["192.168.31.12", "192.168.31.13"], ttl: 64, minTtl: 1 };
const V6 = {
  version: 3,
  family: "ipv6",
  authentication: { type: "none" },
  addresses: [{ address: "fe80::5", prefixLength: 64, device: "eth1" }],
} as const satisfies Partial<InstanceConfig>;

const failing = (code: string): HostError => ({ code, message: `${code}, why` });

/** A sender, and what its machine answers to each destination; `frame`: to a frame. */
function sending(changes: Partial<InstanceConfig> = {}, virtualMac: MacAddress | null = null) {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const answers = new Map<string, HostError | null>();
  const frame: { answer: HostError | null } = { answer: null };
  const sent: string[] = [];
  const frames: string[] = [];
  const port: VrrpPort = {
    send: (_octets, _source, destination, ttl) => {
      sent.push(`${cluster.time.nowMs} ${destination} ${ttl}`);
      return answers.get(destination) ?? answers.get("") ?? null;
    },
    expect: () => null,
    close: () => {},
  };
  host.sendVrrpAs = (mac, name, _octets, source, destination) => {
    frames.push(`${formatMac(mac)} ${name} ${source} ${destination}`);
    return frame.answer;
  };
  const outcomes: SendOutcome[] = [];
  const ports = { found: port as VrrpPort | string };
  const config = instanceConfig(changes);
  const sender = new AdvertSender(config, authenticationField(config), {
    ...{ host, virtualMac, marks: new SendMarks(null) },
    ports: { get: () => ports.found },
    outcome: (outcome) => outcomes.push(outcome),
  });
  return { cluster, host, sender, answers, frame, sent, frames, outcomes, ports };
}

Deno.test("an advert that finds no room is tried ten times more, each time after twice as long", () => {
  for (const code of ["EAGAIN", "ENOBUFS", "EINTR"]) {
    const { cluster, sender, answers, sent, outcomes } = sending();
    answers.set("", failing(code));
    sender.send(100, SOURCE);
    cluster.run(10_000);
    assert.deepEqual(sent.map((line) => Number(line.split(" ")[0])), [
      ...[0, 0, 1, 3, 7, 15, 31, 63, 127, 255, 511],
    ], code);
    assert.deepEqual(outcomes, [{ left: false, error: failing(code) }]);
    const { advertisements_sent, advertisements_failed } = sender.counters;
    assert.deepEqual([advertisements_sent, advertisements_failed], [0, 1]);
  }
});

Deno.test("another error is not tried again, nor what the next advert replaces", () => {
  const { cluster, sender, answers, sent } = sending();
  answers.set("", failing("EPERM"));
  sender.send(100, SOURCE);
  cluster.run(10_000);
  assert.equal(sent.length, 1);
  answers.set("", failing("EAGAIN"));
  sender.send(100, SOURCE);
  answers.clear();
  sender.send(100, SOURCE);
  cluster.run(10_000);
  assert.equal(sent.length, 3);
});

Deno.test("of several peers those alone are tried again that got none, and the advert counts once", () => {
  const [first, second] = UNICAST.peers as [string, string];
  const rows: readonly (readonly [failed: readonly string[], sends: number, outcomes: number])[] = [
    [[first], 3, 1],
    [[first, second], 4, 2],
  ];
  for (const [failed, sends, outcomesCount] of rows) {
    const { cluster, sender, answers, sent, outcomes } = sending({ unicast: UNICAST });
    for (const peer of failed) answers.set(peer, failing("EAGAIN"));
    sender.send(0, SOURCE);
    assert.equal(outcomes[0]!.left, failed.length === 1);
    const why = failed.map(() => "EAGAIN, why").join("; ");
    assert.deepEqual(outcomes[0]!.error, { code: "EAGAIN", message: why });
    answers.clear();
    cluster.run(10_000);
    assert.equal(sent.length, sends);
    assert.ok(sent.every((line) => line.endsWith(" 64")), "the configured TTL");
    assert.equal(outcomes.length, outcomesCount);
    assert.deepEqual(outcomes.at(-1)!.left, true);
    const { advertisements_sent, priority_zero_sent } = sender.counters;
    assert.deepEqual([advertisements_sent, priority_zero_sent], [1, 1]);
  }
});

Deno.test("without a link an advert fails where the link matters, and is none where it does not", () => {
  for (const trackInterface of [true, false]) {
    const { host, sender, sent, frames, outcomes } = sending({ trackInterface });
    host.setCarrier(false);
    sender.send(0, SOURCE);
    assert.deepEqual([sent, frames], [[], []]);
    const error = { code: "ENETDOWN", message: "Cannot send VRRP on eth1: it has no link" };
    assert.deepEqual(outcomes, [
      trackInterface ? { left: false, error } : { left: true, error: null },
    ]);
  }
});

Deno.test("a goodbye goes as a frame where nothing else leaves; a peer's or a virtual MAC address's does not", () => {
  const virtual = virtualRouterMac("ipv4", 55);
  const own = `02:00:00:00:00:0b eth1 ${SOURCE} 224.0.0.18`;
  const rows: readonly (readonly [
    string,
    Partial<InstanceConfig>,
    MacAddress | null,
    priority: number,
    frames: readonly string[],
  ])[] = [
    ["a goodbye", {}, null, 0, [own]],
    ["any other advert", {}, null, 100, []],
    ["to peers", { unicast: UNICAST }, null, 0, []],
    ["to peers, with a virtual MAC address", { unicast: UNICAST }, virtual, 0, []],
  ];
  for (const [what, changes, mac, priority, expected] of rows) {
    for (const answer of [null, failing("EPERM")]) {
      const { sender, answers, frame, frames } = sending(changes, mac);
      answers.set("", failing("EPERM"));
      frame.answer = answer;
      sender.send(priority, SOURCE);
      assert.deepEqual(frames, expected, what);
      const left = expected.length > 0 && answer === null;
      const { advertisements_sent, advertisements_failed } = sender.counters;
      assert.deepEqual([advertisements_sent, advertisements_failed], left ? [1, 0] : [0, 1], what);
    }
  }
  // From a virtual MAC address every advert is a frame, and there is no other way.
  const { sender, frame, frames, sent } = sending({}, virtual);
  frame.answer = failing("EPERM");
  sender.send(0, SOURCE);
  assert.deepEqual(frames, [`00:00:5e:00:01:37 eth1 ${SOURCE} 224.0.0.18`]);
  assert.deepEqual(sent, []);
});

Deno.test("where there is no port, a goodbye goes as a frame all the same", () => {
  const { sender, frames, outcomes, ports } = sending();
  ports.found = "no port on eth1";
  for (const priority of [100, 0]) sender.send(priority, SOURCE);
  assert.equal(frames.length, 1);
  const error = { code: "ENODEV", message: "no port on eth1" };
  assert.deepEqual(outcomes, [{ left: false, error }, { left: false, error }]);
});

Deno.test("a group without a route is reached by a frame, a peer is not", () => {
  const rows = [
    [V6, "EADDRNOTAVAIL", true],
    [V6, "ENETUNREACH", false],
    [{ ...V6, unicast: { ...UNICAST, peers: ["fe80::12"] } }, "EADDRNOTAVAIL", false],
  ] as const;
  for (const [changes, code, passes] of rows) {
    const { sender, answers, frames, outcomes } = sending(changes);
    answers.set("", failing(code));
    sender.send(100, "fe80::11");
    assert.equal(frames.length, passes ? 1 : 0, code);
    const error = passes ? null : failing(code);
    assert.deepEqual(outcomes, [{ left: passes, error }], code);
  }
});

Deno.test("the kernel is asked with an advert that goes no further, where it can be asked", () => {
  const rows = [
    [{}, null, true],
    [V6, null, false],
    [{ unicast: UNICAST }, null, false],
    [{}, virtualRouterMac("ipv4", 55), false],
  ] as const;
  for (const [changes, mac, asks] of rows) assert.equal(sending(changes, mac).sender.asks, asks);
  const { sender, answers, sent, outcomes } = sending();
  answers.set("", failing("EPERM"));
  assert.deepEqual(sender.ask(100, SOURCE), failing("EPERM"));
  assert.deepEqual([sent, outcomes], [["0 224.0.0.18 0"], []]);
});
