import assert from "node:assert/strict";
import { MAX_FRONT_FRAME_OCTETS, readFrontMessage } from "../../src/ipc/messages.ts";
import { peerMessages, PeerParts } from "../../src/ipc/peer_parts.ts";
import { answerLimitOctets, type PeerReport } from "../../src/status/reports/peer_answer.ts";
import type { PeerInstanceStatus } from "../../src/status/status.ts";

function instance(name: string, more: Partial<PeerInstanceStatus> = {}): PeerInstanceStatus {
  return {
    ...{ name, interface: "eth1", vrid: 1, family: "ipv4", version: 3, state: "backup" },
    ...{ handing_over: false, priority: { configured: 100, effective: 100 }, preempt: true },
    ...{ authentication: "none", advert_interval_ms: 100, addresses: ["192.168.31.5/24"] },
    ...{ master: null, faults: [], override: null, ...more },
  };
}

function reportOf(instances: readonly PeerInstanceStatus[]): PeerReport {
  return { ok: true, answer: { node: "lb02", version: "0.2.0", instances } };
}

/** The report as the engine puts it together, and how long the longest message was. */
function carried(report: PeerReport, maxOctets = Infinity) {
  const parts = new PeerParts();
  let longest = 0;
  for (const text of peerMessages("lb02", report, 40)) {
    const octets = new TextEncoder().encode(text).length;
    longest = Math.max(longest, octets);
    const message = readFrontMessage(JSON.parse(text));
    if (message?.type === "peer_instances") {
      if (!parts.add(message.name, message.instances, octets, maxOctets)) return "too long";
    } else {
      assert.equal(message?.type, "peer");
      return { report: parts.complete("lb02", message.report!), longest };
    }
  }
  assert.fail("no report came");
}

const REPORTS: Readonly<Record<string, PeerReport>> = {
  "none": { ok: false, error: "nobody listens there" },
  "without instances": reportOf([]),
  "with one": reportOf([instance("VI_1")]),
  "with 4,000": reportOf(Array.from({ length: 4000 }, (_, index) => instance(`VI_${index}`))),
  "with a long one between short ones": reportOf([
    instance("VI_1"),
    instance("VI_2", { addresses: Array.from({ length: 2000 }, (_, at) => `2001:db8::${at}/64`) }),
    instance("VI_3"),
  ]),
};

for (const [what, report] of Object.entries(REPORTS)) {
  Deno.test(`a report ${what} arrives as it was, in messages that the engine takes`, () => {
    const arrived = carried(report);
    assert.ok(arrived !== "too long");
    assert.deepEqual(arrived.report, report);
    assert.ok(arrived.longest <= MAX_FRONT_FRAME_OCTETS, `${arrived.longest} octets`);
  });
}

Deno.test("an instance that no message can hold makes the report a failed one", () => {
  const faults = Array.from({ length: 64 }, () => "€".repeat(4000));
  const arrived = carried(reportOf([instance("VI_1", { faults })]));
  assert.ok(arrived !== "too long" && !arrived.report.ok);
  assert.match(arrived.report.error, /longer than any of vipd's/);
});

Deno.test("the engine keeps no more of a report than a peer may answer", () => {
  const instances = Array.from({ length: 4000 }, (_, index) => instance(`VI_${index}`));
  assert.ok(carried(reportOf(instances), answerLimitOctets(1)) === "too long");
});

Deno.test("parts of a report that never comes are forgotten with their peer", () => {
  const parts = new PeerParts();
  for (const name of ["lb02", "lb03"]) parts.add(name, [instance(name)], 100, 1000);
  parts.retain(new Set(["lb03"]));
  assert.deepEqual(parts.complete("lb02", reportOf([])), reportOf([]));
  assert.deepEqual(parts.complete("lb03", reportOf([])), reportOf([instance("lb03")]));
});
