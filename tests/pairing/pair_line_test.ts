import assert from "node:assert/strict";
import { formatPairLine, readPairLine } from "../../src/pairing/pair_line.ts";

const LINE = {
  host: "192.168.31.11",
  port: 9112,
  secret: new Uint8Array(16).fill(0xfb),
  fingerprint: new Uint8Array(32).fill(0xff),
};
const TEXT = formatPairLine(LINE);

Deno.test("the line reads back, with blanks around it, and of IPv6", () => {
  assert.deepEqual(readPairLine(` ${TEXT}\r\n`), LINE);
  for (const quoted of [`"${TEXT}"`, `'${TEXT}'`, `\`${TEXT}\``, `“${TEXT}”`, `<${TEXT}> `]) {
    assert.deepEqual(readPairLine(quoted), LINE, quoted);
  }
  const six = { ...LINE, host: "fd00::11" };
  assert.match(formatPairLine(six), /^vipd-pair\/1\/\[fd00::11\]:9112\/[\w-]{22}\/[\w-]{43}$/);
  assert.deepEqual(readPairLine(formatPairLine(six)), six);
});

for (
  const [what, text, reason] of [
    ["nothing", "  ", /nothing was pasted/],
    ["something else", "ssh root@lb01", /not the whole line/],
    ["a part of it", TEXT.slice(0, 60), /not the whole line|damaged/],
    ["one without its end", TEXT.slice(0, -1), /damaged/],
    ["one of another version", TEXT.replace("/1/", "/2/"), /another version/],
    ["one with another address", TEXT.replace("192.168.31.11", "lb01"), /damaged/],
  ] as const
) {
  Deno.test(`a line that is ${what} is refused in one sentence that does not quote it`, () => {
    const refused = readPairLine(text);
    assert.ok(typeof refused === "string");
    assert.match(refused, reason);
    assert.ok(!refused.includes("-_v7"), "a secret");
  });
}
