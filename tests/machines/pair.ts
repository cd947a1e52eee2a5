/**
 * The pair of whole machines as the tests see it: what its units do, what its nodes say, and who answers the client.
 * Everything that is waited for has minutes: the processors are emulated.
 */

import assert from "node:assert/strict";
import { SteadyClient } from "../../lab/client.ts";
import { type BalancerName, VIP } from "../../lab/cluster.ts";
import type { Guest } from "../../lab/machines/guest.ts";
import { Machines } from "../../lab/machines/machines.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import { EXIT } from "../../src/exit.ts";
import type { NodeStatus } from "../../src/status/status.ts";

/** How long anything may take that is waited for, in milliseconds. */
export const LIMIT_MS = 600_000;
const LOOK_MS = 1000;

/** New connections a second, and how long an answer may take, in milliseconds. */
const LOAD = { rate: 10, timeoutMs: 8000 } as const;

/** The instance of `vipd init`. */
export const INSTANCE = "VI_1";

/** What systemd knows of a unit. */
export interface UnitState {
  readonly active: string;
  /** 0 while there is none. */
  readonly pid: number;
  /** How often systemd has started it again. */
  readonly restarts: number;
}

export interface UnitStates {
  readonly engine: UnitState;
  readonly front: UnitState;
}

/** One of the two. */
export class Node {
  readonly name: BalancerName;
  readonly guest: Guest;

  constructor(name: BalancerName, guest: Guest) {
    this.name = name;
    this.guest = guest;
  }

  /** What a command writes to standard output; a failure is an error. */
  async run(command: string): Promise<string> {
    return (await this.guest.run(command)).stdout;
  }

  /** The exit code of a command, and all that it writes. */
  async tried(command: string): Promise<{ code: number; said: string }> {
    const { code, stdout, stderr } = await this.guest.run(command, { check: false });
    return { code, said: stdout + stderr };
  }

  /** Gives vipd a command, again if it does not answer in time: that changes nothing more. */
  async command(words: string): Promise<void> {
    await this.eventually(`vipd ${words}`, async () => {
      const { code, said } = await this.tried(`vipd ${words}`);
      if (code === EXIT.unreachable) return false;
      assert.equal(code, EXIT.ok, said);
      return true;
    });
  }

  async units(): Promise<UnitStates> {
    const show = "systemctl show --property=ActiveState,MainPID,NRestarts";
    const text = await this.run(`${show} vipd.service vipd-front.service`);
    const [engine, front] = text.trim().split("\n\n").map((block): UnitState => {
      const value = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(block)?.[1] ?? "";
      return {
        active: value("ActiveState"),
        pid: Number(value("MainPID")),
        restarts: Number(value("NRestarts")),
      };
    });
    return { engine: engine!, front: front! };
  }

  /** The status by the API; `null` while none answers. */
  async status(): Promise<NodeStatus | null> {
    const curl = "curl --silent --fail --max-time 20 http://127.0.0.1:9112/v1/status";
    const { stdout, code } = await this.guest.run(curl, { check: false });
    return code === 0 ? JSON.parse(stdout) : null;
  }

  /** Waits for the API; the status. */
  async answers(): Promise<NodeStatus> {
    return await this.eventually("an answer of the API", () => this.status());
  }

  /** Waits until both units are active and the API answers; the units then, and the status. */
  async serves(): Promise<UnitStates & { readonly status: NodeStatus }> {
    return await this.eventually("both units to serve", async () => {
      const states = await this.units();
      if (states.engine.active !== "active" || states.front.active !== "active") return null;
      const status = await this.status();
      return status && { ...states, status };
    });
  }

  /** Waits for something that is not `null` or `false`. */
  async eventually<T>(
    what: string,
    look: () => Promise<T | null | false>,
  ): Promise<Exclude<T, null | false>> {
    return await waitFor(
      `${what} on ${this.name}`,
      look as () => Promise<Exclude<T, null | false> | null>,
      { timeoutMs: LIMIT_MS, everyMs: LOOK_MS, explain: () => this.account() },
    );
  }

  /** The last lines of the units' log since the boot. */
  async log(unit = "vipd"): Promise<string> {
    return await this.run(`journalctl --no-pager --output=cat --unit=${unit}`);
  }

  /** What a person would look at. */
  async account(lines = 20): Promise<string> {
    const units = "vipd.service vipd-front.service";
    const { said } = await this.tried(
      `systemctl status --no-pager --lines=${lines} ${units}; ip -oneline address; vipd status`,
    );
    return said;
  }
}

/** Both, and their client. */
export class Pair implements AsyncDisposable {
  readonly nodes: Readonly<Record<BalancerName, Node>>;
  readonly #machines: Machines;

  private constructor(machines: Machines) {
    this.#machines = machines;
    const { lb01, lb02 } = machines.guests;
    this.nodes = { lb01: new Node("lb01", lb01), lb02: new Node("lb02", lb02) };
  }

  static async open(say: (line: string) => void): Promise<Pair> {
    return new Pair(await Machines.open(`machines-${crypto.randomUUID()}`, say));
  }

  /** Does something on both at once. */
  async both<T>(act: (node: Node) => Promise<T>): Promise<T[]> {
    return await Promise.all(Object.values(this.nodes).map(act));
  }

  /** What a person would look at on both. */
  async account(): Promise<string> {
    const said = await this.both(async (node) => `${node.name}:\n${await node.account(60)}`);
    return said.join("\n");
  }

  /** Waits until the client's requests are answered by this node. */
  async servedBy(name: BalancerName): Promise<void> {
    await this.nodes[name].eventually("the client's requests", async () => {
      const argv = ["curl", "--silent", "--max-time", "5", `http://${VIP.address}/`];
      const { stdout } = await this.#machines.client.run(argv, { check: false });
      return stdout.includes(`"${name}"`);
    });
  }

  /** Waits until both are as after a start: everything runs, and lb01 serves. */
  async settles(): Promise<void> {
    await this.both((node) => node.serves());
    await this.servedBy("lb01");
  }

  /** Fails if a single request of a client that asks all the while is not answered; who has answered. */
  async withoutLoss(happens: () => Promise<void>): Promise<readonly string[]> {
    const client = SteadyClient.start(this.#machines.client, { address: VIP.address, ...LOAD });
    try {
      const fromMs = await client.answered(LIMIT_MS);
      await happens();
      // What comes a moment later counts as well.
      await sleep(2000);
      const { sent, failed, errors, loadBalancers } = await client.between(fromMs, clockMs());
      assert.deepEqual({ failed, errors }, { failed: 0, errors: {} }, `of ${sent} requests`);
      assert.ok(sent > 0);
      return loadBalancers;
    } finally {
      await client.stop();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machines[Symbol.asyncDispose]();
  }
}

/** The override that stands for the instance; `undefined` if there is none. */
export function overrideOf({ instances }: NodeStatus): string | undefined {
  return instances.find(({ name }) => name === INSTANCE)?.override?.kind;
}

/** The processes of both units are the ones that they were. */
export function assertUntouched(before: UnitState, after: UnitState): void {
  assert.deepEqual(after, before);
}

/** Another process than before. */
export function assertReplaced(before: UnitState, after: UnitState): void {
  assert.equal(after.active, "active");
  assert.notEqual(after.pid, before.pid);
}
