import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../../src/exit.ts";
import { engineIn } from "../../daemon/engine_sign.ts";
import { FakeFront } from "../../daemon/fake_front.ts";
import { Problem, problemResponse } from "../../../src/api/problem.ts";
import { exampleStatus, TOKEN } from "../../front/fake_backend.ts";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

/** A configuration that listens there; returns the options that name it. */
async function configOf(folder: string, listen: string): Promise<string[]> {
  const path = join(folder, "vipd.yaml");
  await Deno.writeTextFile(path, exampleConfig(folder, listen));
  return ["--config", path];
}

Deno.test("the vipd of this machine is asked over the socket in its run directory, whatever api.listen says", async (t) => {
  await withDaemonApi(async (elsewhere) => {
    elsewhere.backend.current = exampleStatus({ node: "elsewhere" });
    const listens = [
      ["loopback", () => elsewhere.api.replace("http://", "")],
      ["nothing listens there", () => "127.0.0.1:1"],
      ["the socket itself", (folder: string) => `unix:${folder}/api.sock`],
      ["another socket", (folder: string) => `unix:${folder}/other.sock`],
    ] as const;
    for (const [name, listen] of listens) {
      await t.step(name, async () => {
        await inFolder(async (folder) => {
          await using _front = new FakeFront(folder);
          const options = await configOf(folder, listen(folder));
          const { code, out, err } = await capture(["status", "--json", ...options]);
          assert.deepEqual([code, err], [EXIT.ok, ""]);
          assert.equal(JSON.parse(out).node, "lb01");
        });
      });
    }
  });
});

Deno.test("vipd 0.1.0, without that socket, is asked where api.listen says", async () => {
  await withDaemonApi(async ({ api }) => {
    await inFolder(async (folder) => {
      const options = await configOf(folder, api.replace("http://", ""));
      const { code, err } = await capture(["status", ...options]);
      assert.deepEqual([code, err], [EXIT.ok, ""]);
    });
  });
});

Deno.test("vipd 0.1.0 whose api.listen was changed is asked where it listens still", async () => {
  await inFolder(async (folder) => {
    await using front = new FakeFront(folder, "before.sock");
    await Deno.writeTextFile(join(folder, "api"), `unix:${front.path}\n`);
    const options = await configOf(folder, `unix:${folder}/after.sock`);
    const { code, err } = await capture(["status", ...options]);
    assert.equal(code, EXIT.ok);
    assert.match(err, /^vipd: nobody listens on unix:\S+after\.sock yet; .* unix:\S+before\.sock/);
  });
});

Deno.test("another program that listens where api.listen says is not asked in place of a front that is gone", async () => {
  await withDaemonApi(async (other) => {
    other.backend.current = exampleStatus({ node: "other" });
    await inFolder(async (folder) => {
      const engine = await engineIn(folder);
      try {
        const file = { written_at: new Date().toISOString(), status: exampleStatus() };
        await Deno.writeTextFile(join(folder, "status.json"), JSON.stringify(file));
        const options = await configOf(folder, other.api.replace("http://", ""));
        const { out } = await capture(["status", ...options]);
        assert.match(out, /^! not live, .*\nlb01 {2}vipd/);
        const ordered = await capture(["promote", ...options]);
        assert.equal(ordered.code, EXIT.unreachable);
        assert.deepEqual(other.backend.commands, []);
      } finally {
        await engine.release();
      }
    });
  });
});

const READ_TOKEN = "a-token-that-may-read-and-nothing-else";
const READ_FILE = (folder: string) => `  read_token_file: ${folder}/read.token\n`;

/** What the questions of these commands show to a front that answers each of them with `answer`. */
async function shownBy(
  argv: readonly string[],
  api: (folder: string) => string,
  answer: "answer" | "token_missing",
): Promise<readonly (string | null)[]> {
  const shown: (string | null)[] = [];
  await inFolder(async (folder) => {
    await using front = new FakeFront(folder);
    const text = exampleConfig(folder).replace("\nrun_dir:", `\n${api(folder)}run_dir:`);
    await Deno.writeTextFile(join(folder, "vipd.yaml"), text);
    await Deno.writeTextFile(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
    await Deno.writeTextFile(join(folder, "read.token"), `${READ_TOKEN}\n`, { mode: 0o600 });
    if (answer === "token_missing") {
      front.readFate = problemResponse(new Problem("token_missing", "show your token"), "/");
    }
    const words = argv.map((word) => word.replace("FOLDER", folder));
    const { err } = await capture([...words, "--config", join(folder, "vipd.yaml")]);
    if (!front.shown.some((token) => token !== null) && answer === "token_missing") {
      assert.match(err, /the token for commands is not shown for that/);
    }
    shown.push(...front.shown);
  });
  return shown;
}

Deno.test("a reader shows the front of this machine no token, or the one for reading, also if the front asks for more", async (t) => {
  const full = `Bearer ${TOKEN}`;
  const read = `Bearer ${READ_TOKEN}`;
  const demanding = (folder: string) => `  local_reading: token\n${READ_FILE(folder)}`;
  for (const argv of [["status"], ["events"], ["status", "--api", "unix:FOLDER/api.sock"]]) {
    const cases = [
      ["reading is open", () => "", "answer", [null]],
      ["reading is open, and the front asks for a token", () => "", "token_missing", [null]],
      ["there is a token for reading", READ_FILE, "answer", [read]],
      ["there is one, and the front asks for another", READ_FILE, "token_missing", [read, read]],
      ["local_reading demands it", demanding, "answer", [read]],
      [
        "there is but one token, and reading needs it",
        () => "  local_reading: token\n",
        "token_missing",
        [null, full],
      ],
    ] as const;
    for (const [name, api, answer, expected] of cases) {
      await t.step(`${argv.join(" ")}: ${name}`, async () => {
        assert.deepEqual(await shownBy(argv, api, answer), expected);
      });
    }
  }
  await t.step("the user names a token", async () => {
    const argv = ["status", "--token-file", "FOLDER/token"];
    assert.deepEqual(await shownBy(argv, () => "", "answer"), [null]);
    assert.deepEqual(await shownBy(argv, () => "", "token_missing"), [null, full]);
  });
});
