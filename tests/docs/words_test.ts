/** README, docs and what developers read speak plain English, as far as a list of words can show it. */

import assert from "node:assert/strict";
import { ADDRESS_WORDS, bannedWords, type Word, WORDS } from "./words.ts";

const ROOT = new URL("../../", import.meta.url);

/** Documents whose words come from somewhere else as a whole, and from where. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "docs/failover-times.md": "written by the benchmark's script",
};

/** What a release said stays as it was. */
const FIRST_RELEASE = "\n## 0.1.0";

/** The changelog quotes the old words. */
function wordsOf(path: string): readonly Word[] {
  return path === "CHANGELOG.md" ? WORDS : [...WORDS, ...ADDRESS_WORDS];
}

async function documents(): Promise<Map<string, string>> {
  const names = await Array.fromAsync(Deno.readDir(new URL("docs/", ROOT)), ({ name }) => name);
  const paths = [
    ...["README.md", "CONTRIBUTING.md", "RELEASING.md", "CHANGELOG.md"],
    ...names.filter((name) => name.endsWith(".md")).sort()
      .map((name) => `docs/${name}`),
  ];
  const read = async (path: string) => {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    return [path, path === "CHANGELOG.md" ? text.split(FIRST_RELEASE)[0]! : text] as const;
  };
  return new Map(await Promise.all(paths.map(read)));
}

Deno.test("README, docs and what developers read are free of the banned words", async () => {
  const own = [...await documents()].filter(([path]) => !(path in EXCEPTIONS));
  const found = own.flatMap(([path, text]) =>
    bannedWords(text, wordsOf(path)).map(({ line, found, instead }) =>
      `${path}:${line}: "${found}"; write: ${instead}`
    )
  );
  assert.deepEqual(found, [], `\n${found.join("\n")}`);
});

Deno.test("a document that is excepted says what writes it, and has words to except", async () => {
  const texts = await documents();
  for (const path of Object.keys(EXCEPTIONS)) {
    const text = texts.get(path) ?? "";
    assert.match(text, /\bWritten\s+(?:from|by)\b/, path);
    assert.notDeepEqual(bannedWords(text), [], `${path} is plain English: no exception is needed`);
  }
});

Deno.test("a banned word is found with its line, in whatever part of the prose it stands", () => {
  const cases: readonly (readonly [document: string, line: number, found: string])[] = [
    ["vipd tells it.\n", 1, "tells"],
    ["# One\n\nIt is put back by\nhand.\n", 3, "by hand"],
    ["| key | meaning |\n| --- | --- |\n| `a` | mended |\n", 3, "mended"],
    ["- one\n- What fails is repaired.\n", 2, "What"],
    ["vipd runs. Where it fails,\nit stops.\n", 1, "Where"],
    ["It takes the\norders of `vipd`.\n", 2, "orders"],
    ["The order ends.\n", 1, "The order"],
    ["An id of the order, such as\n", 1, "the order"],
    ["| it waits, by order |\n", 1, "by order"],
    ["It waits, for\nit must.\n", 1, ", for it"],
    ["```sh\nvipd status\n```\n\nWhoever looks\n", 5, "Whoever"],
    ["- `tests/a_test.ts`: a name\n  ends\n- told\n", 3, "told"],
    ["The master lets\ngo.\n", 1, "lets go"],
    ["vipd takes its addresses off.\n", 1, "takes its addresses off"],
    ["An address cannot be put on its interface.\n", 1, "address cannot be put on"],
    ["<!-- generated: begin -->\ntold\n<!-- generated: end -->\n\nanew\n", 5, "anew"],
  ];
  for (const [document, line, found] of cases) {
    const [first] = bannedWords(document, wordsOf("docs/a.md"));
    assert.deepEqual([first?.line, first?.found], [line, found], document);
  }
});

Deno.test("quoted output, code, generated parts, names of tests and questions are not prose", () => {
  const documents = [
    "```console\n$ vipd check\nit was told anew\n```\n",
    "The state is `promoted by hand`, an\n`order\nby hand`.\n",
    "<!-- written by deno task -->\n| told |\n<!-- end of what is written -->\n",
    "<!-- generated from the findings -->\n- shall\n",
    "| a | `tests/front/app_test.ts`: who may read is told; `tests/a_test.ts`: shall |\n",
    "- a\n  - `tests/a_test.ts`: a name goes on\n    as it was told\n  - b\n",
    "[a link](what-is-told.md#whoever)\n",
    "What do I do? Where is\nit? They are in this order, as in the\norder of the file.\n",
    "The order of the addresses, in another order.\n",
    "vipd adds\nWhat it needs.\n",
    "Let keepalived go on balancing; put the file on a local disk.\n",
  ];
  for (const document of documents) {
    assert.deepEqual(bannedWords(document, wordsOf("docs/a.md")), [], document);
  }
});
