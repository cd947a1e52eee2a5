/** What a host reports is recorded and arrives; what it is asked reaches it. */

import assert from "node:assert/strict";
import type { ProbeResult } from "../../src/health/check.ts";
import type { Host } from "../../src/host/host.ts";
import { decodeLine, NO_SECRETS, RECORDING_FORMAT, type Turn } from "../../src/recording/line.ts";
import { Recorder } from "../../src/recording/recorder.ts";
import { RecordingHost } from "../../src/recording/recording_host.ts";

/** A recorded host that can do only this, and what is written of it from now on. */
function recorded(able: Partial<Host>) {
  const lines: string[] = [];
  const head = { format: RECORDING_FORMAT, version: 1, secrets: NO_SECRETS, vipd: "x" } as const;
  const clock = { nowMs: () => 10, wallClockMs: () => 1010 };
  const recorder = new Recorder(clock, head, (line) => lines.push(line));
  lines.length = 0;
  /** What was heard, and each call after it. */
  const turns = () => {
    recorder.seal();
    return lines.splice(0).map((line) => decodeLine(line) as Turn)
      .map(({ heard, did = [] }) => [heard, ...did.map((it) => [it.do, ...it.with])]);
  };
  return { host: new RecordingHost({ ...clock, ...able } as Host, recorder), recorder, turns };
}

const NOTHING = { kind: "nothing" };
const ERROR = { code: "ENODEV", message: "there is no eth1" };
const DATAGRAM = {
  ...{ interface: "eth1", source: "192.168.31.11", destination: "224.0.0.18", ttl: 255 },
  payload: new Uint8Array(8),
};
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);

Deno.test("a port that cannot be opened is its error, and each attempt has a name of its own", () => {
  const { host, turns } = recorded({
    openVrrp: () => ERROR,
    openVrrpTap: () => ERROR,
    openClaims: () => ERROR,
  });
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.equal(host.openVrrp("eth1", "ipv4", () => {}), ERROR);
    assert.equal(host.openVrrpTap("eth1", "ipv4", () => {}), ERROR);
    assert.equal(host.openClaims("eth1", "ipv4", [], () => {}), ERROR);
  }
  const names = turns().flatMap(([, ...calls]) => calls.map((call) => (call as string[])[1]));
  assert.deepEqual(names, [
    ...["vrrp eth1 ipv4", "tap eth1 ipv4", "claims eth1 ipv4"],
    ...["vrrp eth1 ipv4 #2", "tap eth1 ipv4 #2", "claims eth1 ipv4 #2"],
    ...["vrrp eth1 ipv4 #3", "tap eth1 ipv4 #3", "claims eth1 ipv4 #3"],
  ]);
});

Deno.test("what a port hears is recorded and arrives", () => {
  const arrived: unknown[] = [];
  const send: Partial<Record<"datagram" | "frame" | "claim" | "unread", () => void>> = {};
  const claim = { address: "192.168.31.5", mac: MAC };
  const { host, turns } = recorded({
    openVrrp: (_name, _family, receive, { unread } = {}) => {
      send.datagram = () => receive(DATAGRAM as Parameters<typeof receive>[0]);
      if (unread) send.unread = () => unread(3);
      return {} as ReturnType<Host["openVrrp"]>;
    },
    openVrrpTap: (_name, _family, heard) => {
      send.frame = () => heard(DATAGRAM as Parameters<typeof heard>[0], MAC as never);
      return {} as ReturnType<Host["openVrrpTap"]>;
    },
    openClaims: (_name, _family, _addresses, heard) => {
      send.claim = () => heard(claim as unknown as Parameters<typeof heard>[0]);
      return {} as ReturnType<Host["openClaims"]>;
    },
  });
  host.openVrrp("eth1", "ipv4", () => arrived.push("other"));
  assert.equal(send.unread, undefined, "nobody asks for it");
  host.openVrrp("eth1", "ipv4", (datagram) => arrived.push(datagram), {
    unread: (count) => arrived.push(count),
  });
  host.openVrrpTap("eth1", "ipv4", (datagram, from) => arrived.push([datagram, from]));
  host.openClaims("eth1", "ipv4", [], (heard) => arrived.push(heard));
  turns();
  for (const each of [send.datagram, send.unread, send.frame, send.claim]) each!();
  assert.deepEqual(arrived, [DATAGRAM, 3, [DATAGRAM, MAC], claim]);
  assert.deepEqual(turns(), [
    [{ kind: "datagram", port: "vrrp eth1 ipv4 #2", datagram: DATAGRAM }],
    [{ kind: "unread", port: "vrrp eth1 ipv4 #2", count: 3 }],
    [{ kind: "frame", port: "tap eth1 ipv4", datagram: DATAGRAM, from: MAC }],
    [{ kind: "claim", port: "claims eth1 ipv4", claim }],
  ]);
});

