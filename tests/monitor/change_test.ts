import assert from "node:assert/strict";
import { advertChange, describe } from "../../src/monitor/change.ts";
import type { MonitoredSender } from "../../src/monitor/findings.ts";

const SENDER: MonitoredSender = {
  address: "10.0.0.1",
  role: "master",
  version: 3,
  priority: 100,
  intervalMs: 1000,
  addresses: ["10.0.0.5", "10.0.0.6"],
  checksumForm: "message",
  authentication: null,
  hmacKey: null,
  destination: "224.0.0.18",
  adverts: 1,
  advertsPerSecond: 1,
  lastHeardMs: 0,
};

Deno.test("a master is described with the authentication that its version has", () => {
  const cases: [Partial<MonitoredSender>, string][] = [
    [{}, "version 3, for"],
    [{ hmacKey: 4 }, "version 3, authentication hmac key 4, for"],
    [{ version: 2 }, "version 2, authentication none, for"],
  ];
  for (const [more, want] of cases) {
    assert.equal(
      describe({ ...SENDER, ...more }),
      `priority 100, every 1 s, ${want} 10.0.0.5 10.0.0.6`,
    );
  }
});

Deno.test("each aspect that changes between two adverts is named, before and after", () => {
  const cases: [Partial<MonitoredSender>, string | null][] = [
    [{}, null],
    [{ adverts: 2, lastHeardMs: 1000, advertsPerSecond: 2, role: "silent" }, null],
    [{ priority: 90 }, "priority 100 -> 90"],
    [{ intervalMs: 500 }, "interval 1 s -> 0.5 s"],
    [{ version: 2 }, "version 3 -> 2"],
    [{ addresses: ["10.0.0.5"] }, "addresses 10.0.0.5 10.0.0.6 -> 10.0.0.5"],
    [{ hmacKey: 4 }, "authentication none -> hmac key 4"],
    [{ checksumForm: "pseudo_header" }, "checksum message -> pseudo_header"],
    [{ destination: "10.0.0.2" }, "destination 224.0.0.18 -> 10.0.0.2"],
    [{ priority: 90, version: 2 }, "priority 100 -> 90, version 3 -> 2"],
  ];
  for (const [more, want] of cases) {
    const router = { interface: "eth1", vrid: 55 };
    const changes = advertChange(router, SENDER, { ...SENDER, ...more }, 7);
    assert.deepEqual(
      changes,
      want === null ? [] : [{
        ...{ code: "advert_changed", atMs: 7, interface: "eth1", vrid: 55, source: "10.0.0.1" },
        ...{ finding: null, message: `10.0.0.1: ${want}` },
      }],
    );
  }
});
