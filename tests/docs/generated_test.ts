import assert from "node:assert/strict";
import { TRANSITION_REASONS } from "../../src/status/codes/messages.ts";
import { ALARMS_THAT_END_AT_ONCE, HOLD_ALARMS } from "../../src/status/codes/alarms.ts";
import { alarmsThatClearAtOnce, commonCauses } from "./alarms.ts";
import { answersOf, faultOf, withExamples } from "./api_answers.ts";
import { behaviourText, lostProofs } from "./behaviour.ts";
import { codesText, problemTable } from "./codes.ts";
import { assertFresh, between } from "./fresh.ts";
import { ROOT, sourcesIn } from "./sources.ts";
import { verdictText } from "./verdict.ts";
import { observedTransitions, stateDiagram } from "./transitions.ts";

const DOCS = new URL("../../docs/", import.meta.url);
/** Longer sequences show no further transition. */
const STEPS = 4;

Deno.test("docs/codes.md has the codes of the code", async () => {
  await assertFresh(new URL("codes.md", DOCS), codesText);
});

Deno.test("docs/alarms.md has the alarms with one cause, and those that clear at once, of the code", async () => {
  await assertFresh(
    new URL("alarms.md", DOCS),
    (present) =>
      between(between(present, "at once", alarmsThatClearAtOnce()), "causes", commonCauses()),
  );
});

Deno.test("every alarm that is said to clear at once does so somewhere in the engine", () => {
  const engine = Array.from(sourcesIn("src/node/"))
    .map((path) => Deno.readTextFileSync(new URL(path, ROOT))).join("\n");
  assert.match(engine, /of HOLD_ALARMS\) \{\s+if \(.*\) .*\.withdraw\(code,/);
  const ended = new Set<string>(HOLD_ALARMS);
  for (const [, code] of engine.matchAll(/\bwithdraw\("(\w+)"/g)) ended.add(code!);
  assert.deepEqual(ALARMS_THAT_END_AT_ONCE.filter((code) => !ended.has(code)), []);
});

Deno.test("docs/api.md has the error codes of the code", async () => {
  await assertFresh(
    new URL("api.md", DOCS),
    (present) => between(present, "problems", problemTable()),
  );
});

Deno.test("docs/api.md shows the examples of the code as answers", async () => {
  await assertFresh(new URL("api.md", DOCS), withExamples);
});

Deno.test("every answer in docs/api.md fits the schema of its call", async () => {
  const answers = answersOf(await Deno.readTextFile(new URL("api.md", DOCS)));
  assert.ok(answers.length > 10, `${answers.length} answers`);
  const faults = answers.flatMap((shown) => {
    const fault = faultOf(shown);
    return fault === null ? [] : [`${shown.command.trim()}\n${fault}`];
  });
  assert.deepEqual(faults, [], `\n${faults.join("\n")}`);
});

Deno.test("an answer that lacks a key, has one too many or another code is found", () => {
  const shown = (command: string, output: string) =>
    answersOf(`\`\`\`console\n$ curl ${command}\n${output}\n\`\`\`\n`).map(faultOf);
  const at = "http://127.0.0.1:9112";
  assert.deepEqual(shown(`${at}/healthz`, '{ "status": "ok" }'), [null]);
  const wrong: readonly (readonly [string, string])[] = [
    [`${at}/healthz`, "{}"],
    [`${at}/healthz`, '{ "status": "ok", "more": 1 }'],
    [`-s ${at}/v1/pair | jq -r .verdict`, "excellent"],
    [`${at}/v1/pair | jq '{verdict, at: .sentence}'`, '{ "verdict": "protected" }'],
    [`-X POST ${at}/v1/reload`, '{ "type": "about:blank", "code": "not_kept", "status": 400 }'],
  ];
  for (const [command, output] of wrong) {
    assert.equal(shown(command, output).filter((fault) => fault !== null).length, 1, command);
  }
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
