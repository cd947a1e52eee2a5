/**
 * The notifications of RFC 8347 (section 3: vrrp-new-master-event, vrrp-protocol-error-event and
 * vrrp-virtual-router-error-event) as the journal tells them, which is what `GET /v1/events` carries.
 */

import assert from "node:assert/strict";
import { SimCluster, VIP } from "../../../src/sim/cluster.ts";
import { type Advertisement, encodeAdvertisement } from "../../../src/wire/vrrp.ts";

const STRANGER = "192.168.31.66";
const GROUP = "224.0.0.18";
const NONE = { authentication: { type: "none" } } as const;

/** Gives lb01 a datagram of a stranger and tells what the journal of that is. */
function journalOf(
  changes: Partial<Advertisement>,
  spoil: (octets: Uint8Array) => Uint8Array,
  ttl = 255,
) {
  const cluster = new SimCluster([{ priority: 150, version: 3, ...NONE }]);
  cluster.start();
  cluster.run(10_000);
  const [node] = cluster.nodes;
  const journal = node!.daemon!.journal;
  const before = journal.since().at(-1)!.id;
  const common = { version: 3, vrid: 55, priority: 10, intervalCs: 100 } as const;
  const octets = encodeAdvertisement(
    { ...common, addresses: [VIP.address], ...changes },
    { source: STRANGER, destination: GROUP },
    "pseudo_header",
  );
  const datagram = { interface: "eth1", source: STRANGER, destination: GROUP, ttl };
  node!.host.deliver({ ...datagram, payload: spoil(octets) });
  return journal.since(before).filter(({ code }) => code === "packet_dropped");
}

const as = (octets: Uint8Array) => octets;
const flip = (at: number) => (octets: Uint8Array) =>
  octets.map((octet, index) => index === at ? octet ^ 0xff : octet);

for (
  const [event, error, reason, changes, spoil, ttl] of [
    ["protocol", "checksum-error", "checksum", {}, flip(6), 255],
    ["protocol", "ip-ttl-error", "ttl", {}, as, 64],
    ["protocol", "version-error", "version", { version: 2 }, as, 255],
    ["protocol", "vrid-error", "unknown_vrid", { vrid: 56 }, as, 255],
    ["virtual router", "interval-error", "interval_zero", { intervalCs: 0 }, as, 255],
    [
      "virtual router",
      "address-list-error",
      "address_count_zero",
      { addresses: [] },
      as,
      255,
    ],
    [
      "virtual router",
      "packet-length-error",
      "packet_length",
      {},
      (octets: Uint8Array) => octets.subarray(0, -1),
      255,
    ],
  ] as const
) {
  Deno.test(`${event} error event, ${error}: reported with sender, interface, reason and remedy`, () => {
    const [entry, ...more] = journalOf(changes, spoil, ttl);
    assert.equal(more.length, 0);
    assert.match(
      entry!.message,
      new RegExp(`${STRANGER} on eth1 discarded \\(${reason}, 1 so far`),
    );
    assert.equal(entry!.subject, reason === "unknown_vrid" ? undefined : "VI_1");
  });
}

Deno.test("new master event: reported with the reason, by the new master and by the old one", async () => {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const told: string[] = [];
  cluster.onJournal(({ name }, { code, message }) => {
    if (code === "state_changed") told.push(`${name} ${message}`);
  });
  const next = async (what: () => unknown) => {
    told.length = 0;
    await cluster.settle(Promise.resolve(what()));
    cluster.run(10_000);
    return told.filter((line) => line.includes("-> master")).join("\n");
  };
  cluster.start();
  const [lb01, lb02] = cluster.nodes;
  // RFC 8347, new-master-reason: no-response, priority, preempted.
  assert.match(await next(() => {}), /lb01 VI_1: backup -> master: no master was heard for/);
  assert.match(
    await next(() => lb01!.stop()),
    /lb02 .*-> master: the master gave the addresses up \(priority 0\)/,
  );
  assert.match(await next(() => lb01!.start()), /lb01 .*-> master: preempts a master of lower/);
  assert.ok(
    told.some((line) => /lb02 VI_1: master -> backup: another master goes first: 192/.test(line)),
  );
  assert.match(await next(() => lb01!.powerOff()), /lb02 .*no master was heard/);
  assert.equal(lb02!.status.reason.code, "master_silent");
});
