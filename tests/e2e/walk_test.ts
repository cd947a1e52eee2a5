/**
 * The whole walk of the demo, from source or, with `VIPD_BINARY`, with the built executable; and that nothing is
 * left of it however it ends. Needs root or user namespaces; takes a minute for each walk.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MARKER } from "../../lab/host.ts";
import { waitFor } from "../../lab/wait.ts";
import { atOnce, type Step } from "../at_once.ts";

const MAIN = new URL("../../demo/main.ts", import.meta.url).pathname;

/** The walk is over well before this. */
const LIMIT_MS = 120_000;

/** Moments in the life of the demo, as texts that it prints. */
const MOMENTS = { "while the first step runs": "vipd starts on", "half-way": "vipd stops on" };

/** What ends it, and its exit code then. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGKILL: 137 } as const;

const BINARY = Deno.env.get("VIPD_BINARY");
const OPTIONS = BINARY === undefined ? [] : ["--binary", BINARY];
const SUBJECT = BINARY === undefined ? "from source" : `with ${BINARY}`;

Deno.test(`every step of the walk does what it should, ${SUBJECT}`, async () => {
  await using demo = Demo.start(OPTIONS);
  const code = await demo.exitCode();
  assert.equal(code, 0, demo.output);
  assert.match(demo.output, /All \d+ steps did what they should/);
  await demo.nothingLeft();
});

for (const [when, text] of Object.entries(MOMENTS)) {
  Deno.test(`nothing is left of the demo after a signal ${when}`, async (t) => {
    const steps = Object.entries(SIGNALS).map(([signal, code]): Step => [signal, async () => {
      await using demo = Demo.start(OPTIONS);
      await demo.printed(text);
      assert.notDeepEqual(demo.processes(), [], "the lab runs");
      demo.signal(signal as keyof typeof SIGNALS);
      assert.equal(await demo.exitCode(), code);
      await demo.nothingLeft();
    }]);
    await atOnce(t, steps);
  });
}

Deno.test("a wrong option is answered with the usage and exit code 2", async () => {
  await using demo = Demo.start(["--kepe"]);
  assert.equal(await demo.exitCode(), 2);
  assert.match(demo.output, /Usage: /);
});

/** The demo as a child process, and what it leaves on this machine. */
class Demo implements AsyncDisposable {
  output = "";
  readonly #name = `walk-${crypto.randomUUID()}`;
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;
  readonly #linksBefore = links();
  #ended = false;

  private constructor(args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", MAIN, "--no-color", ...args],
      env: { [MARKER]: this.#name },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child.status.then(() => this.#ended = true);
    this.#read = Promise.all([this.#follow(this.#child.stdout), this.#follow(this.#child.stderr)]);
  }

  static start(args: readonly string[]): Demo {
    return new Demo(args);
  }

  async printed(text: string): Promise<void> {
    const seen = () => this.#ended || this.output.includes(text);
    await waitFor(`"${text}"`, seen, { timeoutMs: LIMIT_MS, explain: () => this.output });
    assert.ok(!this.#ended, `the demo has ended before "${text}": ${this.output}`);
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async exitCode(): Promise<number> {
    await waitFor("the end of the demo", () => this.#ended, {
      timeoutMs: LIMIT_MS,
      explain: () => this.output,
    });
    await this.#read;
    return (await this.#child.status).code;
  }

  /** Ids of the processes that carry this demo's mark, other than the demo itself. */
  processes(): string[] {
    const mark = `${MARKER}=${this.#name}\0`;
    return [...Deno.readDirSync("/proc")].map((entry) => entry.name).filter((pid) =>
      /^\d+$/.test(pid) && pid !== String(this.#child.pid) && environmentOf(pid).includes(mark)
    );
  }

  /** The kernel takes a moment to clear away what was killed. */
  async nothingLeft(): Promise<void> {
    await waitFor("the end of the lab's processes", () => this.processes().length === 0, {
      timeoutMs: 5000,
      explain: () => this.processes().map((pid) => `${pid} ${commandOf(pid)}`).join("\n"),
    });
    assert.deepEqual(links(), this.#linksBefore);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#read;
  }

  async #follow(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.output += text;
  }
}

function environmentOf(pid: string): string {
  return textOf(`/proc/${pid}/environ`) + "\0";
}

function commandOf(pid: string): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
}

/** A file's text; nothing when its process has just ended. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** The network interfaces of this machine. */
function links(): string[] {
  return [...Deno.readDirSync("/sys/class/net")].map((entry) => entry.name).sort();
}
