import assert from "node:assert/strict";
import { decodeOverrides, encodeOverrides } from "../../../src/node/overrides/stored_override.ts";

const SINCE = Date.UTC(2026, 2, 1, 10);
const OVERRIDES: Parameters<typeof encodeOverrides>[0] = [
  { instance: "VI_1", override: { kind: "demoted" }, sinceMs: SINCE, untilMs: null },
  { instance: "VI_2", override: { kind: "promoted" }, sinceMs: SINCE, untilMs: SINCE + 600_000 },
  {
    instance: "VI_3",
    override: { kind: "priority", priority: 120 },
    sinceMs: SINCE,
    untilMs: null,
  },
];

Deno.test("the standing overrides are read as they were written", () => {
  for (const overrides of [[], OVERRIDES]) {
    assert.deepEqual(decodeOverrides(encodeOverrides(overrides)), { ok: true, overrides });
  }
});

Deno.test("a person can read and edit the text", () => {
  const override = { kind: "demoted" } as const;
  const overrides = [{ instance: "1", override, sinceMs: SINCE, untilMs: null }];
  const text = `{
  "format": "vipd-state",
  "version": 1,
  "orders": [
    {
      "instance": "1",
      "kind": "demoted",
      "since": "2026-03-01T10:00:00.000Z",
      "until": null
    }
  ]
}
`;
  assert.equal(encodeOverrides(overrides), text);
  assert.deepEqual(decodeOverrides(text), { ok: true, overrides });
  assert.equal(decodeOverrides(text.replace('"1"', '""')).ok, false);
});

Deno.test("a text that was cut off anywhere is refused whole", () => {
  const text = encodeOverrides(OVERRIDES).trimEnd();
  for (let length = 0; length < text.length; length++) {
    assert.equal(decodeOverrides(text.slice(0, length)).ok, false, `${length} characters`);
  }
});

const VALID = encodeOverrides(OVERRIDES);
const WRONG: readonly [what: string, text: string, problem: RegExp][] = [
  ["nothing", "", /damaged or cut off/],
  ["octets of anything", "\0\xff\xfe", /damaged or cut off/],
  ["JSON of something else", '{"orders": []}', /not a state file of vipd/],
  ["null", "null", /not a state file of vipd/],
  [
    "a newer format",
    VALID.replace('"version": 1', '"version": 2'),
    /format 2, this vipd reads format 1/,
  ],
  ["an unknown order", VALID.replace("demoted", "deposed"), /damaged at orders\.0/],
  ["a priority out of range", VALID.replace("120", "255"), /damaged at orders\.2\.priority/],
  ["a time that is none", VALID.replace(/2026-03-01T10:10:00.000Z/, "soon"), /orders\.1\.until/],
  ["a key too many", VALID.replace('"orders"', '"more": 1, "orders"'), /damaged at its top/],
];

for (const [what, text, problem] of WRONG) {
  Deno.test(`${what} is no state, and it is said why`, () => {
    assert.notEqual(text, VALID);
    const decoded = decodeOverrides(text);
    assert.ok(!decoded.ok);
    assert.match(decoded.problem, problem);
  });
}
