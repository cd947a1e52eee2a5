/** The tokens of the files, compared with what is shown. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ApiTokens } from "../../src/tokens/api_tokens.ts";

const FULL = "the-full-one";
const READ = "the-one-to-read";

interface Files {
  readonly paths: { readonly tokenFile: string; readonly readTokenFile: string };
  readonly tokens: ApiTokens;
  readonly reports: string[];
}

async function withTokens(act: (files: Files) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const paths = { tokenFile: join(folder, "token"), readTokenFile: join(folder, "read") };
    await Deno.writeTextFile(paths.tokenFile, `${FULL}\n`, { mode: 0o600 });
    await Deno.writeTextFile(paths.readTokenFile, `${READ}\n`, { mode: 0o600 });
    const reports: string[] = [];
    const tokens = await ApiTokens.open(paths, (code) => reports.push(code));
    await act({ paths, tokens, reports });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("each token has its right, anything else is wrong", async () => {
  await withTokens(async ({ paths, tokens }) => {
    assert.equal(await tokens.judge(FULL), "change");
    assert.equal(await tokens.judge(READ), "read");
    for (const wrong of ["", FULL.slice(1), `${FULL}x`, FULL.toUpperCase(), "\u00e4"]) {
      assert.equal(await tokens.judge(wrong), "wrong");
    }
    const alone = await ApiTokens.open({ tokenFile: paths.tokenFile }, () => {});
    assert.equal(await alone.judge(READ), "wrong");
  });
});

Deno.test("a token file may hold the digest alone", async () => {
  const digest = createHash("sha256").update("my-token").digest("hex");
  for (const stored of [`sha256:${digest}`, `sha256:${digest.toUpperCase()}`]) {
    await withTokens(async ({ paths, tokens }) => {
      await Deno.writeTextFile(paths.tokenFile, `${stored}\n`);
      assert.equal(await tokens.judge("my-token"), "change");
      for (const shown of [stored, digest, FULL]) {
        assert.equal(await tokens.judge(shown), "wrong");
      }
    });
  }
});

Deno.test("when the token file is lost reading goes on, and another is made", async () => {
  await withTokens(async ({ paths, tokens, reports }) => {
    await Deno.remove(paths.tokenFile);
    assert.equal(await tokens.judge(READ), "read");
    assert.equal(await tokens.judge(FULL), "wrong");
    const made = (await Deno.readTextFile(paths.tokenFile)).trim();
    assert.equal(await tokens.judge(made), "change");
    assert.deepEqual(reports, ["token_file_lost"]);
  });
});

Deno.test("a file that holds no token keeps its own token out, and no other", async () => {
  await withTokens(async ({ paths, tokens }) => {
    await Deno.writeTextFile(paths.tokenFile, "two words\n");
    assert.equal(await tokens.judge(READ), "read");
    for (const shown of [FULL, "guess"]) {
      const judgement = await tokens.judge(shown);
      assert.ok(typeof judgement === "object");
      assert.match(judgement.unavailable, /holds no token/);
    }
    await Deno.writeTextFile(paths.tokenFile, `${FULL}\n`);
    await Deno.writeTextFile(paths.readTokenFile, "");
    assert.equal(await tokens.judge(FULL), "change");
    assert.equal(typeof await tokens.judge("guess"), "object");
  });
});

Deno.test("a lost file is made again before anybody shows a token", async () => {
  await withTokens(async ({ paths, tokens, reports }) => {
    const stop = tokens.keep(() => {}, 5);
    await Deno.remove(paths.readTokenFile);
    const startedMs = performance.now();
    while (reports.length === 0) {
      assert.ok(performance.now() - startedMs < 5000, "the file is not made again");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stop();
    assert.equal(await tokens.judge((await Deno.readTextFile(paths.readTokenFile)).trim()), "read");
  });
});

Deno.test("a file that cannot be used at the start keeps its own token out until it can", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const tokenFile = join(folder, "place", "token");
    const readTokenFile = join(folder, "read");
    await Deno.writeTextFile(join(folder, "place"), "a file where a folder should be");
    await Deno.writeTextFile(readTokenFile, `${READ}\n`, { mode: 0o600 });
    const tokens = await ApiTokens.open({ tokenFile, readTokenFile }, () => {});
    assert.equal(await tokens.judge(READ), "read");
    const judgement = await tokens.judge(FULL);
    assert.ok(typeof judgement === "object");
    const problems: (string | null)[] = [];
    const stop = tokens.keep((problem) => problems.push(problem), 5);
    const until = async (holds: () => boolean) => {
      const startedMs = performance.now();
      while (!holds()) {
        assert.ok(performance.now() - startedMs < 5000, JSON.stringify(problems));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await until(() => problems.length > 0);
    assert.match(problems[0]!, /^cannot use the token file .*place\/token: /);
    assert.equal(judgement.unavailable, problems[0]);
    // Settings that keep the file as it is are no worse than those before.
    (await tokens.prepare({ tokenFile }, () => {})).commit();
    const other = { tokenFile, readTokenFile: join(folder, "place", "read") };
    await assert.rejects(
      tokens.prepare(other, () => {}),
      /cannot use the token file .*place\/read/,
    );
    await Deno.remove(join(folder, "place"));
    await until(() => problems.at(-1) === null);
    stop();
    assert.equal(await tokens.judge((await Deno.readTextFile(tokenFile)).trim()), "change");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("other files count from the commit on, those that stay are kept", async () => {
  await withTokens(async ({ paths, tokens, reports }) => {
    const another = `${paths.tokenFile}-2`;
    await Deno.writeTextFile(another, "another\n", { mode: 0o600 });
    const prepared = await tokens.prepare({ tokenFile: another }, () => {});
    assert.deepEqual(
      [await tokens.judge(FULL), await tokens.judge("another")],
      ["change", "wrong"],
    );
    prepared.commit();
    assert.deepEqual(
      [await tokens.judge(FULL), await tokens.judge("another")],
      ["wrong", "change"],
    );
    assert.deepEqual(reports, []);
  });
});
