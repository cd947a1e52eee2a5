import assert from "node:assert/strict";
import { styleFor } from "../../../../src/cli/text/terminal/style.ts";
import { cutTo, padTo, widthOf, wrapTo } from "../../../../src/cli/text/terminal/width.ts";

const style = styleFor(true);

Deno.test("the width of a text is that of its characters on a terminal", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["", 0],
    ["lb01", 4],
    ["é", 1],
    ["e\u0301", 1],
    ["日本", 4],
    ["👍", 2],
    [style.bad("FAULT"), 5],
    ["\ufffd", 1],
  ];
  for (const [text, want] of cases) assert.equal(widthOf(text), want, JSON.stringify(text));
});

Deno.test("a text that is too wide is cut with an ellipsis, and its style ends", () => {
  const cases: readonly (readonly [text: string, columns: number, want: string])[] = [
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["abcd", 1, "…"],
    ["abcd", 0, ""],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日…"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    [style.bad("abcd"), 3, `${style.bad("ab…")}`],
    [`${style.bad("ab")}cd`, 3, `${style.bad("ab")}…`],
  ];
  for (const [text, columns, want] of cases) {
    assert.equal(cutTo(text, columns), want, `${JSON.stringify(text)} in ${columns}`);
  }
});

Deno.test("blanks fill up to the width", () => {
  assert.deepEqual([padTo("日", 4), padTo("abcd", 2)], ["日  ", "abcd"]);
});

Deno.test("a text is wrapped between words, indented, and styled on each line", () => {
  const remedy = "  on lb02: `sudo nft insert rule` lets them pass";
  assert.deepEqual(wrapTo(remedy, 60, "    "), [remedy]);
  assert.deepEqual(wrapTo(remedy, 24, "    "), [
    "  on lb02: `sudo nft",
    "    insert rule` lets",
    "    them pass",
  ]);
  assert.deepEqual(wrapTo("averyveryverylongword x", 8, "  "), ["averyveryverylongword", "  x"]);
  assert.deepEqual(wrapTo("東京 東京 東京", 9, " "), ["東京 東京", " 東京"]);
  const { bad } = style;
  assert.deepEqual(wrapTo(bad("one two"), 3, ""), [bad("one"), bad("two")]);
});
