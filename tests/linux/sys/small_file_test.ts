/** The `file` check against real files, read as the engine reads them. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ProbeResult } from "../../../src/health/check.ts";
import { openProber } from "../../../src/health/probers.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { readSmallFile } from "../../../src/linux/sys/small_file.ts";
import { inFolder } from "../../cli/captured_context.ts";
import { NOTHING_THERE } from "../../health/probing.ts";

const COMMON = {
  name: "w",
  type: "file",
  intervalMs: 1000,
  timeoutMs: 2000,
  rise: 1,
  fall: 1,
} as const;

async function probe(path: string): Promise<string> {
  const libc = Libc.open();
  const files = { read: (file: string, octets: number) => readSmallFile(libc, file, octets) };
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const prober = openProber({ ...COMMON, path }, { ...NOTHING_THERE, files }, resolve);
  prober.probe();
  const { ok, number, detail } = await promise;
  prober.close();
  libc.close();
  strictEqual(ok, number !== undefined, "a number is a success, and nothing else is");
  return detail;
}

Deno.test("a file holds one whole number, or the check fails and says what it holds", async (t) => {
  const cases: readonly [string, string][] = [
    ["0", "holds 0"],
    ["-0\n", "holds 0"],
    ["  +20 \r\n", "holds 20"],
    ["-2147483647", "holds -2147483647"],
    ["2147483648", 'it holds no whole number: "2147483648"'],
    ["1.5", 'it holds no whole number: "1.5"'],
    ["5 6", 'it holds no whole number: "5 6"'],
    ["0x10", 'it holds no whole number: "0x10"'],
    ["\u001b[31m", 'it holds no whole number: "\\u001b[31m"'],
    ["", "it is empty"],
    ["\n", "it is empty"],
    [`1${" ".repeat(63)}`, "holds 1"],
    [`1${" ".repeat(64)}`, "it is longer than 64 octets"],
  ];
  await inFolder(async (folder) => {
    for (const [text, detail] of cases) {
      await t.step(JSON.stringify(text), async () => {
        await Deno.writeTextFile(`${folder}/w`, text);
        strictEqual(await probe(`${folder}/w`), detail);
      });
    }
  });
});

Deno.test("a file that is not there holds 0, and what is no file holds nothing", async () => {
  await inFolder(async (folder) => {
    strictEqual(await probe(`${folder}/w`), "no such file, which counts as 0");
    strictEqual(await probe(folder), "it is a folder");
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    strictEqual(await probe(`${folder}/pipe`), "it is not a regular file");
    await Deno.symlink(`${folder}/pipe`, `${folder}/link`);
    strictEqual(await probe(`${folder}/link`), "it is not a regular file");
  });
});

Deno.test("a pipe that has taken a file's place keeps nobody waiting", async () => {
  await inFolder(async (folder) => {
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    const libc = Libc.open();
    deepStrictEqual(await readSmallFile(libc, `${folder}/pipe`, 10), "");
    deepStrictEqual(await readSmallFile(libc, "/dev/zero", 3), "\0\0\0");
    deepStrictEqual(await readSmallFile(libc, `${folder}/none`, 3), null);
    libc.close();
  });
});
