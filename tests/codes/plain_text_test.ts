/** Markdown of the documents as plain text. */

import assert from "node:assert/strict";
import { plainText } from "../../src/codes/plain_text.ts";

const TABLE: readonly (readonly [name: string, markdown: string, text: string])[] = [
  ["a paragraph is wrapped", "one two\nthree four five", "one two three\nfour five"],
  ["a heading stands alone", "# A `b`\ntext\n## C", "A `b`\n\ntext\n\nC"],
  [
    "code stays as it is",
    "a\n\n```sh\nvipd  status   # long\n\nx\n```\nb",
    "a\n\n  vipd  status   # long\n\n  x\n\nb",
  ],
  ["code ends a paragraph", "a\n```sh\nb  c\n```\nd", "a\n\n  b  c\n\nd"],
  ["a list ends a paragraph", "a:\n- b\n- c", "a:\n\n- b\n- c"],
  ["a line may be full", "abcdef ghijklm n", "abcdef ghijklm\nn"],
  ["items hang", "- one two three\n  four\n- five", "- one two\n  three four\n- five"],
  ["numbered items hang", "1. one two three\n2. x", "1. one two\n   three\n2. x"],
  ["a link to a document is its manual", "see [alarms.md](alarms.md#x)", "see `vipd man\nalarms`"],
  ["other links lose their targets", "[a](b.md) **c**", "a c"],
  ["a table of two columns", "| a | b |\n| --- | --- |\n| `x` | y \\| z |", "`x`\n  y | z"],
  ["a table of more", "| a | b | c |\n|---|---|---|\n| x | y | z |", "x\n  b: y\n  c: z"],
  ["comments are gone", "<!-- x: begin -->\n\na\n\n<!-- x: end -->\n", "a"],
  ["a word that is too long stays whole", "abcdefghijklmnopqrst u", "abcdefghijklmnopqrst\nu"],
];

for (const [name, markdown, text] of TABLE) {
  Deno.test(`${name} in plain text of 14 columns`, () => {
    assert.equal(plainText(markdown, 14), text);
  });
}

Deno.test("a page whose width nobody says has 80 columns", () => {
  const word = "x".repeat(40);
  assert.equal(plainText(`${word} ${word.slice(1)}`), `${word} ${word.slice(1)}`);
  assert.equal(plainText(`${word} ${word}`), `${word}\n${word}`);
});
