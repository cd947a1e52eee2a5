/** The comments of program, build, lab and demo are plain English, as far as a list of words can show it. */

import assert from "node:assert/strict";
import { ROOT, sourcesIn } from "./sources.ts";
import { ADDRESS_WORDS, bannedWords, type Finding, type Word, WORDS } from "./words.ts";

/** Words that only comments do without, in addition to those of README and docs. */
const COMMENT_WORDS: readonly Word[] = [
  ...WORDS,
  ...ADDRESS_WORDS,
  { pattern: /\bbesides\b/gi, instead: "also, or in addition to" },
  { pattern: /\bstreaks?\b/gi, instead: "debounce" },
  { pattern: /\bgo(?:es)?\s+on\b/gi, instead: "continue" },
  { pattern: /\b(?:came|comes?|becomes?|became)\s+of\b/gi, instead: "the result or the outcome" },
  { pattern: /\bto\s+be\s+had\b/gi, instead: "available" },
  {
    pattern: /\bto\s+be\s+(?:asked|awaited|called)\b/gi,
    instead: "the caller asks, awaits, calls",
  },
  { pattern: /\blies?\s+ready\b/gi, instead: "is ready" },
  { pattern: /\ball\s+the\s+same\b/gi, instead: "still" },
  { pattern: /\bputs?\s+(?:\w+\s+){0,3}on\b(?=[\s.,;:])/gi, instead: "add" },
  {
    pattern:
      /(?<=^\s*)(?:(?:of |after |within )?so (?:many|long)|(?:one|those) (?:that|which|whose))\b/gim,
    instead: "begin with the thing that is counted or described: upper bound of, number of",
  },
];

const FOLDERS = ["src/", "build/", "lab/", "demo/"];

/** The comments of a source, by its name of a shell or not: every other character is gone, every line is in its place. */
function commentsOf(source: string, path = "a.ts"): string {
  const isShell = path.endsWith(".sh");
  const ofLine = isShell ? /^\s*#/ : /^\s*\/\//;
  let inBlock = false;
  return source.split("\n").map((line) => {
    const begins = !inBlock && !isShell && /^\s*\/\*/.test(line);
    const isComment = inBlock || begins || ofLine.test(line);
    if (inBlock || begins) inBlock = !line.includes("*/");
    return isComment ? textOf(line) : "";
  }).join("\n");
}

/** A line of a comment without the marks of a comment and the names of parameters. */
function textOf(line: string): string {
  return line
    .replace(/^\s*(?:\/\*\*?|\/\/|#|\*(?!\/))/, "")
    .replace(/\*\/.*$/, "")
    .replace(/@param \w+/, "")
    .trimEnd();
}

const PATHS: readonly string[] = FOLDERS
  .flatMap((folder) => Array.from(sourcesIn(folder, /\.(?:tsx?|sh)$/))).sort();

const FOUND: readonly (Finding & { readonly path: string })[] = PATHS
  .flatMap((path) =>
    bannedWords(commentsOf(Deno.readTextFileSync(new URL(path, ROOT)), path), COMMENT_WORDS)
      .map((finding) => ({ path, ...finding }))
  );

Deno.test("comments are free of the banned words", () => {
  const found = FOUND.map(({ path, line, found, instead }) =>
    `${path}:${line}: "${found}"; write: ${instead}`
  );
  assert.deepEqual(found, [], `\n${found.join("\n")}`);
});

Deno.test("a banned word is found with its line in every kind of comment, and nowhere else", () => {
  const cases: readonly (readonly [source: string, ...found: [line: number, word: string][]])[] = [
    ["/** It is told. */\nconst a = 1;\n", [1, "told"]],
    ["/**\n * It is put back by\n * hand.\n */\nlet told = 1;\n", [2, "by hand"]],
    ["const a = 1;\n  // What fails is repaired.\n", [2, "What"]],
    ["// One line.\n// And anew.\nlet a;\n// Whoever looks.\n", [2, "anew"], [4, "Whoever"]],
    ["/** Text. */\n/** A streak. */\n", [2, "streak"]],
    ["const a = `\n# It is told.\n`;\nclass A {\n  #told(shall);\n}\n"],
    ['const text = "it shall be told";\nconst b = `\nmended by hand`;\n'],
    ["/** `told` is called.\n *\n * @param tell gets a line\n */\ntold(shall);\n"],
  ];
  for (const [source, ...expected] of cases) {
    const found = bannedWords(commentsOf(source), COMMENT_WORDS);
    assert.deepEqual(found.map(({ line, found }) => [line, found]), expected, source);
  }
});

Deno.test("a banned word is found in the comments of a shell's source, and nowhere else", () => {
  const source = 'echo "told"\n  # It is told.\ncase $1 in\n  /*) shall ;;\nesac\nmended\n';
  const found = bannedWords(commentsOf(source, "a.sh"), COMMENT_WORDS);
  assert.deepEqual(found.map(({ line, found }) => [line, found]), [[2, "told"]]);
  assert.ok(PATHS.includes("build/portable.sh"), "the shell's source of the build is read");
});
