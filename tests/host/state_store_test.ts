import assert from "node:assert/strict";
import { stateDirRemedy, unansweredDisk } from "../../src/host/state_store.ts";

Deno.test("a disk that does not answer is an error that says for how long", () => {
  const message = "the disk has not answered for 5 s";
  assert.deepEqual(unansweredDisk(5000), { code: "ETIMEDOUT", message });
});

Deno.test("the remedy fits what keeps the files off the disk", () => {
  const remedy = (code: string) => stateDirRemedy({ code, message: "" });
  for (const code of ["ENOSPC", "EDQUOT"]) assert.match(remedy(code), /^make room on the disk/);
  for (const code of [unansweredDisk(5000).code, "EIO", "ESTALE"]) {
    assert.match(remedy(code), /^look at the file system/);
  }
  for (const code of ["EROFS", "EACCES", "EPERM", "ENOTDIR"]) {
    assert.match(remedy(code), /^make state_dir writable/);
  }
});
