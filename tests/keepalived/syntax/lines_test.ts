/** Includes and file name patterns. */

import assert from "node:assert/strict";
import { Report } from "../../../src/keepalived/finding.ts";
import { expandGlob, folderOf, joinPath, normalPath } from "../../../src/keepalived/syntax/glob.ts";
import { gatherLines } from "../../../src/keepalived/syntax/lines.ts";
import { filesOf, importText, instanceWith, told } from "../support.ts";

async function gather(files: Readonly<Record<string, string>>, path = "/etc/k/main.conf") {
  const report = new Report();
  const { files: read, lines } = await gatherLines(path, filesOf(files), report);
  const text = lines.filter(({ read }) => read !== null)
    .map((line) => line.text).filter((line) => line !== "").join("; ");
  return { read, text, lines, findings: told(report.sorted(read)) };
}

Deno.test("included lines stand in the place of their include, with their own file and line", async () => {
  const { text, lines, read, findings } = await gather({
    "/etc/k/main.conf": "a\ninclude one.conf\nb\n  includea sub/*.conf # all\n#include no\nc",
    "/etc/k/one.conf": "x",
    "/etc/k/sub/1.conf": "y\ninclude ../two.conf",
    "/etc/k/sub/2.conf": "z",
    "/etc/k/sub/.hidden.conf": "h",
    "/etc/k/two.conf": "w",
  });
  assert.equal(text, "a; x; b; y; w; z; #include no; c");
  assert.deepEqual(findings, []);
  assert.deepEqual(read, [
    "/etc/k/main.conf",
    "/etc/k/one.conf",
    "/etc/k/sub/1.conf",
    "/etc/k/two.conf",
    "/etc/k/sub/2.conf",
  ]);
  const w = lines.find((line) => line.text === "w");
  assert.deepEqual(w, { file: "/etc/k/two.conf", line: 1, text: "w" });
});

Deno.test("line ends of all systems are line ends", async () => {
  const { lines } = await gather({ "/etc/k/main.conf": "a\r\nb\nc\rd" });
  assert.deepEqual(lines.map(({ text, line }) => [text, line]), [["a", 1], ["b", 2], ["c", 3], [
    "d",
    4,
  ]]);
});

Deno.test("what cannot be included is reported at the line that wants it", async (t) => {
  const cases: readonly [string, Record<string, string>, RegExp][] = [
    [
      "a missing file",
      {},
      /main\.conf:1: loss: include: "\/etc\/k\/x" cannot be read: there is no such file; keepalived goes on/,
    ],
    [
      "a missing file that must be there",
      { "/etc/k/main.conf": "includea x" },
      /main\.conf:1: error: includea: "\/etc\/k\/x" cannot be read: there is no such file/,
    ],
    ["itself", { "/etc/k/x": "include main.conf" }, /\/x:1: error: include: .* includes itself: /],
    [
      "itself by another path",
      { "/etc/k/x": "include ../k/./x" },
      /x:1: error: .* includes itself/,
    ],
  ];
  for (const [name, files, pattern] of cases) {
    await t.step(name, async () => {
      const { findings } = await gather({ "/etc/k/main.conf": "include x", ...files });
      assert.equal(findings.length, 1);
      assert.match(findings[0]!, pattern);
    });
  }
});

Deno.test("a pattern without a file is advice, a main file that is missing is an error", async () => {
  const { findings } = await gather({ "/etc/k/main.conf": "include none/*.conf" });
  assert.match(findings[0]!, /:1: note: include: no file matches "\/etc\/k\/none\/\*\.conf"/);
  const missing = await gather({});
  assert.match(
    missing.findings[0]!,
    /^\/etc\/k\/main\.conf:1: error: "\/etc\/k\/main\.conf" cannot/,
  );
});

Deno.test("files that include each other more and more come to an end", async () => {
  const files: Record<string, string> = { "/etc/k/main.conf": "include f0\ninclude f0" };
  for (let i = 0; i < 20; i++) files[`/etc/k/f${i}`] = `include f${i + 1}\ninclude f${i + 1}`;
  files["/etc/k/f20"] = "x";
  const { findings } = await gather(files);
  assert.ok(findings.some((finding) => finding.includes("more than 1000 files")));
});

Deno.test("a thousand files may be included, the first one counts", async () => {
  for (const more of [0, 1]) {
    const { findings } = await gather({
      "/etc/k/main.conf": "include x\n".repeat(999 + more),
      "/etc/k/x": "x",
    });
    assert.equal(findings.length, more);
    if (more > 0) assert.match(findings[0]!, /main\.conf:1000: error: .*more than 1000 files/);
  }
});

