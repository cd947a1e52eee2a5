/** `deno task dev` in a small repository: what it runs at its start, and at each change. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import project from "../../deno.json" with { type: "json" };
import { inFolder } from "../cli/captured_context.ts";

/** How long a run of one small test may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 60_000;

const FILES: Readonly<Record<string, string>> = {
  "deno.json": JSON.stringify({
    unstable: project.unstable,
    tasks: { "test:unit": { command: "deno test --ignore=tests/slow tests" } },
  }),
  ".gitignore": "ignored.ts\n",
  "main.ts": "export const one = 1;\n",
  "docs/page.md": "A page.\n",
  "src/text.ts": 'export { default } from "../docs/page.md" with { type: "text" };\n',
  "tests/main_test.ts": 'import "../main.ts";\nDeno.test("main", () => {});\n',
  "tests/text_test.ts": 'import "../src/text.ts";\nDeno.test("text", () => {});\n',
  "tests/slow/slow_test.ts": 'import "../../main.ts";\nDeno.test("slow", () => {});\n',
};

/** What the task says, as it comes. */
class Said {
  #text = "";
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Everything up to these words; what follows is for the next call. */
  async until(words: string): Promise<string> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    late.addEventListener("abort", () => void this.#reader.cancel());
    while (!this.#text.includes(words)) {
      const { done, value } = await this.#reader.read();
      assert.ok(!done, `it does not say "${words}" but ${this.#text}`);
      this.#text += value;
    }
    const end = this.#text.indexOf(words) + words.length;
    const said = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return said;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

async function git(cwd: string, ...args: string[]): Promise<void> {
  const identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.org"];
  const { success, stderr } = await new Deno.Command("git", { args: [...identity, ...args], cwd })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test("the tests that import what has changed run, whatever kind of file that is", async () => {
  await inFolder(async (folder) => {
    const write = async (path: string, text: string) => {
      await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    };
    for (const [path, text] of Object.entries(FILES)) await write(path, text);
    await Deno.mkdir(join(folder, "tests/dev"));
    for (const name of ["main.ts", "import_graph.ts"]) {
      await Deno.copyFile(new URL(name, import.meta.url), join(folder, "tests/dev", name));
    }
    await git(folder, "init", "--quiet");
    await git(folder, "add", ".");
    await git(folder, "commit", "--quiet", "--message", "Begin");
    await write("main.ts", "export const one = 2;\n");
    const task = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "tests/dev/main.ts"],
      // Colours would stand in the middle of what is looked for.
      ...{ cwd: folder, env: { NO_COLOR: "1" }, stdout: "piped", stderr: "null" },
    }).spawn();
    const said = new Said(task.stdout);
    try {
      const first = await said.until("waiting for changes");
      assert.match(first, /main\.ts: 1 files/);
      assert.match(first, /tests\/main_test\.ts => main \.\.\. ok/);
      await write("docs/page.md", "Another page.\n");
      const text = await said.until("1 passed");
      assert.match(text, /docs\/page\.md: 1 files/);
      assert.match(text, /tests\/text_test\.ts => text \.\.\. ok/);
      await write("ignored.ts", "");
      await write("docs/alone.md", "Nobody imports it.\n");
      const alone = await said.until("no unit test imports it");
      assert.match(alone, /\ndocs\/alone\.md: no unit test imports it$/);
      await write("main.ts", "export const one = 3;\n");
      assert.match(await said.until("1 passed"), /\nmain\.ts: 1 files/);
    } finally {
      await said.cancel();
      task.kill("SIGTERM");
      await task.status;
    }
  });
});
