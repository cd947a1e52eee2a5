/** What is secret has a stand-in, and what fits together still does. */

import assert from "node:assert/strict";
import type { InstanceConfig, PeerConfig } from "../../src/config/model.ts";
import type { CheckConfig } from "../../src/health/check_config.ts";
import { StandIns } from "../../src/recording/stand_ins.ts";
import type { PeerReport } from "../../src/status/reports/peer_answer.ts";
import { config as simulated } from "../../src/sim/cluster.ts";
import { seededRandom } from "../../src/sim/random.ts";
import {
  type Advertisement,
  decodeAdvertisement,
  encodeAdvertisement,
  passwordOctets,
} from "../../src/wire/vrrp.ts";
import { signAdvertisement, TRAILER_OCTETS, trailerDigest } from "../../src/wire/vrrp_trailer.ts";

const IPV4 = { source: "192.168.31.12", destination: "224.0.0.18" };
const IPV6 = { source: "fe80::12", destination: "ff02::12" };
const KEY = { id: 7, key: new TextEncoder().encode("a key of thirty-two octets, hmac") };
const OTHER_KEY = { id: 7, key: new TextEncoder().encode("another key of 32 octets as well") };
const SEQUENCE = 0x6543_2100_0000_0001n;

const V2: Advertisement = {
  ...{ version: 2, vrid: 55, priority: 100, intervalCs: 100, addresses: ["192.168.31.5"] },
  authentication: { type: 1, data: passwordOctets("hunter2!") },
};
const V3: Advertisement = {
  ...{ version: 3, vrid: 55, priority: 100, intervalCs: 100, addresses: ["192.168.31.5"] },
};
const V3_IPV6: Advertisement = { ...V3, addresses: ["fe80::5"] };

function withKeys(): StandIns {
  const standIns = new StandIns();
  standIns.config(simulated("lb01", {
    authentication: {
      ...{ type: "hmac", keys: [KEY], activeKey: 7, replay: "time", windowMs: 5000 },
      mode: "enforce",
    },
  }));
  return standIns;
}

Deno.test("a password has the same stand-in in the configuration and in every advert", () => {
  const standIns = new StandIns();
  const { instances: [instance] } = standIns.config(
    simulated("lb01", { authentication: { type: "pass", password: "hunter2!" } }),
  );
  assert.deepEqual(instance!.authentication, { type: "pass", password: "masked01" });
  const passwords = ["hunter2!", "another1", "hunter2!"].map((password) => {
    const advertisement = {
      ...V2,
      authentication: { type: 1, data: passwordOctets(password) },
    };
    const masked = standIns.payload(encodeAdvertisement(advertisement, IPV4, "message"), IPV4);
    const decoded = decodeAdvertisement(masked, IPV4);
    assert.ok(decoded.ok);
    return new TextDecoder().decode(decoded.advertisement.authentication!.data);
  });
  assert.deepEqual(passwords, ["masked01", "masked02", "masked01"]);
});

Deno.test("an advert without a secret stays as it is, and the payload that came in always does", () => {
  const none = { ...V2, authentication: { type: 0, data: new Uint8Array(8) } };
  for (
    const [advertisement, envelope, form] of [
      [none, IPV4, "message"],
      [V3, IPV4, "message"],
      [V3, IPV4, "pseudo_header"],
      [V3_IPV6, IPV6, "pseudo_header"],
    ] as const
  ) {
    const payload = encodeAdvertisement(advertisement, envelope, form);
    assert.deepEqual(new StandIns().payload(payload, envelope), new Uint8Array(payload));
  }
  const payload = encodeAdvertisement(V2, IPV4, "message");
  const before = payload.toHex();
  new StandIns().payload(payload, IPV4);
  assert.equal(payload.toHex(), before);
});

Deno.test("a signature that was right is one with the key's stand-in, any other is none", async (t) => {
  const messages = [[V2, IPV4], [V3, IPV4], [V3_IPV6, IPV6]] as const;
  for (const [advertisement, envelope] of messages) {
    for (const [name, key, right] of [["right", KEY, true], ["wrong", OTHER_KEY, false]] as const) {
      await t.step(`version ${advertisement.version}, ${envelope.source}, ${name}`, () => {
        const message = encodeAdvertisement(advertisement, envelope, "pseudo_header");
        const payload = signAdvertisement(message, envelope, key, SEQUENCE);
        const standIns = withKeys();
        const masked = standIns.payload(payload, envelope);
        const decoded = decodeAdvertisement(masked, envelope, TRAILER_OCTETS);
        assert.ok(decoded.ok);
        const digest = trailerDigest(masked, envelope.source, standIns.key(KEY));
        assert.equal(masked.subarray(-16).toHex() === digest.toHex(), right);
        assert.ok(!masked.toHex().includes(payload.subarray(-16).toHex()));
      });
    }
  }
});

