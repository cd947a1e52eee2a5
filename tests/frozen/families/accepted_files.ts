/**
 * What 0.1.0 takes of the files that a later vipd leaves, as JSON Schema: after a downgrade the standing orders are in force
 * and the journal goes on. kept_test.ts holds this description to what 0.1.0 says of many files.
 *
 * @module
 */

/** RFC 3339 in UTC, as 0.1.0 reads a time. */
const TIME = {
  type: "string",
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?Z$",
};

function order(kind: string, more: Readonly<Record<string, object>>): object {
  const properties = {
    kind: { const: kind },
    instance: { type: "string", minLength: 1 },
    since: TIME,
    until: { anyOf: [TIME, { type: "null" }] },
    ...more,
  };
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

/** `state.json`: one that has more is set aside whole. */
export const STATE_SCHEMA = {
  type: "object",
  properties: {
    format: { const: "vipd-state" },
    version: { const: 1 },
    orders: {
      type: "array",
      items: {
        anyOf: [
          order("promoted", {}),
          order("demoted", {}),
          order("priority", { priority: { type: "integer", minimum: 1, maximum: 254 } }),
        ],
      },
    },
  },
  required: ["format", "version", "orders"],
  additionalProperties: false,
} as const;

/** A line of `journal.jsonl`: one that differs is left out; what it has beyond this does not matter. */
export const ENTRY_SCHEMA = {
  type: "object",
  properties: {
    id: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    time: TIME,
    severity: { enum: ["error", "warning", "notice", "info", "debug"] },
    code: { type: "string" },
    message: { type: "string" },
    subject: { type: "string" },
  },
  required: ["id", "time", "severity", "code", "message"],
} as const;

/** The first line of a token file. */
export const TOKEN_LINE = /^[\x21-\x7e]{1,1024}$/;
