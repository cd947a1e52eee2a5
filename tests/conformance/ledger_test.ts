import assert from "node:assert/strict";
import { DOCUMENT, documentText } from "./document.ts";
import { LEDGER } from "./ledger.ts";

const ROOT = new URL("../../", import.meta.url);
const HOW_IT_WORKS = new URL("docs/how-it-works.md", ROOT);
const ITEMS = LEDGER.flatMap(({ items }) => items);

Deno.test("the ledger has the items 1 to 100, each once and in order", () => {
  assert.deepEqual(ITEMS.map(({ item }) => item), Array.from({ length: 100 }, (_, i) => i + 1));
});

Deno.test("what is met has a proof, everything else says why", () => {
  for (const { item, verdict, proofs, note } of ITEMS) {
    if (verdict === "met") assert.ok(proofs.length > 0, `item ${item} has no proof`);
    else assert.ok(note.length > 0, `item ${item} has no note`);
    if (verdict === "declined") {
      assert.equal(proofs.length, 0, `item ${item} is not done, but proved`);
    }
  }
});

/** Those with a deviation; one that is met in part may have one, too. */
const DEVIATIONS = ITEMS.filter(({ note }) => note.includes("Deviation: "));
const REASON = /because|so that|would/;
const WAY_OFF = /turns? (it|that|this|either|the deviation)? ?off|nothing turns/i;

Deno.test("each deviation is named, with its reason and how to turn it off", () => {
  for (const { item, verdict, note } of ITEMS) {
    if (verdict === "deviates") assert.match(note, /^Deviation: /, `item ${item}`);
  }
  for (const { item, note } of DEVIATIONS) {
    assert.match(note, REASON, `item ${item} has no reason`);
    assert.match(note, WAY_OFF, `item ${item} does not say what turns it off`);
  }
});

Deno.test("how-it-works.md names each deviation of the ledger, with the reason and how to turn it off", async () => {
  const text = await Deno.readTextFile(HOW_IT_WORKS);
  const named: number[] = [];
  for (const paragraph of text.split(/\n(?:\s*\n|- |\d+\. )/)) {
    for (const deviation of paragraph.replace(/\s+/g, " ").split("`Deviation:`").slice(1)) {
      const items = /^ \(items? (\d+(?:, \d+)*)\) /.exec(deviation);
      assert.ok(items, `which items of the ledger? ${deviation}`);
      assert.match(deviation, REASON, `no reason: ${deviation}`);
      assert.match(deviation, WAY_OFF, `what turns it off? ${deviation}`);
      named.push(...items[1]!.split(", ").map(Number));
    }
  }
  assert.deepEqual(
    [...new Set(named)].toSorted((a, b) => a - b),
    DEVIATIONS.map(({ item }) => item),
  );
});

Deno.test("every test that the ledger names exists under this name", async () => {
  const texts = new Map<string, string>();
  const lost: string[] = [];
  for (const { item, proofs } of ITEMS) {
    for (const { file, name } of proofs) {
      const text = texts.get(file) ?? await Deno.readTextFile(new URL(file, ROOT));
      texts.set(file, text);
      const named = [`"${name}"`, `\`${name}\``].some((quoted) => text.includes(quoted));
      if (!named) lost.push(`item ${item}: ${file}: ${name}`);
    }
  }
  assert.deepEqual(lost, []);
});

Deno.test("the document is that of the ledger", async () => {
  if (Deno.env.get("UPDATE_GOLDEN")) {
    await Deno.writeTextFile(DOCUMENT, documentText());
    await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", DOCUMENT.pathname] })
      .output();
  }
  // The formatter has its own mind about line ends.
  const words = (text: string) => text.split(/\s+/).join(" ").trim();
  const stale = "stale: UPDATE_GOLDEN=1 deno test -A tests/conformance";
  assert.equal(words(await Deno.readTextFile(DOCUMENT)), words(documentText()), stale);
});
