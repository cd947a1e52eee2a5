/** The third routers that were heard, as they are written down. */

import assert from "node:assert/strict";
import type { FoundState } from "../../../src/host/state_store.ts";
import { SoleBackupWatch } from "../../../src/node/instance/sole_backup_watch.ts";
import { audienceOf, ThirdRouters } from "../../../src/node/instance/third_routers.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { MAX_THIRD_ROUTERS, THIRD_ROUTER_MS } from "../../../src/vrrp/sole_backup.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2030, 0, 1);

/** A disk that takes a text only when the test says so. */
function disk(found: FoundState = { kind: "nothing" }) {
  const written: string[] = [];
  let done: () => void = () => {};
  const store = {
    ...{ path: "/x", found, setAside: () => Promise.resolve("") },
    write: (text: string) => {
      written.push(text);
      return new Promise<null>((resolve) => done = () => resolve(null));
    },
  };
  const answers = async () => {
    done();
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  };
  return { store, written, answers };
}

/** Of a file, who was heard where and when. */
const inFile = (text: string) =>
  (JSON.parse(text).routers as { of: string; address: string; heard: string }[])
    .map(({ of, address, heard }) =>
      `${of} ${address} ${(Date.parse(heard) - START_MS) / HOUR_MS}`
    );

Deno.test("one that continues to speak is written down once an hour, and when the clock was set back", async () => {
  const { store, written, answers } = disk();
  const third = new ThirdRouters(store);
  const cases: readonly (readonly [hours: number, written: boolean])[] = [
    ...[[0, true], [0, false], [0.999, false], [1, true], [1.5, false], [0.9, true]] as const,
    ...[[0.95, false], [30, true]] as const,
  ];
  for (const [hours, isWritten] of cases) {
    written.length = 0;
    third.heard("a", "192.0.2.9", START_MS + hours * HOUR_MS);
    await answers();
    assert.deepEqual(written.map(inFile), isWritten ? [[`a 192.0.2.9 ${hours}`]] : [], `${hours}`);
  }
});

Deno.test("while the disk writes, what comes is written once, after it", async () => {
  const { store, written, answers } = disk();
  const third = new ThirdRouters(store);
  for (const last of [1, 2, 3]) third.heard("a", `192.0.2.${last}`, START_MS);
  assert.equal(written.length, 1);
  await answers();
  assert.deepEqual(written.map((text) => inFile(text).length), [1, 3]);
  await answers();
  assert.equal(written.length, 2, "nothing is left to write");
  third.heard("a", "192.0.2.4", START_MS);
  assert.equal(written.length, 3);
});

Deno.test("no more are kept of one audience than it needs, and none for longer than it counts", async () => {
  const { store, written, answers } = disk();
  const third = new ThirdRouters(store);
  const hear = (audience: string, last: number, atMs: number) => {
    third.heard(audience, `192.0.2.${last}`, atMs);
    return answers();
  };
  for (let last = 1; last <= MAX_THIRD_ROUTERS + 1; last++) await hear("a", last, START_MS);
  assert.equal(third.of("a").length, MAX_THIRD_ROUTERS);
  await hear("b", 9, START_MS + THIRD_ROUTER_MS - 1);
  assert.deepEqual([third.of("a").length, third.of("b").length], [MAX_THIRD_ROUTERS, 1]);
  await hear("b", 10, START_MS + THIRD_ROUTER_MS);
  assert.deepEqual([third.of("a").length, third.of("b").length], [0, 2]);
  written.length = 0;
  third.retain("b", new Map([["192.0.2.9", 0], ["192.0.2.10", 0]]));
  third.retain("a", new Map());
  assert.deepEqual(written, [], "nothing changed");
  third.retain("b", new Map([["192.0.2.10", 0]]));
  assert.deepEqual(third.of("b").map(({ address }) => address), ["192.0.2.10"]);
  assert.equal(written.length, 1);
});

Deno.test("what is written is read again, and what is no such file is nothing", async () => {
  const { store, written, answers } = disk();
  new ThirdRouters(store).heard("a", "2001:db8::9", START_MS);
  await answers();
  const [text] = written as [string];
  const read = (text: string) => new ThirdRouters(disk({ kind: "text", text }).store).of("a");
  assert.deepEqual(read(text), [{ of: "a", address: "2001:db8::9", atMs: START_MS }]);
  assert.deepEqual(read(text.replace("2001:db8::9", "2001:DB8:0::9")), read(text));
  const changes: readonly (readonly [string, string])[] = [
    ["2001:db8::9", "nowhere"],
    ['"version":1', '"version":2'],
    ["vipd-third-routers", "vipd-other"],
    ["2030-01-01", "yesterday"],
    ['"of"', '"off"'],
    ["}", ""],
  ];
  const plain = JSON.stringify(JSON.parse(text));
  for (const [from, to] of changes) {
    assert.ok(plain.includes(from));
    assert.deepEqual(read(plain.replace(from, to)), [], from);
  }
  assert.deepEqual(new ThirdRouters(null).of("a"), []);
  assert.deepEqual(new ThirdRouters(disk().store).of("a"), []);
});

Deno.test("an audience is those of one virtual router, version and way", () => {
  const unicast = (...peers: string[]) => ({ unicast: { peers, ttl: 255, minTtl: 255 } });
  assert.equal(audienceOf(instanceConfig()), "eth1 ipv4 55 v2 224.0.0.18");
  assert.equal(
    audienceOf(instanceConfig(unicast("192.0.2.2", "192.0.2.1"))),
    "eth1 ipv4 55 v2 192.0.2.1,192.0.2.2",
  );
});

Deno.test("one that was written down by a clock that was ahead counts for a day, however often vipd starts", async () => {
  const config = instanceConfig({});
  const of = audienceOf(config);
  const heard = new Date(START_MS + 365 * 24 * HOUR_MS).toISOString();
  const router = { of, address: "192.168.31.13", heard };
  let text = JSON.stringify({ format: "vipd-third-routers", version: 1, routers: [router] });
  const appliesAt = async (hours: number) => {
    const { store, written, answers } = disk({ kind: "text", text });
    const watch = new SoleBackupWatch(() => config, {
      host: { wallClockMs: () => START_MS + hours * HOUR_MS },
      nodes: () => [{ name: "lb02", addresses: ["192.168.31.12"] }],
      thirdRouters: new ThirdRouters(store),
    });
    const { applies } = watch.verdict("192.168.31.12");
    await answers();
    text = written.at(-1) ?? text;
    return applies;
  };
  const seen = [await appliesAt(0), await appliesAt(20), await appliesAt(23), await appliesAt(25)];
  assert.deepEqual(seen, [false, false, false, true]);
});
