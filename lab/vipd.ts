/**
 * vipd in the lab: started from source or from the built executable, observed and controlled with curl.
 *
 * @module
 */

import type { JournalEntry } from "../src/status/journal.ts";
import type { NodeStatus } from "../src/status/status.ts";
import { LabError } from "./error.ts";
import type { LabHost, RunResult } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { family } from "./usage.ts";
import { waitFor } from "./wait.ts";
import type { WallClock } from "./wall_clock.ts";

/** Path of the config inside the host. */
const CONFIG_FILE = "/run/lab/vipd.yaml";

/** How vipd is run. */
export interface VipdOptions {
  /** The text of the config file. */
  readonly config: string;
  /** Path of the built executable; without it vipd runs from source. */
  readonly binary?: string | undefined;
  /** Base address of its API inside the host. @default {"http://127.0.0.1:9112"} */
  readonly api?: string;
  /** File of its API token inside the host. @default {"/run/vipd/token"} */
  readonly tokenFile?: string;
  /** Put before the command that starts it, such as `prlimit` with its arguments. */
  readonly before?: readonly string[] | undefined;
  /** Its wall clock. @default {the machine's} */
  readonly clock?: WallClock | null;
}

/** A command of the API. */
export type CommandName = "promote" | "demote" | "release";

/** The API's answer. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The result of one of its commands. */
export interface CommandResult extends RunResult {
  readonly tookMs: number;
}

/** The command that starts vipd, without its arguments. */
export function vipdCommand(binary?: string): string[] {
  if (binary !== undefined) return [Deno.realPathSync(binary)];
  const main = new URL("../main.ts", import.meta.url).pathname;
  // -P: the permissions in deno.json, with which the executable is compiled too.
  return [Deno.execPath(), "run", "--quiet", "--no-prompt", "-P", main];
}

/** Fetches vipd's packages while there still is a network, because the hosts of the lab reach only each other. */
export async function fetchPackages(): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", new URL("../main.ts", import.meta.url).pathname],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new LabError(new TextDecoder().decode(stderr).trim());
}

/** vipd on one host: it can be stopped, killed and started again. */
export class Vipd {
  readonly host: LabHost;
  readonly #options: VipdOptions;
  readonly #api: string;
  readonly #tokenFile: string;
  #process: LabProcess | null = null;

  constructor(host: LabHost, options: VipdOptions) {
    this.host = host;
    this.#options = options;
    this.#api = options.api ?? "http://127.0.0.1:9112";
    this.#tokenFile = options.tokenFile ?? "/run/vipd/token";
  }

  /** Starts vipd and waits for nothing that it does. */
  async launch(): Promise<LabProcess> {
    const { binary, config, before = [], clock } = this.#options;
    await this.host.write(CONFIG_FILE, config);
    const started = [...vipdCommand(binary), "run", "--config", CONFIG_FILE];
    const command = [...before, ...clock?.before ?? [], ...started];
    this.#process = this.host.start("vipd", command);
    return this.#process;
  }

  /** Starts vipd and waits until its API answers. */
  async start(): Promise<void> {
    const started = await this.launch();
    const output = () => started.lastLines.slice(-20).join("\n");
    await waitFor(`the API of vipd on ${this.host.name}`, async () => {
      if (!started.running) throw new LabError(`${started.name} ended at once:\n${output()}`);
      return await this.status();
    }, { timeoutMs: 20_000, everyMs: 100, explain: output });
  }

  get lastLines(): readonly string[] {
    return this.#process?.lastLines ?? [];
  }

  /** When it was last started, in milliseconds since the epoch. */
  get startedAtMs(): number {
    return this.#process?.startedAtMs ?? NaN;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** Its process id as this program sees it; `null` if it does not run. */
  async pid(): Promise<number | null> {
    return await this.#process?.pid() ?? null;
  }

  /** The id of the process that serves the API, if that is a separate one; `null` while it does not run. */
  async frontPid(): Promise<number | null> {
    const engine = await this.pid();
    if (engine === null) return null;
    for (const pid of (await family(engine)).slice(1)) {
      const commandLine = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
      if (commandLine.split("\0").includes("front")) return pid;
    }
    return null;
  }

  /** Runs one of its commands, such as `status`, on the host and with its configuration; ends it after 15 s. */
  async command(name: string, ...args: readonly string[]): Promise<CommandResult> {
    const startedMs = performance.now();
    const command = [...vipdCommand(this.#options.binary), name, "--config", CONFIG_FILE, ...args];
    const result = await this.host.run(["timeout", "60s", ...command], { check: false });
    return { ...result, tookMs: performance.now() - startedMs };
  }

  /** A clean stop, as by `systemctl stop vipd`. */
  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** Replaces its config file, then sends SIGHUP. */
  async reload(config: string): Promise<void> {
    await this.host.write(CONFIG_FILE, config);
    await this.signal("SIGHUP");
  }

  /** Sends a signal; waits for the end after SIGKILL. */
  async signal(signal: Deno.Signal): Promise<void> {
    await this.#process?.signal(signal);
    if (signal === "SIGKILL") await this.#process?.ended;
  }

  /** The answer to `GET /v1/events`. */
  async events(): Promise<JournalEntry[]> {
    const url = `${this.#api}/v1/events`;
    const answer = await this.host.run(["curl", "--silent", "--fail", "--max-time", "2", url]);
    return JSON.parse(answer.stdout);
  }

  /** The answer to `GET /v1/status`, or `null` while nobody answers. */
  async status(): Promise<NodeStatus | null> {
    const answer = await this.host.run(
      ["curl", "--silent", "--fail", "--max-time", "2", `${this.#api}/v1/status`],
      { check: false },
    );
    return answer.code === 0 ? JSON.parse(answer.stdout) : null;
  }

  /** `POST /v1/instances/{name}/{command}`, with the token. */
  async send(instance: string, command: CommandName): Promise<ApiAnswer> {
    const answer = await this.host.run([
      "sh",
      "-c",
      `${this.curlLine(instance, command)} ` +
      `--silent --max-time 15 --write-out '\\n%{http_code}'`,
    ]);
    const [code = "", ...body] = answer.stdout.trimEnd().split("\n").reverse();
    const text = body.reverse().join("\n");
    return { status: Number(code), body: text === "" ? null : JSON.parse(text) };
  }

  /**
   * `PUT /v1/instances/{name}/priority`, with the token.
   *
   * @throws {LabError} If vipd refuses.
   */
  async setPriority(instance: string, priority: number): Promise<void> {
    await this.host.run([
      "sh",
      "-c",
      `curl -X PUT -H "Authorization: Bearer $(cat ${this.#tokenFile})" ` +
      `-H "Content-Type: application/json" --data '{"priority": ${priority}}' ` +
      `--silent --show-error --fail-with-body --max-time 15 ` +
      `${this.#api}/v1/instances/${instance}/priority`,
    ]);
  }

  /** {@link send} as a command that a person types in the host's shell. */
  curlLine(instance: string, command: CommandName): string {
    return `curl -X POST -H "Authorization: Bearer $(cat ${this.#tokenFile})" ` +
      `${this.#api}/v1/instances/${instance}/${command}`;
  }
}
