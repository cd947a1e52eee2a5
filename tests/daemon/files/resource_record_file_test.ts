/** The engine's record in the run directory, written by it and found by the goodbye. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { waitFor } from "../../../lab/wait.ts";
import { findRecord, hasRecord, removeRecord } from "../../../src/daemon/files/found_record.ts";
import { ResourceRecordFile } from "../../../src/daemon/files/resource_record_file.ts";
import type { InstanceToRecord } from "../../../src/node/resources/resource_record.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";

/** An engine that is backup, in a folder. */
async function engine() {
  const folder = await Deno.makeTempDir();
  const journal = new Journal(() => Date.now());
  const source = { journal, recorded: [] as readonly InstanceToRecord[] };
  const become = (held: boolean) => {
    source.recorded = [{ config: instanceConfig(), held, source: null }];
  };
  become(false);
  const changed = () => journal.record("notice", "state_changed", "changed");
  const held = async () => {
    const found = await findRecord(folder, "boot");
    return found.kind === "record" ? found.record.instances.map((it) => it.held) : found;
  };
  const cleanup = () => Deno.remove(folder, { recursive: true });
  return { folder, source, become, changed, held, [Symbol.asyncDispose]: cleanup };
}

Deno.test("the record is there before the engine starts, private, and follows each change", async () => {
  await using made = await engine();
  const { folder, source, become, changed, held } = made;
  const file = await ResourceRecordFile.open(folder, "boot", source);
  assert.deepEqual(await held(), [false]);
  const { mode } = await Deno.stat(join(folder, "held.json"));
  assert.equal(mode! & 0o777, 0o600);
  become(true);
  changed();
  await waitFor("the change", async () => JSON.stringify(await held()) === "[true]", {
    timeoutMs: 5000,
    everyMs: 10,
  });
  become(false);
  await file.close();
  assert.equal(await hasRecord(folder), false);
});

Deno.test("an engine that could not take its addresses off leaves the record of them", async () => {
  await using made = await engine();
  const { folder, source, become, held } = made;
  become(true);
  const file = await ResourceRecordFile.open(folder, "boot", source);
  await file.close();
  assert.deepEqual(await held(), [true]);
  await removeRecord(folder);
  assert.deepEqual(await findRecord(folder, "boot"), { kind: "none" });
});

Deno.test("an engine starts without a record where none can be written", async () => {
  await using made = await engine();
  const file = await ResourceRecordFile.open(
    join(made.folder, "missing", "deeper"),
    "boot",
    made.source,
  );
  await file.close();
});

const FOREIGN: readonly (readonly [string, RegExp, (path: string) => Promise<void>])[] = [
  ["cut off", /damaged or cut off/, (path) => Deno.truncate(path, 20)],
  ["open to others", /other users may read or write it/, (path) => Deno.chmod(path, 0o644)],
  ["a link", /no regular file/, async (path) => {
    await Deno.rename(path, `${path}.other`);
    await Deno.symlink(`${path}.other`, path);
  }],
  ["huge", /octets/, (path) => Deno.truncate(path, 17 * 1024 * 1024)],
];

for (const [name, problem, spoil] of FOREIGN) {
  Deno.test(`a record that is ${name} is not used`, async () => {
    await using made = await engine();
    await (await ResourceRecordFile.open(made.folder, "boot", { ...made.source, recorded: [] }))
      .close();
    made.become(true);
    await (await ResourceRecordFile.open(made.folder, "boot", made.source)).close();
    await spoil(join(made.folder, "held.json"));
    const found = await findRecord(made.folder, "boot");
    assert.ok(found.kind === "unusable");
    assert.match(found.problem, problem);
  });
}

Deno.test("a record of another boot, or of another user, is not used", async () => {
  await using made = await engine();
  made.become(true);
  await (await ResourceRecordFile.open(made.folder, "boot", made.source)).close();
  const other = await findRecord(made.folder, "another");
  assert.ok(other.kind === "unusable" && /earlier boot/.test(other.problem));
  if (Deno.uid() !== 0) return;
  await Deno.chown(join(made.folder, "held.json"), 65534, 65534);
  const foreign = await findRecord(made.folder, "boot");
  assert.ok(foreign.kind === "unusable" && /belongs to user 65534/.test(foreign.problem));
});