Deno.test("what is no advertisement is discarded in a replay for the same reason, and shows its header only", () => {
  const random = seededRandom(3);
  const standIns = new StandIns();
  const message = encodeAdvertisement(V2, IPV4, "message");
  const reasons = new Set<string>();
  for (let round = 0; round < 3000; round++) {
    const damaged = new Uint8Array(message);
    damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    const payload = damaged.subarray(0, Math.floor(random() * 2) * 40 || Math.floor(random() * 21));
    const [before, after] = [payload, standIns.payload(payload, IPV4)]
      .map((octets) => decodeAdvertisement(octets, IPV4, TRAILER_OCTETS));
    const reason = (decoded: typeof before) => decoded!.ok ? "none" : decoded!.error;
    assert.equal(reason(after), reason(before), `seed 3, round ${round}`);
    reasons.add(reason(before));
    if (!before!.ok) {
      const rest = standIns.payload(payload, IPV4).subarray(8);
      assert.ok(rest.every((octet) => octet === 0));
    }
  }
  assert.deepEqual([...reasons].sort(), [
    ...["checksum", "invalid_type", "none", "packet_length", "version"],
  ]);
});

Deno.test("of checks, peers and targets nothing is left that may be a secret", () => {
  const common = { intervalMs: 1000, timeoutMs: 1000, rise: 1, fall: 1 };
  const checks: CheckConfig[] = [
    {
      ...{ name: "site", type: "http", ...common, url: "https://u:SECRET@lb/?t=SECRET" },
      ...{ status: { from: 200, to: 299 }, bodyContains: "SECRET", hostHeader: "SECRET" },
      ...{ ca: "SECRET", serverName: "site" },
    },
    {
      ...{ name: "own", type: "exec", ...common, command: ["/bin/check", "--SECRET", "SECRET"] },
      onFail: {
        ...{ command: ["restart", "SECRET"], timeoutMs: 1, attempts: 1, everyMs: 1 },
      },
    },
  ];
  const peers: PeerConfig[] = [
    { name: "lb02", url: "https://192.168.31.12:9112/SECRET", tokenFile: "/SECRET", ca: "SECRET" },
    { name: "lb03", url: "unix:/run/lb03/api.sock" },
  ];
  const masked = new StandIns().config(
    {
      ...simulated("lb01", {}),
      ...{ checks, peers },
      api: { listen: [], hosts: [], tokenFile: "/etc/SECRET", localReading: "open" },
      notify: [{
        ...{ name: "hook", type: "webhook", on: [], retryForMs: 1, timeoutMs: 1 },
        target: { secretUrl: "https://chat/SECRET" },
      }],
    } as Parameters<StandIns["config"]>[0],
  );
  assert.ok(!JSON.stringify(masked).includes("SECRET"), JSON.stringify(masked));
  assert.deepEqual(masked.peers.map(({ url }) => url), [
    "https://192.168.31.12:9112",
    "unix:/run/lb03/api.sock",
  ]);
  const result = { ok: false, detail: "SECRET", tookMs: 1 };
  assert.deepEqual(new StandIns().result(result), { ok: false, detail: "failed", tookMs: 1 });
});

Deno.test("a question to the virtual address has the same stand-ins as its answers, and words stay", () => {
  const standIns = new StandIns();
  const of = (clientCheck: InstanceConfig["clientCheck"]) =>
    standIns.config(simulated("lb01", { clientCheck })).instances[0]!.clientCheck;
  assert.deepEqual([of("auto"), of("off")], ["auto", "off"]);
  const question = { type: "https", port: 443, path: "/?t=SECRET" } as const;
  assert.deepEqual(of(question), { type: "https", port: 443, path: "masked-1" });
  const named = { ...question, host: "SECRET" };
  assert.deepEqual(of(named), { ...question, path: "masked-1", host: "masked-2" });
  const report = { instance: "VI_1", target: "/?t=SECRET", ok: true, detail: "SECRET" };
  assert.deepEqual(standIns.clientReport(report), {
    ...{ instance: "VI_1", target: "masked-1", ok: true, detail: "succeeded" },
  });
});

Deno.test("of a peer's answer the targets and the words of its client checks are masked, no more", () => {
  const rehearsal = { node: "lb02" };
  const rehearsed = { began: "2026-03-01T10:03:00.000Z", is_last: true };
  const answer = (instances: readonly unknown[]) => ({ node: "lb02", instances });
  const cases: readonly (readonly [report: unknown, is: unknown])[] = [
    [{ ok: false, error: "SECRET" }, { ok: false, error: "it did not answer" }],
    [
      { ok: false, error: "SECRET", cause: "refused", rehearsal, rehearsed },
      { ok: false, error: "it did not answer", cause: "refused", rehearsal, rehearsed },
    ],
    [{ ok: true, answer: answer([{ name: "A" }]) }, { ok: true, answer: answer([{ name: "A" }]) }],
    [
      {
        ...{ ok: true, rehearsal, rehearsed },
        answer: answer([
          { name: "A", client_check: { ok: true, target: "SECRET", detail: "SECRET" } },
          { name: "B", client_check: null, client_check_unknown: "SECRET 2" },
        ]),
      },
      {
        ...{ ok: true, rehearsal, rehearsed },
        answer: answer([
          { name: "A", client_check: { ok: true, target: "masked-1", detail: "succeeded" } },
          { name: "B", client_check: null, client_check_unknown: "masked-2" },
        ]),
      },
    ],
  ];
  for (const [report, is] of cases) {
    assert.deepEqual(new StandIns().report(report as PeerReport), is);
  }
});
