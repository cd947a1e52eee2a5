/** `vipd pair` as a person uses it, on a host of the lab or on a whole machine. */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import type { LabProcess } from "../../lab/process.ts";
import { vipdCommand } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";

export const CONFIG_FILE = "/run/lab/vipd.yaml";

/** Opens the keyboard for reading and writing, so that it has no end. */
const AT_KEYBOARD = 'mkfifo "$0"; exec 3<>"$0"; exec "$@" <&3';
/** Types what comes from standard input, once there is a keyboard. */
const TYPING = 'until [ -p "$0" ]; do sleep 0.05; done; exec cat >"$0"';

/** How long vipd may take for what it says next, in milliseconds. */
const LIMIT_MS = 60_000;

/** Where somebody types. */
export type Shell = Pick<LabHost, "name" | "start" | "run"> & {
  /** @default {LIMIT_MS} */
  readonly limitMs?: number;
};

/** Pairs two hosts as the README says it; `installed`: their vipd. */
export async function paired(
  first: Shell,
  second: Shell,
  installed: readonly string[],
): Promise<void> {
  const pairing = new PairingCommand(first, [], [], installed);
  const joining = new PairingCommand(second, ["--join"], [], installed);
  await joining.type(await pairing.line());
  for (const one of [joining, pairing]) {
    await one.says(/To be written on this node/);
    await one.type("y");
  }
  assert.deepEqual([await pairing.ended(), await joining.ended()], [0, 0], joining.said);
}

/** One `vipd pair`, from its start to its end. */
export class PairingCommand {
  readonly #host: Shell;
  readonly #keyboard = `/run/keyboard-${crypto.randomUUID()}`;
  readonly #process: LabProcess;

  /** `installed`: the vipd of the host, with its own configuration. @default {the tests' vipd, with CONFIG_FILE} */
  constructor(
    host: Shell,
    options: readonly string[],
    before: readonly string[] = [],
    installed?: readonly string[],
  ) {
    const vipd = installed ?? vipdCommand(Deno.env.get("VIPD_BINARY"));
    const config = installed ? [] : ["--config", CONFIG_FILE];
    const words = [...before, ...vipd, "pair", ...options, ...config];
    this.#host = host;
    this.#process = host.start("vipd pair", ["sh", "-c", AT_KEYBOARD, this.#keyboard, ...words]);
  }

  get said(): string {
    return this.#process.lastLines.join("\n");
  }

  /** The first part of its output that fits, once it is there. */
  async says(pattern: RegExp): Promise<string> {
    const { name, limitMs: timeoutMs = LIMIT_MS } = this.#host;
    return await waitFor(`${pattern} of vipd pair on ${name}`, () => {
      const found = pattern.exec(this.said);
      if (found === null && !this.#process.running) throw new Error(this.said);
      return found && { text: found[0] };
    }, { timeoutMs, everyMs: 20, explain: () => this.said }).then(({ text }) => text);
  }

  /** The line for the other node. */
  async line(): Promise<string> {
    return await this.says(/^vipd-pair\/.*$/m);
  }

  async type(text: string): Promise<void> {
    await this.#host.run(["sh", "-c", TYPING, this.#keyboard], { stdin: `${text}\n` });
  }

  async kill(): Promise<void> {
    await this.#process.signal("SIGKILL");
    await this.#process.ended;
  }

  /** Its exit code. */
  async ended(): Promise<number> {
    return (await this.#process.ended).code;
  }
}

/** Names, modes, owners and contents of all that `vipd pair` could touch on a host. */
export async function filesOf(host: LabHost): Promise<string> {
  // A vipd that runs writes its journal meanwhile.
  const places = "/run/lab /var/lib";
  const script = `find ${places} -printf '%p %m %U:%G\\n' | sort; ` +
    `find ${places} -type f ! -name journal.jsonl -exec sha256sum {} + | sort`;
  return (await host.run(["sh", "-c", script])).stdout;
}
