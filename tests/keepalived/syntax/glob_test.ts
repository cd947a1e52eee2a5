import assert from "node:assert/strict";
import { expandGlob } from "../../../src/keepalived/syntax/glob.ts";

/** Folders `d0`, `d1` and so on, each with the same files. */
function tree(folders: number, files: number) {
  const list = (path: string) => {
    const name = path === "." ? "d" : "f";
    const count = path === "." ? folders : files;
    return Promise.resolve(Array.from({ length: count }, (_, at) => `${name}${at}`));
  };
  return async (pattern: string) => {
    const { paths, tooMany } = await expandGlob(pattern, list);
    return [paths.length, tooMany];
  };
}

Deno.test("a pattern looks into a thousand folders, and reports that there are more", async () => {
  // The folder of the folders counts.
  assert.deepEqual(await tree(999, 1)("*/*"), [999, false]);
  assert.deepEqual(await tree(1000, 1)("*/*"), [999, true]);
});

Deno.test("a pattern looks at a hundred thousand names, and reports that there are more", async () => {
  assert.deepEqual(await tree(100, 999)("*/f[1]"), [100, false]);
  assert.deepEqual(await tree(100, 1000)("*/f[1]"), [99, true]);
});
