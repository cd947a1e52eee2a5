/** The names of programs that run when a state changes. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { importText, instanceWith } from "../support.ts";

/** An instance of this name, which runs a program when it becomes master. */
function notifying(name: string, number: number): string {
  return instanceWith("notify_master /bin/true").replace("VI_1", name)
    .replace("10.0.0.100", `10.0.0.${number}`).replace("id 10", `id ${number}`);
}

Deno.test("a program is named by fifty characters of its instance and by its state, and no two are alike", async () => {
  const long = "a".repeat(50);
  const names = ["VI_1", long, `${long}b`, `${long}c`];
  const text = names.map((name, index) => notifying(name, index + 1)).join("");
  const { notify } = parse((await importText(text)).yaml!) as { notify: { name: string }[] };
  assert.deepEqual(notify.map(({ name }) => name), [
    ...["VI_1-master", `${long}-master`, `${long}-master-2`, `${long}-master-3`],
  ]);
});
