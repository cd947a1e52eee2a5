import assert from "node:assert/strict";
import {
  printable,
  printableJson,
  printableLines,
  printableValue,
} from "../../src/wire/printable.ts";

/** What a terminal or a reader's eye would obey. */
const OBEYED = [
  ["ESC", "\x1b"],
  ["a carriage return", "\r"],
  ["a backspace", "\b"],
  ["DEL", "\x7f"],
  ["CSI of eight bits", "\u009b"],
  ["a turn from right to left", "\u202e"],
  ["an isolate", "\u2066"],
  ["a mark of direction", "\u200f"],
  ["nothing to see", "\u200b"],
  ["a line separator", "\u2028"],
  ["half a character", "\ud800"],
  ["a tag character", "\u{e0041}"],
] as const;

for (const [name, character] of OBEYED) {
  Deno.test(`what a terminal would obey is not printed: ${name}`, () => {
    assert.equal(printable(`a${character}b`), "a\ufffdb");
    assert.equal(printableLines(`a${character}b\n\tc`), "a\ufffdb\n\tc");
    const json = printableJson(JSON.stringify({ text: `a${character}b` }, null, 2));
    assert.equal(printableLines(json), json);
    assert.deepEqual(JSON.parse(json), { text: `a${character}b` });
  });
}

Deno.test("a text that others wrote stays on one line; all others stay as they are", () => {
  assert.equal(printable("a\nb\tc"), "a\ufffdb\ufffdc");
  const harmless = "Zürich, 東京, שלום, ☃, 🙂, a  b";
  assert.equal(printable(harmless), harmless);
});

Deno.test("every text of a value is printable, its keys too", () => {
  assert.deepEqual(
    printableValue({ "a\x1b": ["b\n", 1, null, true, { c: "\u202e" }] }),
    { "a\ufffd": ["b\ufffd", 1, null, true, { c: "\ufffd" }] },
  );
});
