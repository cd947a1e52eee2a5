import assert from "node:assert/strict";
import { differencesOf, type Json } from "./json.ts";

const CASES: readonly (readonly [name: string, before: Json, after: Json, lines: string[]])[] = [
  ["the same", { a: [1, "x"], b: null }, { b: null, a: [1, "x"] }, []],
  ["a changed value", { code: 0 }, { code: 1 }, ["~ /code 0 -> 1"]],
  ["another kind of value", { a: [] }, { a: {} }, ["~ /a [] -> {}"]],
  ["an added key", { a: 1 }, { a: 1, b: { c: 2 } }, ['+ /b {"c":2}']],
  ["a removed key", { a: 1, b: null }, { a: 1 }, ["- /b null"]],
  ["a key of every object", { a: 1 }, { a: 1, constructor: 2 }, ["+ /constructor 2"]],
  ["a deep value", { a: [{ b: 1 }] }, { a: [{ b: 2 }] }, ["~ /a/0/b 1 -> 2"]],
  ["an added element", { a: [1, 3] }, { a: [1, 2, 3] }, ["+ /a/* 2"]],
  ["a removed element", { a: [{ x: 1 }, 2] }, { a: [2] }, ['- /a/* {"x":1}']],
  ["an added line", { out: "a\nc\n" }, { out: "a\nb\nc\n" }, ["+ /out | b"]],
  ["a changed line", { out: "a\nb\n" }, { out: "a\nx\n" }, ["- /out | b", "+ /out | x"]],
  ["a moved line", { out: "a\nb\nc\n" }, { out: "b\nc\na\n" }, ["- /out | a", "+ /out | a"]],
  ["a short text", { err: "a" }, { err: "b" }, ['~ /err "a" -> "b"']],
  ["no text any more", { out: "a\nb" }, { out: "" }, ["- /out | a", "- /out | b", "+ /out | "]],
];

Deno.test("two values differ line by line, key by key, element by element", async (t) => {
  for (const [name, before, after, lines] of CASES) {
    await t.step(name, () => assert.deepEqual(differencesOf(before, after), lines));
  }
});

Deno.test("two long texts that have nothing in common are shown by their first line", () => {
  const text = (word: string) =>
    Array.from({ length: 5000 }, (_, index) => `${word} ${index}`).join("\n");
  assert.deepEqual(differencesOf({ out: text("old") }, { out: text("new") }), [
    "~ /out | from line 1: old 0 -> new 0",
  ]);
});

Deno.test("a long value is cut", () => {
  const [line = ""] = differencesOf({}, { a: "x".repeat(5000) });
  assert.ok(line.startsWith('+ /a "xxx') && line.endsWith("...") && line.length < 400, line);
});
