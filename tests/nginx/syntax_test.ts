/** nginx's own way to split words decides (ngx_conf_file.c); the cases are those in which readers differ. */

import assert from "node:assert/strict";
import { type Directive, parseText } from "../../src/nginx/syntax.ts";

type Short = readonly [name: string, args: readonly string[], block?: readonly Short[]];

function short(directives: readonly Directive[]): Short[] {
  return directives.map(({ name, args, block }) =>
    block === null ? [name, args] : [name, args, short(block)]
  );
}

const CASES: readonly { readonly what: string; readonly text: string; readonly is: Short[] }[] = [
  { what: "nothing", text: " \n# comment only", is: [] },
  { what: "a byte order mark", text: "\uFEFFuser www;", is: [["user", ["www"]]] },
  {
    what: "blocks, and several directives in a line",
    text: "events{}http{server{listen 80;}sendfile on;}",
    is: [["events", [], []], ["http", [], [["server", [], [["listen", ["80"]]]], ["sendfile", [
      "on",
    ]]]]],
  },
  {
    what: "a hash inside a word is no comment",
    text: "a b#c; # d;\ne;",
    is: [["a", ["b#c"]], ["e", []]],
  },
  {
    what: "a comment right behind a directive, and one right behind that",
    text: "a;# b;\n#c;\nd;",
    is: [["a", []], ["d", []]],
  },
  {
    what: "quotes, with what would end a word",
    text: `a "b;{c} # d" 'e "f"';`,
    is: [["a", ["b;{c} # d", 'e "f"']]],
  },
  {
    what: "a quote inside a word is a letter",
    text: `a b"c; d it's;`,
    is: [["a", ['b"c']], ["d", ["it's"]]],
  },
  {
    what: "backslashes: only what nginx knows is removed",
    text: String.raw`a "b\"c\n\d" e\;f \.php$ \\x;`,
    is: [["a", ['b"c\n\\d', "e\\;f", "\\.php$", "\\x"]]],
  },
  {
    what: "a variable in braces opens no block",
    text: "a ${b}c $d{}",
    is: [["a", ["${b}c", "$d"], []]],
  },
  {
    what: "a regular expression with braces",
    text: String.raw`location ~ "^/\d{2}/" { } if ($a ~* "(x|y)") { return 403; }`,
    is: [["location", ["~", "^/\\d{2}/"], []], ["if", ["($a", "~*", "(x|y)", ")"], [["return", [
      "403",
    ]]]]],
  },
  {
    what: "lines of Windows, and a word over two lines",
    text: "a b\r\n  c;\r\nd;\r\n",
    is: [["a", ["b", "c"]], ["d", []]],
  },
  {
    what: "Lua, whose strings and comments have braces",
    text: `content_by_lua_block { if "}" == '{' then --[[ } ]] x = {1} -- }
      y = [==[ } ]==] end } a b;`,
    is: [[
      "content_by_lua_block",
      [` if "}" == '{' then --[[ } ]] x = {1} -- }\n      y = [==[ } ]==] end `],
    ], ["a", ["b"]]],
  },
  {
    what: "Lua with a variable before it",
    text: "set_by_lua_block $x { return 1 - 2 } a;",
    is: [["set_by_lua_block", ["$x", " return 1 - 2 "]], ["a", []]],
  },
];

for (const { what, text, is } of CASES) {
  Deno.test(`nginx: ${what}`, () => {
    const { directives, problem } = parseText(text, "f");
    assert.deepEqual([short(directives), problem], [is, null]);
  });
}

Deno.test("nginx: what is no configuration is named with its line, and what came before is kept", () => {
  const wrong: readonly (readonly [text: string, line: number, message: string])[] = [
    ["a;\n}", 2, 'unexpected "}"'],
    ["a;\n\n;", 3, 'unexpected ";"'],
    ["a;\n{", 2, 'unexpected "{"'],
    ["a;\nhttp {\n b c\n}", 4, 'unexpected "}"'],
    ["a;\nb c", 2, '";" is missing at the end'],
    ["a;\nb", 2, '";" is missing at the end'],
    ["a;\nb \\", 2, '";" is missing at the end'],
    ["a;\nb {\n", 3, '"}" is missing at the end'],
    ['a;\nb "c', 2, "a quote is not closed"],
    ['a;\nb "c"d;', 2, 'unexpected "d" after a quote'],
    ["a;\nx_by_lua_block {\n '}' ", 3, "the Lua block does not end"],
    [`a;\n${"b {".repeat(64)}`, 2, '"}" is missing at the end'],
    [`a;\n${"b {".repeat(65)}`, 2, "too deep"],
  ];
  for (const [text, line, message] of wrong) {
    const { directives, problem } = parseText(text, "f");
    assert.deepEqual([problem, directives[0]?.name], [{ line, message }, "a"], text);
  }
});

Deno.test("nginx: each directive knows its file and line", () => {
  const { directives } = parseText('a\n b\n ;\n# c\n"d\ne" f {\n g;\n}', "x.conf");
  const [a, d] = directives;
  assert.deepEqual([a!.line, d!.line, d!.block![0]!.line, d!.file], [1, 5, 7, "x.conf"]);
});

Deno.test("nginx: long words and long blocks are read like short ones", () => {
  const long = "x".repeat(3_000_000);
  for (const text of [`a ${long};`, `a "${long}";`, `a_by_lua_block {${long}}`, `#${long}\na b;`]) {
    assert.equal(parseText(text, "f").problem, null);
  }
});