Deno.test("a line that is not UTF-8 is one error, unless that is in a comment", async () => {
  const { findings } = await importText(instanceWith("bog\ufffdus 1 2\n# a\ufffd"));
  assert.equal(findings.length, 1, told(findings).join("\n"));
  assert.match(told(findings)[0]!, /^keepalived\.conf:5: error: the line is not UTF-8 text/);
});

Deno.test("the environment is asked once, and only for the name of a file", async (t) => {
  const cases: readonly [name: string, main: string, asked: number, lines: string][] = [
    ["in no name", "x ${_ENV PRIORITY}\ninclude 150", 0, "x ${_ENV PRIORITY}; a"],
    ["in a name", "include ${_ENV PRIORITY}", 1, "a"],
    ["in two", "include ${_ENV PRIORITY}\ninclude ${_ENV PRIORITY}", 1, "a; a"],
    ["by a parameter", "$N=150\ninclude ${N}", 0, "$N=150; a"],
    [
      "by another node's parameter",
      "@^x $N=150\n@x $N=1\ninclude ${N}",
      0,
      "@^x $N=150; @x $N=1; a",
    ],
  ];
  for (const [name, main, wanted, want] of cases) {
    await t.step(name, async () => {
      let asked = 0;
      const files = filesOf({ "/main": main, "/150": "a" });
      const report = new Report();
      const { lines } = await gatherLines("/main", {
        ...files,
        readEnvironment: () => {
          asked++;
          return files.readEnvironment!();
        },
      }, report);
      const kept = lines.filter(({ read }) => read !== null).map(({ text }) => text);
      assert.deepEqual([kept.join("; "), asked], [want, wanted]);
    });
  }
});

Deno.test("a pattern for which too many folders would be looked through is an error", async () => {
  const report = new Report();
  const { files } = await gatherLines("/main", {
    ...filesOf({ "/main": "include /*/*.conf\nx" }),
    listFolder: (path) =>
      Promise.resolve(
        path === "/" ? Array.from({ length: 1000 }, (_, at) => `d${at}`) : ["a.conf"],
      ),
  }, report);
  const found = told(report.sorted(files));
  assert.deepEqual(files, ["/main"]);
  assert.equal(found.length, 1);
  assert.match(
    found[0]!,
    /^\/main:1: error: include: too many folders and files .* "\/\*\/\*\.conf"/,
  );
});

Deno.test("a line of 1023 octets is not read, and what follows them is a line", async (t) => {
  const cases: readonly [name: string, line: string, read: string | undefined, keyword?: string][] =
    [
      ["one octet less", `state ${"x".repeat(1016)}`, undefined],
      ["letters", `state ${"x".repeat(1017)}`, "", "state"],
      ["longer letters", `a ${"€".repeat(341)}`, "\ufffd\ufffd", "a"],
      ["as many letters as octets", "€".repeat(341), "", "€".repeat(341)],
      ["one octet more", `state ${"x".repeat(1017)}y`, "y", "state"],
      ["twice as many", `state ${"x".repeat(2040)}y`, "y", "state"],
      ["a comment", `# ${"x".repeat(1021)}`, ""],
      ["a comment that becomes a line", `# ${"x".repeat(1021)}y`, "y", ""],
    ];
  for (const [name, line, read, keyword] of cases) {
    await t.step(name, async () => {
      const report = new Report();
      const { lines } = await gatherLines("/main", filesOf({ "/main": line }), report);
      assert.equal(lines[0]!.read, read);
      const found = report.sorted([]).filter(({ severity }) => severity === "note");
      assert.deepEqual(found.map((each) => each.keyword), keyword === undefined ? [] : [keyword]);
    });
  }
});

Deno.test("files of 16 MiB in all may be included, and nothing after them", async () => {
  const main = "include big\ninclude x";
  for (const over of [0, 1]) {
    const big = "#".repeat(16 * 1024 * 1024 - main.length + over);
    const { read, findings } = await gather({
      "/etc/k/main.conf": main,
      "/etc/k/big": big,
      "/etc/k/x": "x",
    });
    assert.equal(read.includes("/etc/k/x"), over === 0);
    assert.equal(findings.length, over);
    if (over > 0) assert.match(findings[0]!, /more than 16777216 characters are included/);
  }
});

