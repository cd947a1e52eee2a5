/**
 * Recordings from the simulator: what a node goes through next to others, as `vipd run --record` writes it. Run as a
 * program it writes them into `recordings/`.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { InstanceConfig } from "../../src/config/model.ts";
import { type Head, NO_SECRETS, RECORDING_FORMAT } from "../../src/recording/line.ts";
import { Recorder } from "../../src/recording/recorder.ts";
import { RecordingNode } from "../../src/recording/recording_node.ts";
import { config, SimCluster, tracked } from "../../src/sim/cluster.ts";

/** What secrets a test looks for. */
export const PASSWORD = "hunter2!";
export const KEY = new TextEncoder().encode("a key of thirty-two octets, hmac");

const OTHER_KEY = new TextEncoder().encode("another key of 32 octets as well");

const PASS = { authentication: { type: "pass", password: PASSWORD } } as const;
const HMAC = {
  version: 3,
  authentication: {
    ...{ type: "hmac", keys: [{ id: 7, key: KEY }], activeKey: 7 },
    ...{ replay: "monotonic", windowMs: 5000, mode: "enforce" },
  },
} as const satisfies Partial<InstanceConfig>;
const NGINX = { track: [tracked({ kind: "check", check: "nginx" })] } as const;

/** A node that is recorded, `lb01`, and what is around it. */
interface Scene {
  readonly cluster: SimCluster;
  readonly node: RecordingNode;
  /** Lets time pass, with the pauses that an engine has. */
  pass(forMs: number): Promise<void>;
}

interface Scenario {
  /** Of lb01, lb02 and others. */
  readonly instances: readonly Partial<InstanceConfig>[];
  play(scene: Scene): Promise<void>;
}

/** Each is a file in `recordings/`. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  /** A check, orders, a reload, a link that goes away; with a password. */
  life: {
    instances: [{ ...PASS, ...NGINX, priority: 150 }, { ...PASS, priority: 100 }],
    async play({ cluster, node, pass }) {
      const [lb01, lb02] = cluster.nodes;
      await pass(8000);
      lb01!.host.setCheck("nginx", false);
      await pass(6000);
      lb01!.host.setCheck("nginx", true);
      await pass(8000);
      void node.command({ kind: "demote", instance: "VI_1" });
      await pass(3000);
      void node.command({ kind: "release", instance: "VI_1" });
      await pass(5000);
      node.reconfigure(config("lb01", { ...PASS, ...NGINX, priority: 90 }));
      await pass(6000);
      lb01!.host.setLink(false);
      await pass(2000);
      lb01!.host.setLink(true);
      await pass(3000);
      lb02!.kill();
      await pass(6000);
      lb01!.host.stealAddress("192.168.31.5");
      await pass(2000);
      void node.stop();
      await pass(4000);
    },
  },
  /** Signed adverts, also of lb03 with another key; the kernel refuses adverts for a while. */
  signed: {
    instances: [{ ...HMAC, priority: 100 }, { ...HMAC, priority: 150 }, {
      ...{ version: 3, priority: 50 },
      authentication: { ...HMAC.authentication, keys: [{ id: 7, key: OTHER_KEY }] },
    }],
    async play({ cluster, node, pass }) {
      const [lb01, lb02, lb03] = cluster.nodes;
      await pass(6000);
      lb03!.start();
      await pass(5000);
      void lb03!.stop();
      await pass(1000);
      lb02!.hang();
      await pass(6000);
      lb02!.wake();
      await pass(4000);
      lb02!.kill();
      await pass(5000);
      lb01!.host.sendError = { code: "EPERM", message: "operation not permitted" };
      await pass(5000);
      lb01!.host.sendError = null;
      await pass(5000);
      node.abandon();
      await pass(100);
    },
  },
};

/** The text of the recording. */
export async function recordSimulated({ instances, play }: Scenario): Promise<string> {
  const cluster = new SimCluster(instances);
  const [lb01, lb02] = cluster.nodes;
  const { host } = lb01!;
  let text = "";
  const head: Head = {
    ...{ format: RECORDING_FORMAT, version: 1, secrets: NO_SECRETS, vipd: "simulated" },
  };
  const recorder = new Recorder(host, head, (line) => text += `${line}\n`);
  const node = new RecordingNode(lb01!.config, host, {
    ...{ version: "simulated", store: host.openStore(), thirdRouters: host.openRoutersStore() },
    replayMarks: host.openMarks(),
  }, recorder);
  node.start();
  lb02!.start();
  await play({
    ...{ cluster, node },
    async pass(forMs) {
      for (let passed = 0; passed < forMs; passed += PAUSE_MS) {
        cluster.run(PAUSE_MS);
        await pause();
        recorder.seal();
      }
    },
  });
  recorder.seal();
  return text;
}

/** How often the engine has a pause, in virtual milliseconds. */
const PAUSE_MS = 5;

function pause(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

if (import.meta.main) {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    const file = new URL(`recordings/simulated-${name}.jsonl`, import.meta.url);
    await Deno.writeTextFile(file, await recordSimulated(scenario));
  }
}
