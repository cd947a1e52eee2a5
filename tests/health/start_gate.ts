import assert from "node:assert/strict";
import { delay } from "./probing.ts";

const NOTICED_MS = 200;

/**
 * Keeps a program from being started, or opened, until the gate opens, as a file system does that stops answering in
 * that moment.
 */
export class StartGate implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  #ended = false;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    process.status.then(() => this.#ended = true);
  }

  /**
   * @param program the path of the file
   * @param held `start`: only those who start it wait; `open`: its readers too
   */
  static async close(program: string, held: "start" | "open" = "start"): Promise<StartGate> {
    const script = new URL("./start_gate_process.ts", import.meta.url).pathname;
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", script, program, held],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const gate = new StartGate(process);
    const { value } = await process.stdout.values().next();
    assert.equal(new TextDecoder().decode(value), "closed\n");
    return gate;
  }

  /** False once it has opened, as it does by itself after ten seconds. */
  async isClosed(): Promise<boolean> {
    // The runtime learns of an end that it slept through.
    await delay(NOTICED_MS);
    return !this.#ended;
  }

  async open(): Promise<void> {
    if (this.#ended) return;
    await this.#process.stdin.close();
    await this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.open();
  }
}
