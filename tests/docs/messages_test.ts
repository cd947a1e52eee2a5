/** Help, messages and descriptions are plain English, as far as a list of words can show it. */

import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { DOCUMENTS } from "../../src/cli/manual/documents.ts";
import { DOCUMENT_NAMES } from "../../src/codes/document_names.ts";
import { literalsOf, ROOT, sourcesIn } from "./sources.ts";
import { ADDRESS_WORDS, WORDS } from "./words.ts";

/** Sources that are made from others, or from other people's code. */
const MADE = new Set(["src/front/page/assets.ts", "src/front/server/http1/llhttp_wasm.ts"]);
/** A part of a message does not show where its sentence begins. */
const MESSAGE_WORDS = [...WORDS, ...ADDRESS_WORDS].filter(({ instead }) =>
  !instead.startsWith("begin with")
);

Deno.test("messages are free of the banned words", () => {
  const found = ["src/", "build/", "lab/", "demo/"].flatMap((folder) =>
    Array.from(sourcesIn(folder))
  )
    .filter((path) => !MADE.has(path)).sort()
    .flatMap((path) =>
      literalsOf(path, Deno.readTextFileSync(new URL(path, ROOT))).flatMap(({ line, text }) =>
        MESSAGE_WORDS.flatMap(({ pattern, instead }) =>
          Array.from(
            text.replace(/\s+/g, " ").matchAll(pattern),
            ([word]) => `${path}:${line}: "${word}"; write: ${instead}`,
          )
        )
      )
    );
  assert.deepEqual(found, [], `\n${found.join("\n")}`);
});

Deno.test("every document that a message or a document of the executable names is in the executable", () => {
  const isIn = (name: string) => (DOCUMENT_NAMES as readonly string[]).includes(name);
  const named = (place: string, text: string, pattern: RegExp) =>
    Array.from(text.matchAll(pattern), ([, name]) => ({ place, name: name! }));
  const byMessages = Array.from(sourcesIn("src/")).filter((path) => !MADE.has(path))
    .flatMap((path) =>
      literalsOf(path, Deno.readTextFileSync(new URL(path, ROOT))).flatMap(({ line, text }) => [
        ...named(`${path}:${line}`, text, /\b([a-z][a-z-]*)\.md\b/g),
        ...named(`${path}:${line}`, text, /\bvipd man ([a-z][a-z-]*)(?![\w.-])/g)
          .filter(({ name }) => COMMANDS.every((command) => command.name !== name)),
      ])
    );
  assert.ok(byMessages.some(({ name }) => name === "rehearsal"), "the remedies of the verdict");
  const byDocuments = Object.entries(DOCUMENTS).flatMap(([name, text]) =>
    named(`docs/${name}.md`, text, /\]\(([a-z-]+)\.md[#)]/g)
  );
  const missing = [...byMessages, ...byDocuments].filter(({ name }) => !isIn(name));
  assert.deepEqual(missing, []);
});

Deno.test("the texts of a source are its strings, templates and elements with a blank", () => {
  const source = 'import "a b";\nf("one two", `three ${x} four ${y}`, "five");\n// six seven\n';
  const texts = literalsOf("a.ts", source).map(({ line, text }) => [line, text]);
  assert.deepEqual(texts, [[1, "a b"], [2, "one two"], [2, "three "], [2, " four "]]);
  const page = literalsOf("a.tsx", "const x = <p>shown here</p>;\n");
  assert.deepEqual(page, [{ line: 1, text: "shown here" }]);
});

Deno.test("the commands of remedies are root's, as in README.md: sudo may not be installed", () => {
  const paths = ["src/node/", "src/status/"].flatMap((folder) => [...sourcesIn(folder)]);
  const usesSudo = (path: string) => /\bsudo\b/.test(Deno.readTextFileSync(new URL(path, ROOT)));
  assert.ok(paths.length > 100);
  assert.deepEqual(paths.filter(usesSudo), []);
});
