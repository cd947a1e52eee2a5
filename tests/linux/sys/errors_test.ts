import assert from "node:assert/strict";
import { constants } from "node:os";
import { errnoName } from "../../../src/linux/sys/errors.ts";

Deno.test("an error has the name by which the engine knows it", () => {
  const names = ["EAGAIN", "ENOBUFS", "EINTR", "EPERM", "EMSGSIZE", "EOPNOTSUPP"] as const;
  assert.deepEqual(names.map((name) => errnoName(constants.errno[name])), names);
  assert.equal(errnoName(4711), "errno 4711");
});
