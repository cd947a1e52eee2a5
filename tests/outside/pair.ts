/**
 * A live pair on hosts of the lab, with an eye on who holds the addresses.
 *
 * @module
 */

import { HolderWatch, overlaps, seen as asSeen } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab, type LabPlan } from "../../lab/network.ts";
import type { LabProcess } from "../../lab/process.ts";
import { StarvationWatch } from "../../lab/starvation.ts";
import { Vipd, vipdCommand } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";
import type { Family } from "../../src/wire/address.ts";
import type { SeenPair } from "./compare.ts";
import { look } from "./seen.ts";
import { configOf, INSTANCES, OWN, secondConfigOf, WATCHED } from "./standing.ts";
import type { Deed } from "./steps/step.ts";
import { FAMILIES, type NodeName, NODES, type PairKind } from "./world.ts";

const PLAN = {
  lb01: { eth1: { network: "front", addresses: [OWN.lb01] } },
  lb02: { eth1: { network: "front", addresses: [OWN.lb02] } },
} as const satisfies LabPlan;

const SECOND_CONFIG = "/run/lab/second.yaml";
/** How long a second daemon may take to know that another one has its addresses, on a busy machine. */
const SECOND_KNOWS_MS = 30_000;

/** The kernel's setting that vipd switches on while eth1 carries addresses. */
const PROMOTE = "/proc/sys/net/ipv4/conf/*/promote_secondaries";

interface PairOptions {
  readonly kind: PairKind;
  /** The built executable; without it vipd runs from source. */
  readonly binary: string | undefined;
}

export class Pair implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #kind: PairKind;
  readonly #vipds: Readonly<Record<NodeName, Vipd>>;
  readonly #watches: Readonly<Record<Family, HolderWatch>>;
  readonly #starvation: StarvationWatch;
  readonly #binary: string | undefined;
  /** Second daemons that run. */
  readonly #seconds = new Map<NodeName, LabProcess>();

  private constructor(
    lab: Lab,
    { kind, binary }: PairOptions,
    vipds: Record<NodeName, Vipd>,
    watches: Record<Family, HolderWatch>,
    starvation: StarvationWatch,
  ) {
    this.#lab = lab;
    this.#kind = kind;
    this.#binary = binary;
    this.#vipds = vipds;
    this.#watches = watches;
    this.#starvation = starvation;
  }

  /** Makes the hosts and starts vipd on both. */
  static async start({ kind, binary }: PairOptions): Promise<Pair> {
    await using made = new AsyncDisposableStack();
    const lab = made.use(await Lab.open(`outside-${crypto.randomUUID()}`, PLAN));
    const hosts = NODES.map((name) => lab.host(name));
    const setting = `for it in ${PROMOTE}; do echo ${kind.promoteSecondaries ? 1 : 0} >$it; done`;
    await Promise.all(hosts.map((host) => host.run(["sh", "-c", setting])));
    const [ipv4, ipv6] = await Promise.all(
      FAMILIES.map((family) => HolderWatch.start(hosts, WATCHED[family], 20)),
    ) as [HolderWatch, HolderWatch];
    const [lb01, lb02] = NODES.map((name) =>
      new Vipd(lab.host(name), { config: configOf(kind, name), binary })
    ) as [Vipd, Vipd];
    // One after the other, so that a run without preempt begins as the one before.
    await lb01.start();
    await lb02.start();
    // This process, too, which makes the steps and looks at what comes of them.
    const starvation = new StarvationWatch([Deno.pid]);
    made.move();
    return new Pair(lab, { kind, binary }, { lb01, lb02 }, { ipv4, ipv6 }, starvation);
  }

  /** Does it; what the shell said, where it did not do it. */
  async happen(node: NodeName, deed: Deed): Promise<string | null> {
    if (typeof deed === "string") {
      const { code, stderr } = await this.#host(node).run(["sh", "-c", deed], { check: false });
      return code === 0 ? null : `ended with ${code}: ${stderr.trim()}`;
    }
    if ("second" in deed) {
      return deed.second === "started"
        ? await this.#startSecond(node)
        : await this.#endSecond(node, deed.second);
    }
    if (deed.cable === "whole") await this.#lab.heal(node, "eth1");
    else await this.#lab.cut(node, "eth1", deed.cable);
    return null;
  }

  /** It names the first one as the owner of what it is configured to have. */
  async #startSecond(node: NodeName): Promise<string | null> {
    const host = this.#host(node);
    await host.write(SECOND_CONFIG, secondConfigOf(this.#kind, node));
    const argv = [...vipdCommand(this.#binary), "run", "--config", SECOND_CONFIG];
    const second = host.start("second vipd", argv);
    this.#seconds.set(node, second);
    const knows = () =>
      FAMILIES.every((family) =>
        second.lastLines.some((it) =>
          it.includes(INSTANCES[family]) && it.includes("belongs to another daemon")
        )
      );
    try {
      await waitFor("a second daemon that knows the first", knows, { timeoutMs: SECOND_KNOWS_MS });
      return null;
    } catch {
      return ["did not name the first daemon. It said:", ...second.lastLines].join("\n");
    }
  }

  async #endSecond(node: NodeName, how: "ended" | "killed"): Promise<string | null> {
    const second = this.#seconds.get(node);
    if (second === undefined) return "there is no second daemon";
    this.#seconds.delete(node);
    if (!second.running) return `ended by itself. It said:\n${second.lastLines.join("\n")}`;
    await (how === "ended" ? second.stop() : second.signal("SIGKILL"));
    await second.ended;
    return null;
  }

  async look(): Promise<SeenPair> {
    const [lb01, lb02] = await Promise.all([look(this.#host("lb01")), look(this.#host("lb02"))]);
    return { lb01, lb02 };
  }

  /** For how long both held an address after a moment, at most at one time; in milliseconds. */
  twoHeldMs(family: Family, fromMs: number, untilMs: number): number {
    const spans = overlaps(asSeen(this.#watches[family].holdings()))
      .map((it) => Math.min(it.untilMs, untilMs) - Math.max(it.fromMs, fromMs));
    return Math.max(0, ...spans);
  }

  /** When and for how long a busy machine kept the pair, or this process, from running; see `Starvation`. */
  starved(): { readonly lastMs: number; readonly totalMs: number } {
    return this.#starvation.now();
  }

  lastLines(node: NodeName): readonly string[] {
    return this.#vipds[node].lastLines;
  }

  /** Stops vipd; what it has left on the hosts, a sentence each. */
  async stop(): Promise<{ left: string[]; seen: SeenPair }> {
    await Promise.all(NODES.map((node) => this.#vipds[node].stop()));
    const seen = await this.look();
    const left = await Promise.all(NODES.map((node) => this.#leftOn(node, seen)));
    return { left: left.flat(), seen };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#starvation[Symbol.dispose]();
    await this.#lab[Symbol.asyncDispose]();
  }

  async #leftOn(node: NodeName, seen: SeenPair): Promise<string[]> {
    const host = this.#host(node);
    const { stdout: tables } = await host.run(["nft", "list", "tables"]);
    const { stdout: settings } = await host.run(["sh", "-c", `grep -H . ${PROMOTE}`]);
    const wanted = this.#kind.promoteSecondaries ? "1" : "0";
    return [
      ...FAMILIES.flatMap((family) => seen[node].ours[family]),
      ...tables.split("\n").filter((it) => it.includes("vipd")),
      ...settings.trim().split("\n").filter((it) => !it.endsWith(`:${wanted}`)),
    ].map((it) => `${node} still has ${it}`);
  }

  #host(node: NodeName): LabHost {
    return this.#lab.host(node);
  }
}
