import assert from "node:assert/strict";
import { shellWord } from "../../src/wire/shell_word.ts";

Deno.test("a word stands in quotes if a shell would read something in it", () => {
  const rows: [string, string][] = [
    ["eth1.100", "eth1.100"],
    ["a@b%c+d=e:f,g./-h_1", "a@b%c+d=e:f,g./-h_1"],
    ["", "''"],
    ["a b", "'a b'"],
    ["$(x)", "'$(x)'"],
    ["it's", "'it'\\''s'"],
  ];
  for (const [word, want] of rows) assert.equal(shellWord(word), want);
});
