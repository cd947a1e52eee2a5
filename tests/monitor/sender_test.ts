import assert from "node:assert/strict";
import { lifeMs, type Sender, shown, yields } from "../../src/monitor/sender.ts";

const SENDER: Sender = {
  address: "10.0.0.1",
  role: "master",
  reported: false,
  advertisement: {
    version: 2,
    vrid: 55,
    priority: 100,
    intervalCs: 100,
    addresses: ["10.0.0.5"],
  },
  checksumForm: "message",
  hmacKey: null,
  destination: "224.0.0.18",
  adverts: 1,
  heardAtMs: [0],
};

function withAdvert(more: Partial<Sender["advertisement"]>): Sender {
  return { ...SENDER, advertisement: { ...SENDER.advertisement, ...more } };
}

Deno.test("the rate of a master is that between its first known advert and its last", () => {
  const cases: [Partial<Sender>, number | null][] = [
    [{ heardAtMs: [7] }, null],
    [{ heardAtMs: [7, 7] }, null],
    [{ heardAtMs: [7, 8] }, 1000],
    [{ heardAtMs: [7, 1007] }, 1],
    [{ heardAtMs: [1000, 1200, 2000] }, 2],
    [{ heardAtMs: [7, 1007], role: "silent" }, null],
    [{ heardAtMs: [7, 1007], role: "yielded" }, null],
  ];
  for (const [more, want] of cases) {
    const { advertsPerSecond, lastHeardMs } = shown({ ...SENDER, ...more }, false);
    assert.deepEqual([advertsPerSecond, lastHeardMs], [want, more.heardAtMs!.at(-1)]);
  }
});

Deno.test("a password is printable if each octet of it is, and ends before its zeros", () => {
  const cases: [number[], boolean, string][] = [
    [[0x20, 0x7e, 0, 0, 0, 0, 0, 0], true, " ~"],
    [[0x1f, 0x41, 0, 0, 0, 0, 0, 0], false, "1f41"],
    [[0x41, 0x7f, 0, 0, 0, 0, 0, 0], false, "417f"],
    [[0x41, 0, 0x42, 0, 0, 0, 0, 0], false, "410042"],
    [[0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48], true, "ABCDEFGH"],
    [[0, 0, 0, 0, 0, 0, 0, 0], true, ""],
  ];
  for (const [octets, printable, password] of cases) {
    const sender = withAdvert({ authentication: { type: 1, data: Uint8Array.from(octets) } });
    assert.deepEqual(shown(sender, true).authentication, { type: 1, printable, password });
    assert.deepEqual(shown(sender, false).authentication, { type: 1, printable, password: null });
  }
  const other = withAdvert({ authentication: { type: 2, data: new Uint8Array(8) } });
  assert.deepEqual(shown(other, true).authentication, {
    ...{ type: 2, printable: null, password: null },
  });
  assert.equal(shown(SENDER, true).authentication, null);
});

Deno.test("a master lives as long as the backup of priority 1 waits for it", () => {
  assert.equal(lifeMs(withAdvert({ version: 3, intervalCs: 256 })), 3 * 2560 + 2550);
  assert.equal(lifeMs(withAdvert({ version: 2, intervalCs: 256 })), 3 * 2560 + 255_000 / 256);
});

Deno.test("the sender of the lower priority yields, and of two alike that of the lower address", () => {
  const other = { ...SENDER, address: "10.0.0.2" };
  assert.ok(yields(SENDER, other));
  assert.ok(!yields(other, SENDER));
  const strong = withAdvert({ priority: 101 });
  assert.ok(!yields(strong, other));
  assert.ok(yields(other, strong));
});
