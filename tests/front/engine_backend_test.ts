import assert from "node:assert/strict";
import { MirrorJournal } from "../../src/ipc/mirror_journal.ts";
import { EngineBackend } from "../../src/front/engine_backend.ts";
import type { CommandBy } from "../../src/front/http/backend.ts";
import { REHEARSAL_EXAMPLE } from "../../src/front/openapi/examples.ts";
import type { ReloadOutcome } from "../../src/status/commands/reloading.ts";

const NOT_TAKEN: ReloadOutcome = { ok: false, diagnostics: [] };
const BY: CommandBy = { key: "1", token: "t", client: {} };

const unused = () => assert.fail("not asked for");

function backend(steps: string[], compared: () => Promise<void>): EngineBackend {
  const link = {
    journal: new MirrorJournal(unused),
    status: unused,
    machine: unused,
    command: () => {
      steps.push("sent");
      return Promise.resolve({ kind: "reload", outcome: NOT_TAKEN } as const);
    },
    judge: unused,
  };
  const rehearse = () => {
    steps.push("rehearsed");
    return Promise.resolve(REHEARSAL_EXAMPLE);
  };
  const askNow = () => {
    steps.push("compared");
    return compared();
  };
  return new EngineBackend(link, { last: null, rehearse }, { askNow }, { entries: unused });
}

Deno.test("a rehearsal is answered when the node has compared it with its peers", async () => {
  const [steps, compared] = [[] as string[], Promise.withResolvers<void>()];
  const answer = backend(steps, () => compared.promise).rehearse()
    .then(() => void steps.push("answered"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(steps, ["rehearsed", "compared"]);
  compared.resolve();
  await answer;
  assert.deepEqual(steps, ["rehearsed", "compared", "answered"]);
});

Deno.test("a reload is decided by what the peers say now, unless it is forced", async () => {
  const [steps, compared] = [[] as string[], Promise.withResolvers<void>()];
  const asked = backend(steps, () => compared.promise);
  const answer = asked.reload({}, BY);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(steps, ["compared"]);
  compared.resolve();
  assert.equal(await answer, NOT_TAKEN);
  assert.deepEqual(steps, ["compared", "sent"]);
  await asked.reload({ force: true }, BY);
  assert.deepEqual(steps, ["compared", "sent", "sent"]);
});

Deno.test("a peer without an answer delays a reload by 1.5 s at most", async () => {
  const [steps, beganMs] = [[] as string[], performance.now()];
  await backend(steps, () => new Promise(() => {})).reload({}, BY);
  assert.deepEqual(steps, ["compared", "sent"]);
  assert(performance.now() - beganMs >= 1490);
});

Deno.test("a peer without an answer delays that of a rehearsal by 1.5 s at most", async () => {
  const beganMs = performance.now();
  await backend([], () => new Promise(() => {})).rehearse();
  assert(performance.now() - beganMs >= 1490);
});
