/** What a call to the host returns is what was opened, or an error with a code and a message. */

import assert from "node:assert/strict";
import { isHostError } from "../../src/host/errors.ts";

Deno.test("an error of the host has a code and a message, what was opened has one of them at most", () => {
  const cases: readonly (readonly [value: object, is: boolean])[] = [
    [{ code: "EPERM", message: "not permitted" }, true],
    [{ code: 0, close: () => {} }, false],
    [{ message: "hello", close: () => {} }, false],
    [{}, false],
  ];
  for (const [value, is] of cases) assert.equal(isHostError(value), is, JSON.stringify(value));
});
