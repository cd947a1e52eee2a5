import assert from "node:assert/strict";
import { join } from "node:path";
import { readToken, TokenFile, TokenFileError } from "../../src/tokens/token_file.ts";
import { inFolder } from "../cli/captured_context.ts";

function refuseWarnings(code: string, message: string): void {
  assert.fail(`unexpected report: ${code} ${message}`);
}

/** Tells a token file error whose message matches, for `assert.rejects`. */
function tokenError(message: RegExp) {
  return (error: unknown) => error instanceof TokenFileError && message.test(error.message);
}

Deno.test("a missing token file is made with a random token that only its owner reads", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "run", "vipd", "token");
    const token = await (await TokenFile.open(path, "change", refuseWarnings)).token();
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(await Deno.readTextFile(path), `${token}\n`);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(join(folder, "run", "vipd"))).mode! & 0o777, 0o755);
    const other = join(folder, "other");
    assert.notEqual(await (await TokenFile.open(other, "change", refuseWarnings)).token(), token);
  });
});

Deno.test("an existing token is kept", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    await Deno.writeTextFile(path, "my-own-token\nsecond line\n", { mode: 0o600 });
    assert.equal(
      await (await TokenFile.open(path, "change", refuseWarnings)).token(),
      "my-own-token",
    );
  });
});

Deno.test("a token file that others may read is used with a warning", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    for (const mode of [0o640, 0o604, 0o620]) {
      await Deno.writeTextFile(path, "t\n");
      await Deno.chmod(path, mode);
      const warnings: string[] = [];
      await TokenFile.open(path, "change", (...report) => warnings.push(report.join(": ")));
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, new RegExp(`^token_file_open: .*chmod 600 ${path}`));
    }
  });
});

Deno.test("a token that only reads may be read by vipd's group", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    await Deno.writeTextFile(path, "t\n");
    await Deno.chown(path, null, Deno.gid());
    await Deno.chmod(path, 0o640);
    await TokenFile.open(path, "read", refuseWarnings);
  });
});

Deno.test("a replaced or rewritten token counts at once", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    await Deno.writeTextFile(path, "first\n", { mode: 0o600 });
    const file = await TokenFile.open(path, "change", refuseWarnings);
    await Deno.writeTextFile(path, "second-one\n");
    assert.equal(await file.token(), "second-one");
    await Deno.writeTextFile(join(folder, "new"), "third-3rd-\n", { mode: 0o600 });
    await Deno.rename(join(folder, "new"), path);
    assert.equal(await file.token(), "third-3rd-");
  });
});

Deno.test("a token file that is lost is made again with another token, and the journal says so", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "run", "token");
    const reports: string[] = [];
    const file = await TokenFile.open(path, "change", (...report) => {
      reports.push(report.join(": "));
    });
    const before = await file.token();
    await Deno.remove(join(folder, "run"), { recursive: true });
    const tokens = await Promise.all([file.token(), file.token(), file.token()]);
    assert.equal(new Set(tokens).size, 1);
    assert.match(tokens[0]!, /^[\w-]{43}$/);
    assert.notEqual(tokens[0], before);
    assert.equal(await Deno.readTextFile(path), `${tokens[0]}\n`);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    assert.deepEqual(reports, [
      `token_file_lost: the token file ${path} was lost; it is made again with a new random token`,
    ]);
    await file.token();
    assert.equal(reports.length, 1);
  });
});

Deno.test("a lost token file that cannot be made again is reported once until it is there", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "run", "token");
    const reports: string[] = [];
    const file = await TokenFile.open(path, "change", (...report) => {
      reports.push(report.join(": "));
    });
    const lose = async () => {
      await Deno.remove(join(folder, "run"), { recursive: true });
      await Deno.symlink(join(folder, "nowhere", "deeper"), join(folder, "run"));
      for (let count = 0; count < 3; count++) {
        await assert.rejects(file.token(), tokenError(/was lost and cannot be made again/));
      }
      await Deno.remove(join(folder, "run"));
    };
    await lose();
    assert.equal(reports.length, 1);
    await Deno.mkdir(join(folder, "run"));
    await Deno.writeTextFile(path, "mine-again\n", { mode: 0o600 });
    assert.equal(await file.token(), "mine-again");
    await lose();
    assert.equal(reports.length, 2);
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
        await assert.rejects(TokenFile.open(path, "change", refuseWarnings), tokenError(message));
      });
    });
  }
});

Deno.test("a token file that cannot be made is refused and named", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const path = join(folder, "file", "token");
    await assert.rejects(
      TokenFile.open(path, "change", refuseWarnings),
      tokenError(new RegExp(`cannot use the token file ${path}`)),
    );
  });
});

Deno.test("a file with the digest alone lets in, but cannot be shown", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "token");
    const stored = `sha256:${"0a".repeat(32)}`;
    await Deno.writeTextFile(path, `${stored}\n`, { mode: 0o600 });
    assert.equal(await (await TokenFile.open(path, "change", refuseWarnings)).token(), stored);
    await assert.rejects(readToken(path), tokenError(/only the digest.*--token-file/));
    for (const wrong of ["sha256:", "sha256:0a", `sha256:${"0g".repeat(32)}`]) {
      await Deno.writeTextFile(path, `${wrong}\n`);
      await assert.rejects(
        TokenFile.open(path, "change", refuseWarnings),
        tokenError(/no digest of 64/),
      );
    }
  });
});

Deno.test("a token file that is no file, or is endless, is refused at once", async () => {
  await inFolder(async (folder) => {
    const pipe = join(folder, "pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await assert.rejects(readToken(pipe), tokenError(/pipe: it is a named pipe, not a file$/));
    await assert.rejects(readToken("/dev/zero"), tokenError(/it is a device, not a file$/));
    const large = join(folder, "large");
    await Deno.writeTextFile(large, "t\n".repeat(100_000));
    await assert.rejects(readToken(large), tokenError(/it has 200000 octets$/));
  });
});

Deno.test({
  name: "a token that another user has put there is not accepted, neither at the start nor later",
  // Only root can give a file to another user.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await inFolder(async (folder) => {
      const [path, known] = [join(folder, "token"), join(folder, "known")];
      const refused = tokenError(
        /token is user nobody's, who knows what is in it: if that user may, chown (?:-h )?\w+ \S+token; else remove it/,
      );
      const accepted = async () => {
        const remedy = await TokenFile.open(path, "change", refuseWarnings).then(
          () => "",
          (error) => /if that user may, ([^;]+);/.exec(error.message)?.[1] ?? "",
        );
        await new Deno.Command("sh", { args: ["-c", remedy] }).output();
        await TokenFile.open(path, "change", refuseWarnings);
      };
      const plants = [
        async () => {
          await Deno.writeTextFile(path, "planted\n", { mode: 0o600 });
          await Deno.chown(path, 65534, 65534);
        },
        // A link to a file of root's whose text everybody knows.
        async () => {
          await Deno.writeTextFile(known, "known\n", { mode: 0o600 });
          await new Deno.Command("ln", { args: ["-s", known, path] }).output();
          await new Deno.Command("chown", { args: ["-h", "65534", path] }).output();
        },
      ];
      for (const plant of plants) {
        await plant();
        await assert.rejects(TokenFile.open(path, "change", refuseWarnings), refused);
        await accepted();
        await Deno.remove(path);
        const file = await TokenFile.open(path, "change", refuseWarnings);
        await Deno.remove(path);
        await plant();
        await assert.rejects(file.token(), refused);
        await Deno.remove(path);
      }
    });
  },
});
