/** Whatever the documents point at is there: files, headings in them, and the sources and tests that they name. */

import assert from "node:assert/strict";
import { lostTests } from "./behaviour.ts";
import { anchorOf } from "./fresh.ts";

const ROOT = new URL("../../", import.meta.url);

async function documents(): Promise<Map<string, string>> {
  const paths = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "RELEASING.md"];
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    if (name.endsWith(".md")) paths.push(`docs/${name}`);
  }
  const read = async (path: string) =>
    [path, await Deno.readTextFile(new URL(path, ROOT))] as const;
  return new Map(await Promise.all(paths.map(read)));
}

/** What stands in fences is shown, not linked. */
function withoutFences(text: string): string {
  return text.replace(/^( *)```[\s\S]*?^ *```$/gm, "");
}

/** The anchors of the headings. */
export function anchorsOf(text: string): string[] {
  const headings = withoutFences(text).matchAll(/^#{1,6} +(.+)$/gm);
  return Array.from(headings, ([, heading]) => anchorOf(heading!));
}

/** Targets of links and pictures that are neither on the web nor mail. */
export function localTargets(text: string): string[] {
  const links = withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g);
  return Array.from(links, ([, target]) => target!).filter((target) =>
    !/^(https?|mailto):/.test(target)
  );
}

async function isThere(url: URL): Promise<boolean> {
  return await Deno.stat(url).then(() => true, () => false);
}

Deno.test("every link of the documents leads to a file, and to a heading of it", async () => {
  const texts = await documents();
  const broken: string[] = [];
  let count = 0;
  for (const [path, text] of texts) {
    for (const target of localTargets(text)) {
      count++;
      const [file, anchor] = target.split("#") as [string, string | undefined];
      const url = file === "" ? new URL(path, ROOT) : new URL(file, new URL(path, ROOT));
      const there = await isThere(url) && (anchor === undefined ||
        anchorsOf(await Deno.readTextFile(url)).includes(anchor));
      if (!there) broken.push(`${path}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(count > 50, `only ${count} links were found`);
});

Deno.test("every source, test and example that the documents name exists", async () => {
  const missing: string[] = [];
  for (const [path, text] of await documents()) {
    const named = text.matchAll(/`((?:src|tests|lab|build|demo|config)\/[\w./-]*)`/g);
    for (const [, name] of named) {
      // NAME stands for a file that the reader is about to write.
      if (!name!.includes("NAME") && !await isThere(new URL(name!, ROOT))) {
        missing.push(`${path}: ${name}`);
      }
    }
  }
  assert.deepEqual(missing, []);
});

/** The tests that a document names: an item of a list or, in a table, ``FILE`: NAME; `FILE`: NAME`. */
export function testsIn(text: string): { readonly file: string; readonly name: string }[] {
  // An item goes on over the end of its line.
  const lines = text.replace(/\n +(?![-*] )(?=\S)/g, " ").split("\n");
  return lines.flatMap((line) => {
    const pattern = line.startsWith("|")
      ? /`(tests\/[\w./-]+_test\.ts)`: (.+?)(?=; `|\s*\|)/g
      : /^ *- `(tests\/[\w./-]+_test\.ts)`: (.+)$/g;
    return Array.from(line.matchAll(pattern), ([, file, name]) => ({ file: file!, name: name! }));
  });
}

Deno.test("every test that the documents name is in its file", async () => {
  const texts = await documents();
  // Some of its names stand for a row of a table, or for a number: tests/conformance holds them to the ledger.
  texts.delete("docs/conformance.md");
  const named = Array.from(texts.values()).flatMap(testsIn);
  assert.deepEqual(await lostTests(ROOT, named), []);
  assert.ok(named.length > 200, `only ${named.length} were found`);
});

Deno.test("a test that a table or a list names is found, and missed if its file lacks it", async () => {
  const file = "tests/docs/links_test.ts";
  const names = [
    "links and anchors are found as a browser would",
    "nobody has written this " + "one",
  ];
  const row = `| a | ${names.map((name) => `\`${file}\`: ${name}`).join("; ")} |`;
  const list = `- a\n  - \`${file}\`: ${names[0]!.replace(" as ", "\n    as ")}\n  - \`${file}\`: ${
    names[1]
  }\n- b\n`;
  for (const text of [row, list]) {
    assert.deepEqual(testsIn(text).map(({ name }) => name), names);
    assert.deepEqual(await lostTests(ROOT, testsIn(text)), [`${file}: ${names[1]}`]);
  }
});

Deno.test("every document is linked from the index, and the index from the README", async () => {
  const texts = await documents();
  const [readme, index] = ["README.md", "docs/README.md"] as const;
  assert.ok(localTargets(texts.get(readme)!).includes(index));
  const linked = localTargets(texts.get(index)!)
    .map((target) => new URL(target.split("#")[0]!, new URL(index, ROOT)).href);
  const lost = [...texts.keys()].filter((path) =>
    path !== index && !linked.includes(new URL(path, ROOT).href)
  );
  assert.deepEqual(lost, []);
});

Deno.test("links and anchors are found as a browser would", () => {
  assert.deepEqual(
    localTargets("[a](b.md#c) ![d](e.png) [f](https://g.example)\n```\n[h](i)\n```\n"),
    [
      "b.md#c",
      "e.png",
    ],
  );
  assert.deepEqual(anchorsOf("# A `b_c`: d\n## `GET /readyz`\n```sh\n# no\n```\n"), [
    "a-b_c-d",
    "get-readyz",
  ]);
});
