/** Help, messages and descriptions are plain English, as far as a list of words can show it. */

import assert from "node:assert/strict";
import { literalsOf, ROOT, sourcesIn } from "./sources.ts";
import { WORDS } from "./words.ts";

/** Sources that are made from others, or from other people's code. */
const MADE = new Set(["src/front/page/assets.ts", "src/front/server/http1/llhttp_wasm.ts"]);
/** A part of a message does not show where its sentence begins. */
const MESSAGE_WORDS = WORDS.filter(({ instead }) => !instead.startsWith("begin with"));

Deno.test("messages are free of the banned words", () => {
  const found = Array.from(sourcesIn("src/")).filter((path) => !MADE.has(path)).sort()
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

Deno.test("the texts of a source are its strings, templates and elements with a blank", () => {
  const source = 'import "a b";\nf("one two", `three ${x} four ${y}`, "five");\n// six seven\n';
  const texts = literalsOf("a.ts", source).map(({ line, text }) => [line, text]);
  assert.deepEqual(texts, [[1, "a b"], [2, "one two"], [2, "three "], [2, " four "]]);
  const page = literalsOf("a.tsx", "const x = <p>shown here</p>;\n");
  assert.deepEqual(page, [{ line: 1, text: "shown here" }]);
});
