import assert from "node:assert/strict";
import { join } from "node:path";
import { readToken, TokenFile, TokenFileError } from "../../src/api/token_file.ts";

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function refuseWarnings(message: string): void {
  assert.fail(`unexpected warning: ${message}`);
}

/** Tells a token file error whose message matches, for `assert.rejects`. */
function tokenError(message: RegExp) {
  return (error: unknown) => error instanceof TokenFileError && message.test(error.message);
}

Deno.test("a missing token file is made with a random token that only its owner reads", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "run", "vipd", "token");
    const token = await (await TokenFile.open(path, refuseWarnings)).token();
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(await Deno.readTextFile(path), `${token}\n`);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(join(folder, "run", "vipd"))).mode! & 0o777, 0o755);
    const other = join(folder, "other");
    assert.notEqual(await (await TokenFile.open(other, refuseWarnings)).token(), token);
  });
});

Deno.test("an existing token is kept", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    await Deno.writeTextFile(path, "my-own-token\nsecond line\n", { mode: 0o600 });
    assert.equal(await (await TokenFile.open(path, refuseWarnings)).token(), "my-own-token");
  });
});

Deno.test("a token file that others may read is used with a warning", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    for (const mode of [0o640, 0o604, 0o620]) {
      await Deno.writeTextFile(path, "t\n");
      await Deno.chmod(path, mode);
      const warnings: string[] = [];
      await TokenFile.open(path, (message) => warnings.push(message));
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, new RegExp(`chmod 600 ${path}`));
    }
  });
});

Deno.test("a replaced or rewritten token counts at once", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    await Deno.writeTextFile(path, "first\n", { mode: 0o600 });
    const file = await TokenFile.open(path, refuseWarnings);
    await Deno.writeTextFile(path, "second-one\n");
    assert.equal(await file.token(), "second-one");
    await Deno.writeTextFile(join(folder, "new"), "third-3rd-\n", { mode: 0o600 });
    await Deno.rename(join(folder, "new"), path);
    assert.equal(await file.token(), "third-3rd-");
    await Deno.remove(path);
    await assert.rejects(file.token(), tokenError(/does not exist/));
    await Deno.writeTextFile(path, "fourth\n", { mode: 0o600 });
    assert.equal(await file.token(), "fourth");
  });
});

Deno.test("a file without a token is refused and named", async (t) => {
  for (const text of ["", "\n", "two words\n", "\u00e4\n", "\0", "x".repeat(2000)]) {
    await t.step(JSON.stringify(text.slice(0, 20)), async () => {
      await inFolder(async (folder) => {
        const path = join(folder, "token");
        await Deno.writeTextFile(path, text, { mode: 0o600 });
        const message = new RegExp(`${path} holds no token`);
        await assert.rejects(readToken(path), tokenError(message));
        await assert.rejects(TokenFile.open(path, refuseWarnings), tokenError(message));
      });
    });
  }
});

Deno.test("a token file that cannot be made is refused and named", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const path = join(folder, "file", "token");
    await assert.rejects(
      TokenFile.open(path, refuseWarnings),
      tokenError(new RegExp(`cannot use the token file ${path}`)),
    );
  });
});

Deno.test("a file with the digest alone lets in, but cannot be shown", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    const stored = `sha256:${"0a".repeat(32)}`;
    await Deno.writeTextFile(path, `${stored}\n`, { mode: 0o600 });
    assert.equal(await (await TokenFile.open(path, refuseWarnings)).token(), stored);
    await assert.rejects(readToken(path), tokenError(/only the digest.*--token-file/));
    for (const wrong of ["sha256:", "sha256:0a", `sha256:${"0g".repeat(32)}`]) {
      await Deno.writeTextFile(path, `${wrong}\n`);
      await assert.rejects(TokenFile.open(path, refuseWarnings), tokenError(/no digest of 64/));
    }
  });
});