Deno.test("patterns match as glob(7) says", async (t) => {
  const names = ["a.conf", "b.conf", "ab.conf", "A.conf", ".x.conf", "a-b", "a]b", "a^b"];
  const list = () => Promise.resolve(names);
  const cases: readonly [string, string[]][] = [
    ["*.conf", ["A.conf", "a.conf", "ab.conf", "b.conf"]],
    ["?.conf", ["A.conf", "a.conf", "b.conf"]],
    ["[ab].conf", ["a.conf", "b.conf"]],
    ["[!a].conf", ["A.conf", "b.conf"]],
    ["[a-z].conf", ["a.conf", "b.conf"]],
    ["[z-a].conf", []],
    [".*", [".x.conf"]],
    ["a?b", ["a-b", "a]b", "a^b"]],
    ["{a,b}.conf", ["a.conf", "b.conf"]],
    ["x{a,{b,c}}?", []],
    ["a{-,.con}{b,f}", ["a-b", "a-f", "a.conb", "a.conf"]],
    ["a[-^]b", ["a-b", "a^b"]],
    ["[^a]*b", []],
    ["a*", ["a-b", "a.conf", "a]b", "a^b", "ab.conf"]],
    ["plain.conf", ["plain.conf"]],
    ["*.(conf|x)", []],
  ];
  for (const [pattern, want] of cases) {
    await t.step(pattern, async () => {
      assert.deepEqual(await expandGlob(pattern, list), { paths: want, tooMany: false });
    });
  }
});

Deno.test("a * takes more of a name until the rest fits", async () => {
  const cases: readonly [pattern: string, name: string, fits: boolean][] = [
    ["*ab", "aab", true],
    ["*ab", "abab", true],
    ["*aab", "aaab", true],
    ["*ab", "aba", false],
    ["a*bc*d", "abbcbcd", true],
    ["a*bc*d", "abbcbc", false],
    ["a*?", "a", false],
    ["a*?", "ab", true],
    ["ab**", "ab", true],
    ["ab?", "ab", false],
    ["*b", "ba", false],
  ];
  for (const [pattern, name, fits] of cases) {
    const { paths } = await expandGlob(pattern, () => Promise.resolve([name]));
    assert.deepEqual(paths, fits ? [name] : [], `${pattern} and ${name}`);
  }
});

Deno.test("no pattern takes long, whatever it matches", async () => {
  const name = "a".repeat(200);
  const list = () => Promise.resolve([name]);
  assert.deepEqual((await expandGlob(`${"*a".repeat(25)}b`, list)).paths, []);
  assert.deepEqual((await expandGlob(`${"*a".repeat(25)}`, list)).paths, [name]);
  let listed = 0;
  const wide = () =>
    Promise.resolve(Array.from({ length: 100 }, (_, index) => `${++listed}${index}`));
  const { tooMany } = await expandGlob("/*/*/*/*/*", wide);
  assert.equal(tooMany, true);
  assert.ok(listed <= 100 * 1001, `${listed} names`);
});

Deno.test("one file has one path", () => {
  const cases: readonly [string, string][] = [
    ["/a/b/../c", "/a/c"],
    ["./a//b/./c", "a/b/c"],
    ["../../a", "../../a"],
    ["a/../../b", "../b"],
    ["/", "/"],
  ];
  for (const [path, want] of cases) assert.equal(normalPath(path), want, path);
});

Deno.test("folders and names are put together and taken apart", () => {
  const folders: readonly [string, string][] = [
    ["/etc/k/main.conf", "/etc/k"],
    ["/main.conf", "/"],
    ["a/b", "a"],
    ["main.conf", ""],
  ];
  for (const [path, want] of folders) assert.equal(folderOf(path), want, path);
  const joined: readonly [string, string, string][] = [
    ["/etc/k", "a", "/etc/k/a"],
    ["/", "a", "/a"],
    ["", "a", "a"],
    ["/etc/k", "/a", "/a"],
  ];
  for (const [base, name, want] of joined) assert.equal(joinPath(base, name), want, want);
});

Deno.test("a pattern has a thousand alternatives at most, in the order in which they are written", async () => {
  const list = () => Promise.resolve([]);
  const choices = (count: number) => Array.from({ length: count }, (_, number) => `${number}`);
  const expanded = async (count: number) =>
    (await expandGlob(`{${choices(count).join()}}`, list)).paths;
  assert.deepEqual(await expanded(1000), choices(1000));
  assert.deepEqual(await expanded(1001), []);
});
