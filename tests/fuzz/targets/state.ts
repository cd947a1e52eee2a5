import { decodeOverrides, encodeOverrides } from "../../../src/node/overrides/stored_override.ts";
import { mutateText } from "../mutate_text.ts";
import { fuzzTarget, must } from "../target.ts";

const SINCE_MS = Date.UTC(2026, 2, 1, 10);
const ORDERS: Parameters<typeof encodeOverrides>[0] = [
  { instance: "VI_1", override: { kind: "promoted" }, sinceMs: SINCE_MS, untilMs: null },
  {
    instance: "VI_2",
    override: { kind: "demoted" },
    sinceMs: SINCE_MS,
    untilMs: SINCE_MS + 600_000,
  },
  {
    instance: "VI_3",
    override: { kind: "priority", priority: 120 },
    sinceMs: SINCE_MS,
    untilMs: null,
  },
];
const CORPUS = [
  encodeOverrides([]),
  ...ORDERS.map((it) => encodeOverrides([it])),
  encodeOverrides(ORDERS),
];
const PIECES = [
  '"version": 2',
  '"format": "vipd-state"',
  '"kind": "priority"',
  '"priority": 254',
  '"until": null',
  "2026-03-01T10:00:00.000Z",
  "[]",
  "{}",
];

export const STATE = fuzzTarget<string>({
  name: "state",
  title:
    "the state file: taken whole, or refused with what is wrong; what is taken is written alike",
  reaches: ["taken", "refused"],
  make: (random) => mutateText(CORPUS, PIECES, random),
  check(text) {
    const decoded = decodeOverrides(text);
    if (!decoded.ok) {
      must(decoded.problem.length > 0, "a refusal says why");
      return "refused";
    }
    const again = decodeOverrides(encodeOverrides(decoded.overrides));
    must(JSON.stringify(again) === JSON.stringify(decoded), "what is taken is written alike");
    return "taken";
  },
  show: (text) => JSON.stringify(text),
});
