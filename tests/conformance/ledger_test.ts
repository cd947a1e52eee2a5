import assert from "node:assert/strict";
import { DOCUMENT, documentText } from "./document.ts";
import { LEDGER } from "./ledger.ts";

const ROOT = new URL("../../", import.meta.url);
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

Deno.test("each deviation is named, with its reason and how to turn it off", () => {
  for (const { item, verdict, note } of ITEMS) {
    if (verdict !== "deviates") continue;
    assert.match(note, /^Deviation: /, `item ${item}`);
    assert.match(note, /because|so that|would/, `item ${item} has no reason`);
    assert.match(note, /turns? (it|that) off/, `item ${item} does not say what turns it off`);
  }
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
