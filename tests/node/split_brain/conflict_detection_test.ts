/** Where the claims to the addresses are heard, which masters ask the link for their own, and when. */

import assert from "node:assert/strict";
import type { Host } from "../../../src/host/host.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { ConflictDetection } from "../../../src/node/split_brain/conflict_detection.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";

/** A watch, instances by the last octet of their address, and for which addresses the link is asked. */
function scene() {
  const time = new VirtualTime();
  const network = new SimNetwork(time, () => 0);
  const asked: string[] = [];
  network.probe = (_, address) => void asked.push(address);
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, network);
  const journal = new Journal(() => host.wallClockMs());
  const peers = { withAddressOnBackup: () => null, nameOf: () => null, dropping: () => [] };
  const alarms = new Alarms(host, journal);
  const watch = new ConflictDetection(host, journal, alarms, () => peers, () => null);
  const turned = (instance: Instance & { serving: boolean }, serving: boolean) => {
    instance.serving = serving;
    watch.stateChanged(instance);
  };
  return {
    host,
    journal,
    asked,
    turned,
    run: (forMs: number) => time.runUntil(time.nowMs + forMs),
    watch,
  };
}

/** A scene that tells on which interfaces claims are heard, by name and kernel index. */
function listeningScene() {
  const whole = scene();
  const steps: string[] = [];
  const link: { index: number | null; refuses: boolean } = { index: 1, refuses: false };
  const host: Host = whole.host;
  const state = host.interfaceState.bind(host);
  const open = whole.host.openClaims.bind(whole.host);
  host.interfaceState = (name) => {
    const now = state(name);
    return now && link.index !== null ? { ...now, index: link.index } : null;
  };
  host.openClaims = (name, ...rest) => {
    const at = `${name}/${link.index}`;
    if (link.refuses) {
      steps.push(`refuse ${at}`);
      return { code: "EMFILE", message: "too many open files" };
    }
    steps.push(`open ${at}`);
    const port = open(name, ...rest);
    return {
      ...port,
      close: () => {
        steps.push(`close ${at}`);
        port.close();
      },
    };
  };
  return { ...whole, link, steps };
}

function instance(octet: number): Instance & { serving: boolean } {
  const address = { address: `192.168.31.${octet}`, prefixLength: 24, device: "eth1" };
  return {
    config: instanceConfig({ name: `VI_${octet}`, vrid: octet, addresses: [address] }),
    serving: false,
    router: { state: "backup" },
  } as unknown as Instance & { serving: boolean };
}

Deno.test("masters ask in turn, and a new one before all others", () => {
  const { asked, turned, run } = scene();
  const [first, second, third] = [instance(21), instance(22), instance(23)];
  turned(first, true);
  turned(second, true);
  run(3000);
  const round = asked.splice(0).slice(-2);
  assert.deepEqual(new Set(round), new Set(["192.168.31.21", "192.168.31.22"]));
  turned(third, true);
  run(800);
  assert.equal(asked[0], "192.168.31.23");
  run(5000);
  assert.deepEqual(new Set(asked.slice(0, 3)).size, 3, "then each has its turn");
});

Deno.test("one that is master no longer asks no more, and one that is master again is new", () => {
  const { asked, turned, run } = scene();
  const [first, second, third] = [instance(21), instance(22), instance(23)];
  for (const one of [first, second, third]) turned(one, true);
  run(3000);
  turned(second, false);
  asked.length = 0;
  run(5000);
  assert.deepEqual(new Set(asked), new Set(["192.168.31.21", "192.168.31.23"]));
  asked.length = 0;
  turned(second, true);
  run(800);
  assert.equal(asked[0], "192.168.31.22");
});

Deno.test("an instance that is no more does not ask", () => {
  const { asked, turned, run, watch } = scene();
  const [first, second] = [instance(21), instance(22)];
  turned(first, true);
  turned(second, true);
  watch.forget(first);
  run(5000);
  assert.deepEqual(new Set(asked), new Set(["192.168.31.22"]));
});

Deno.test("claims are heard on the interface that has the name now", async (t) => {
  const rows: [what: string, now: { index?: number; gone?: true; name?: string }, string[]][] = [
    ["the same one, changed", {}, []],
    ["one that came in its place", { index: 2 }, ["close eth1/1", "open eth1/2"]],
    ["none", { gone: true }, ["close eth1/1"]],
    ["another one", { index: 2, name: "eth2" }, []],
  ];
  for (const [what, { index = 1, gone = false, name = "eth1" }, expected] of rows) {
    await t.step(what, () => {
      const { link, steps, run, turned, watch } = listeningScene();
      turned(instance(21), true);
      run(100);
      assert.deepEqual(steps.splice(0), ["open eth1/1"]);
      link.index = gone ? null : index;
      watch.interfaceChanged(name);
      assert.deepEqual(steps, expected);
    });
  }
});

Deno.test("what the host refused is asked for again when the interface changes, with one entry", () => {
  const { link, steps, run, turned, watch, journal } = listeningScene();
  link.refuses = true;
  turned(instance(21), true);
  run(100);
  watch.interfaceChanged("eth1");
  assert.deepEqual(steps.splice(0), ["refuse eth1/1", "refuse eth1/1"]);
  assert.deepEqual(journal.since().map(({ code }) => code), ["claims_unheard"]);
  link.refuses = false;
  watch.interfaceChanged("eth1");
  assert.deepEqual(steps, ["open eth1/1"]);
});
