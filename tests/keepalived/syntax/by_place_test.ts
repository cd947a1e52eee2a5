/** Values by their line, whichever file was asked for before. */

import assert from "node:assert/strict";
import { ByPlace } from "../../../src/keepalived/syntax/by_place.ts";

Deno.test("each line of each file has its own value, in whatever sequence it is asked for", () => {
  const places = [["a", 1], ["b", 1], ["a", 2], ["b", 3], ["a", 1]] as const;
  const values = new ByPlace<string>();
  for (const [index, [file, line]] of places.entries()) {
    values.set({ file, line }, `${file}${line} ${index}`);
  }
  const read = (file: string, line: number) => values.get({ file, line });
  assert.equal(read("b", 1), "b1 1");
  assert.equal(read("b", 3), "b3 3");
  assert.equal(read("a", 1), "a1 4");
  assert.equal(read("a", 2), "a2 2");
  assert.equal(read("c", 1), undefined);
  assert.equal(read("a", 3), undefined);
  assert.equal(read("b", 1), "b1 1");
});
