import assert from "node:assert/strict";
import { readRehearsedName, readRehearsedPath } from "../../../src/config/values/rehearsed.ts";

const LABEL = "a".repeat(50);
const LONGEST = Array(5).fill(LABEL).join(".").slice(0, 253);

const NAMES: readonly (readonly [text: string, value: string | null])[] = [
  ["www.example.com", "www.example.com"],
  ["WWW.Example.COM:8443", "www.example.com:8443"],
  ["localhost", "localhost"],
  ["a", "a"],
  ["x_1.test:80", "x_1.test:80"],
  [LONGEST.slice(0, 253), LONGEST.slice(0, 253)],
  [`${LONGEST}.a:65535`, null],
  ["www.example.com:65535", "www.example.com:65535"],
  ["www.example.com:65536", null],
  ["www.example.com:0", null],
  ["www.example.com:", null],
  ["", null],
  [":443", null],
  ["*.example.com", null],
  ["www..example.com", null],
  ["-www.example.com", null],
  ["www.example.com/", null],
  ["www.example.com\r\nX: y", null],
  ["[2001:db8::5]:443", null],
];

for (const [text, value] of NAMES) {
  Deno.test(`a name to rehearse: ${JSON.stringify(text.slice(0, 30))}`, () => {
    const read = readRehearsedName(text);
    assert.deepEqual(read.ok ? read.value : null, value);
  });
}

const PATHS: readonly (readonly [text: string, is: boolean])[] = [
  ["/", true],
  ["/health?deep=1", true],
  ["", false],
  ["health", false],
  ["/a b", false],
  ["/\r\nHost: x", false],
  [`/${"a".repeat(1001)}`, false],
];

for (const [text, is] of PATHS) {
  Deno.test(`a path to rehearse: ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.equal(readRehearsedPath(text).ok, is);
  });
}
