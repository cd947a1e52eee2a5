/** Comments, quotation marks and scripts. */

import assert from "node:assert/strict";
import { describeLookalike, withoutLookalikes } from "../../../src/keepalived/syntax/lookalikes.ts";
import {
  hasOpenQuote,
  splitScript,
  splitWords,
  stripComment,
  trimBlanks,
} from "../../../src/keepalived/syntax/words.ts";

Deno.test("a comment begins at # or ! anywhere outside double quotes", () => {
  const cases: readonly [string, string, boolean][] = [
    ["priority 100", "priority 100", false],
    ["priority 100 # high", "priority 100 ", false],
    ["! all of it", "", false],
    ["#", "", false],
    ["}#end", "}", false],
    ["auth_pass pa!ss", "auth_pass pa", true],
    ["auth_pass pa#ss!", "auth_pass pa", true],
    ['auth_pass "pa!s#s"', 'auth_pass "pa!s#s"', false],
    ['script "a # b" # c', 'script "a # b" ', false],
    ['script "a \\"b # c\\" d" # e', 'script "a \\"b # c\\" d" ', false],
    ["script 'a # b'", "script 'a ", false],
    ["// no comment", "// no comment", false],
  ];
  for (const [line, text, cutsWord] of cases) {
    assert.deepEqual(stripComment(line), { text, cutsWord }, line);
  }
});

Deno.test("a backslash keeps a # or ! outside double quotes from beginning a comment", () => {
  const cases: readonly [string, string, boolean][] = [
    ["\\# a", "# a", true],
    ["a\\#b\\!c # d", "a#b!c ", true],
    ["\\#a # b", "#a ", true],
    ["a \\b # c", "a \\b ", false],
    ['"a\\#b" # c', '"a\\#b" ', false],
    ["# a \\# b", "", false],
    ["a! \\", "a", false],
    ["\\#\\", "#\\", true],
    ['a \\" # b', 'a \\" ', false],
  ];
  for (const [line, text, escapes] of cases) {
    const found = stripComment(line);
    assert.deepEqual([found.text, found.escapes ?? false], [text, escapes], line);
  }
});

Deno.test("words are separated by blanks; double quotes keep them together and go away", () => {
  const cases: readonly [string, string[]][] = [
    ["", []],
    ["  a\tb  c ", ["a", "b", "c"]],
    ['a "b c" d', ["a", "b c", "d"]],
    ['ab" c d "e', ["ab c d e"]],
    ['""', [""]],
    ["'a b'", ["'a", "b'"]],
    ['open "quote here', ["open", "quote here"]],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitWords(line), words, line);
});

Deno.test("blanks around a text go away, not those within, nor those that only Unicode knows", () => {
  const cases: readonly [string, string][] = [
    ["", ""],
    [" \t\v\f\r\n", ""],
    ["  a b\t", "a b"],
    ["a ", "a"],
    [" a", "a"],
    ["\u00a0a\u3000", "\u00a0a\u3000"],
    ["\x08a\x0e", "\x08a\x0e"],
    ["\x1fa!", "\x1fa!"],
  ];
  for (const [text, trimmed] of cases) assert.equal(trimBlanks(text), trimmed);
});

Deno.test("a script's first word is its program with arguments, what follows is neither", () => {
  const cases: readonly [string, string[], string[]][] = [
    ['"/bin/a b c"', ["/bin/a", "b", "c"], []],
    ["/bin/a b c", ["/bin/a"], ["b", "c"]],
    ["\"/bin/a 'b c' d\"", ["/bin/a", "b c", "d"], []],
    ["'/bin/echo a b'", ["/bin/echo", "a", "b"], []],
    ['"/bin/a" user group', ["/bin/a"], ["user", "group"]],
    // As keepalived 2.2.7 splits them.
    ['"/bin/a \\"b c\\" c\\\\d"', ["/bin/a", "b c", "cd"], []],
    ['"/bin/printf a\\tb"', ["/bin/printf", "a", "b"], []],
    ['"/bin/printf a\\\\tb"', ["/bin/printf", "a\tb"], []],
    ["'/bin/a \\\"b c\\\"'", ["/bin/a", "b c"], []],
    ["'/bin/a \"b c\" d'", ["/bin/a", "b c", "d"], []],
    ['"/bin/a \'b \\"c\\" d\'"', ["/bin/a", 'b "c" d'], []],
    ['"/bin/sh -c \\"a | grep \'x y\'\\""', ["/bin/sh", "-c", "a | grep 'x y'"], []],
    ['"/bin/a b"c"d e"', ["/bin/a", "bcd", "e"], []],
    ["\"/bin/a 'b'c'd' e'f g'\"", ["/bin/a", "bcd", "ef g"], []],
    ['"/bin/a \\x41\\102\\cA"', ["/bin/a", "AB\x01"], []],
    ['"/bin/a \\ca\\x4a\\377\\q"', ["/bin/a", "\x01J\u00ffq"], []],
    ["/bin/a\\ x", ["/bin/a", "x"], []],
    ['\\"/bin/a\\"', ["/bin/a"], []],
    ["\"/bin/a '' x\"", ["/bin/a", "", "x"], []],
    ["", [], []],
    ['""', [], []],
    ['"/bin/a', ["/bin/a"], []],
  ];
  for (const [value, words, ignored] of cases) {
    const split = splitScript(value);
    assert.deepEqual([split.words, split.ignored], [words, ignored], value);
  }
});

Deno.test("a quotation mark of a script without a partner is reported", () => {
  assert.equal(splitScript('"/bin/a \'b"').open, true);
  assert.equal(splitScript('\\"/bin/a b\\"').open, true);
  assert.equal(splitScript("\"/bin/a 'b'\"").open, false);
  assert.equal(hasOpenQuote('script "/bin/a \\"b"'), false);
  assert.equal(hasOpenQuote('auth_pass "a\\"b"'), true, "only scripts know the backslash");
});

Deno.test("look-alikes are named with what they look like", () => {
  const cases: readonly [string, string | null, string][] = [
    ["priority", null, "priority"],
    ["größe", null, "größe"],
    ["a\u007fb", null, "a\u007fb"],
    ["a\u0080b", null, "a\u0080b"],
    ["рriority", '"р" (U+0440), which looks like "p"', "priority"],
    ["“x”", '"“" (U+201C), which looks like \'"\'', '"x"'],
    ["a\u00a0b", "the character U+00A0, which looks like a blank or like nothing", "ab"],
    ["ｅth0", '"ｅ" (U+FF45), which looks like "e"', "eth0"],
    ["a–b", '"–" (U+2013), which looks like "-"', "a-b"],
  ];
  for (const [text, described, plain] of cases) {
    assert.equal(describeLookalike(text), described, text);
    assert.equal(withoutLookalikes(text), plain, text);
  }
});