Deno.test("a check and a program are recorded without their words, and what they say arrives", () => {
  const arrived: unknown[] = [];
  const calls: string[] = [];
  const said: ((result: ProbeResult) => void)[] = [];
  const { host, turns } = recorded({
    openProber: (_check, report) => {
      said.push(report);
      return { probe: () => calls.push("probe"), close: () => calls.push("close") };
    },
    runProgram: (_run, ended) => {
      said.push(ended);
      return () => void calls.push("end");
    },
  });
  const check = { name: "nginx" } as Parameters<Host["openProber"]>[0];
  const prober = host.openProber(check, (result) => arrived.push(result));
  prober.probe();
  const program = { command: ["/bin/x", "SECRET"] };
  const run = { program, timeoutMs: 500 } as unknown as Parameters<Host["runProgram"]>[0];
  const end = host.runProgram(run, (result) => arrived.push(result));
  end();
  prober.close();
  assert.deepEqual(turns(), [[
    NOTHING,
    ...[["openProber", "nginx"], ["probe", "nginx"]],
    ["runProgram", "/bin/x", ["/bin/x", "masked-1"], 500],
    ...[["endProgram", "/bin/x"], ["closeProber", "nginx"]],
  ]]);
  assert.deepEqual(calls, ["probe", "end", "close"]);
  const result = { ok: false, detail: "SECRET", tookMs: 1 };
  for (const say of said) say(result);
  assert.deepEqual(arrived, [result, result]);
  const shown = { ...result, detail: "failed" };
  assert.deepEqual(turns(), [
    [{ kind: "probe", port: "nginx", result: shown }],
    [{ kind: "program", port: "/bin/x", result: shown }],
  ]);
});

Deno.test("changes of interfaces and of routing are recorded and arrive", () => {
  const arrived: string[] = [];
  const watched: (() => void)[] = [];
  let read = 0;
  const { host, turns } = recorded({
    watchInterfaces: (listener) => watched.push(() => listener("eth1")),
    watchRouting: (listener) => watched.push(listener),
    readInterfaces: () => read++,
  });
  host.watchInterfaces((name) => arrived.push(name));
  host.watchRouting(() => arrived.push("routing"));
  host.readInterfaces();
  assert.deepEqual([turns(), read], [[[NOTHING, ["readInterfaces"]]], 1]);
  for (const change of watched) change();
  assert.deepEqual(arrived, ["eth1", "routing"]);
  assert.deepEqual(turns(), [[{ kind: "interface", name: "eth1" }], [{ kind: "routing" }]]);
});

Deno.test("of timers that are set to one time the one that fires is named by its place", () => {
  const fire: (() => void)[] = [];
  const did: string[] = [];
  const { host, turns } = recorded({
    setTimer: (_atMs, fired) => {
      fire.push(fired);
      return () => void did.push("cancel");
    },
    newTimer: (fired) => {
      fire.push(fired);
      return {
        set: (atMs) => void did.push(`set ${atMs}`),
        cancel: () => void did.push("cancel made"),
      };
    },
  });
  const cancel = host.setTimer(20, () => did.push("first"));
  const [second, third] = [
    host.newTimer(() => did.push("second")),
    host.newTimer(() => did.push("third")),
  ];
  const heard = (nth: number) => {
    fire[nth]!();
    return turns().map(([turn]) => turn);
  };
  second.set(20);
  third.set(20);
  assert.deepEqual(heard(2), [{ kind: "timer", dueMs: 20, nth: 2 }]);
  assert.deepEqual(heard(1), [{ kind: "timer", dueMs: 20, nth: 1 }]);
  second.set(20);
  third.set(20);
  cancel();
  assert.deepEqual(heard(2), [{ kind: "timer", dueMs: 20, nth: 1 }]);
  third.set(20);
  second.set(20);
  assert.deepEqual(heard(1), [{ kind: "timer", dueMs: 20, nth: 1 }], "behind those that are set");
  second.set(20);
  third.cancel();
  assert.deepEqual(heard(1), [{ kind: "timer", dueMs: 20 }]);
  assert.deepEqual(did.filter((it) => !it.startsWith("set")), [
    ...["third", "second", "cancel", "third", "second", "cancel made", "second"],
  ]);
});
