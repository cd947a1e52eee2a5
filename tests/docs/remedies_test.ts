/** What the commands in the texts of alarms and of the verdict have in common. */

import assert from "node:assert/strict";
import { ROOT, sourcesIn } from "./sources.ts";

Deno.test("the commands of remedies are root's, as in README.md: sudo may not be installed", () => {
  const paths = ["src/node/", "src/status/"].flatMap((folder) => [...sourcesIn(folder)]);
  const usesSudo = (path: string) => /\bsudo\b/.test(Deno.readTextFileSync(new URL(path, ROOT)));
  assert.ok(paths.length > 100);
  assert.deepEqual(paths.filter(usesSudo), []);
});
