import assert from "node:assert/strict";
import { TRANSITION_REASONS } from "../../src/codes/transition_reasons.ts";
import { behaviourText, lostProofs } from "./behaviour.ts";
import { codesText, problemTable } from "./codes.ts";
import { assertFresh, between } from "./fresh.ts";
import { verdictText } from "./verdict.ts";
import { observedTransitions, stateDiagram } from "./transitions.ts";

const DOCS = new URL("../../docs/", import.meta.url);
/** Longer sequences show no further transition. */
const STEPS = 4;

Deno.test("docs/codes.md has the codes of the code", async () => {
  await assertFresh(new URL("codes.md", DOCS), codesText);
});

Deno.test("docs/api.md has the error codes of the code", async () => {
  await assertFresh(
    new URL("api.md", DOCS),
    (present) => between(present, "problems", problemTable()),
  );
});

Deno.test("docs/verdict.md has the reasons and hold times of the code", async () => {
  await assertFresh(new URL("verdict.md", DOCS), verdictText);
});

Deno.test("docs/behaviour.md is that of the list, and every test that it names is there", async () => {
  assert.deepEqual(await lostProofs(new URL("../../", import.meta.url)), []);
  await assertFresh(new URL("behaviour.md", DOCS), behaviourText);
});

Deno.test("the state diagram of docs/how-it-works.md shows what the state machine does", async () => {
  const diagram = stateDiagram(observedTransitions(STEPS));
  await assertFresh(
    new URL("how-it-works.md", DOCS),
    (present) => between(present, "states", diagram),
  );
});

Deno.test("every reason for a transition is seen in the diagram", () => {
  const seen = new Set(observedTransitions(STEPS).map(({ reason }) => reason));
  assert.deepEqual(TRANSITION_REASONS.filter((reason) => !seen.has(reason)), []);
});
