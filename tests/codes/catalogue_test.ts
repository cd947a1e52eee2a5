/** Every code has its meaning, once for each kind. */

import assert from "node:assert/strict";
import { alarmSections, allCodes } from "../../src/codes/catalogue.ts";
import { explain, explanationText, unknownCode } from "../../src/codes/explanation.ts";
import { CODE_KINDS, RELOAD_SEEN } from "../../src/codes/kinds.ts";
import { RELOAD_ALONE } from "../../src/config/diagnostics.ts";
import { ALARMS } from "../../src/status/codes/alarms.ts";

Deno.test("every alarm has its line and its section of docs/alarms.md", () => {
  const sections = alarmSections();
  assert.deepEqual([...sections.keys()].sort(), Object.keys(ALARMS).sort());
  for (const [code, { summary, text }] of sections) {
    assert.match(summary, /\.$/, code);
    assert.ok(text.length > 100, code);
    assert.doesNotMatch(text, /^(error|warning)\./, code);
  }
});

Deno.test("a code means one thing of each kind, and each kind has codes", () => {
  const codes = allCodes();
  const names = codes.map(({ kind, code }) => `${kind} ${code}`);
  assert.equal(new Set(names).size, names.length);
  const kinds = new Set(codes.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), Object.keys(CODE_KINDS).sort());
  assert.deepEqual(codes.filter(({ meaning }) => meaning === ""), []);
});

Deno.test("a name that is an alarm and a finding is explained as both, as text of any width", () => {
  const explanation = explain("own_address")!;
  const text = explanationText(explanation, 60);
  assert.match(text, /^own_address: alarm, error\n\nA virtual address is this host's own\.\n/);
  assert.match(text, /\n\nown_address: finding of vipd doctor\n/);
  const prose = text.split("\n").filter((line) => !line.startsWith("  "));
  assert.ok(prose.every((line) => line.length <= 60), text);
});

Deno.test("an explanation has whole sentences, and when a reason decides the verdict", () => {
  assert.equal(
    explanationText(explain("two_holders")!, 200),
    "two_holders: reason of the verdict\n\nTwo nodes are master.\n\n" +
      "The verdict is `contested` once this has lasted for 2.5 s.\n\n" +
      "What to do: Let VRRP pass between the nodes: if a rule of nf_tables drops it, the message names it; else " +
      "`vipd doctor` on both.\n\n" +
      "Seen: below the verdict of `vipd status`, `code` in `reasons` of `GET /v1/pair`, and `reason` of the metric " +
      "`vipd_pair_reason`.\n",
  );
  const texts = allCodes().flatMap(({ kind, text }) => kind === "pair_reason" ? [text] : []);
  assert.ok(texts.includes("The verdict is `contested` at once."));
  assert.ok(texts.every((text) => / at once\.$| for [\d.]+ s\.$/.test(text!)));
});

Deno.test("a problem that only a reload finds is seen there, and has a remedy", () => {
  for (const code of RELOAD_ALONE) {
    const meaning = explain(code)!.meanings.find(({ kind }) => kind === "diagnostic")!;
    assert.equal(meaning.seen, RELOAD_SEEN, code);
    assert.ok(meaning.remedy, code);
  }
  const text = explanationText(explain("leaves_nobody")!, 200);
  assert.match(text, /What to do: .*`vipd check --probe`.*`vipd reload --force`/s);
  assert.doesNotMatch(text, /Seen: .* line of `vipd check`/);
});

Deno.test("every code is explained in words that a person can read", () => {
  for (const { code } of allCodes()) {
    const text = explanationText(explain(code)!);
    assert.ok(text.startsWith(`${code}: `) && text.endsWith("\n"), code);
    assert.doesNotMatch(text, /undefined|\]\(|\*\*|<!--/, code);
    assert.doesNotMatch(text, /\b(?:Vipd|Nginx|Keepalived|Systemd|Chrony)\b/, code);
  }
});

Deno.test("a code that is not there is answered with the nearest one", () => {
  assert.equal(explain("flaping"), null);
  assert.match(unknownCode("flaping"), /did you mean flapping\?$/);
  assert.equal(unknownCode(`a${"x".repeat(500)}`), `vipd has no code "a${"x".repeat(99)}"`);
});
