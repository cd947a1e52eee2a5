import assert from "node:assert/strict";
import { MirrorJournal } from "../../src/ipc/mirror_journal.ts";
import { EngineBackend } from "../../src/front/engine_backend.ts";
import { REHEARSAL_EXAMPLE } from "../../src/front/openapi/examples.ts";

const unused = () => assert.fail("not asked for");

function backend(steps: string[], compared: () => Promise<void>): EngineBackend {
  const link = {
    journal: new MirrorJournal(unused),
    status: unused,
    machine: unused,
    command: unused,
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

Deno.test("a peer without an answer delays that of a rehearsal by 1.5 s at most", async () => {
  const beganMs = performance.now();
  await backend([], () => new Promise(() => {})).rehearse();
  assert(performance.now() - beganMs >= 1490);
});
