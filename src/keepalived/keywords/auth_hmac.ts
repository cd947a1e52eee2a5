/**
 * `auth_hmac { ... }` of an instance (keepalived 2.4): signed adverts. No message quotes a key.
 *
 * @module
 */

import { readHmacKey } from "../../config/values/hmac_key.ts";
import { quote } from "../../config/values/result.ts";
import type { Entry } from "../entry.ts";
import type { Report } from "../finding.ts";
import type { PartialHmac, PartialInstance } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";
import { carried, type Rules } from "./rules.ts";
import { readNumber } from "./values.ts";

const KEY = "instances[].authentication";
const KEY_ID = { min: 0, max: 255 };
/** keepalived's words and vipd's. */
const MODES: Readonly<Record<string, string>> = {
  "enforce": "enforce",
  "permissive": "permissive",
  "receive-only": "receive_only",
};

export const HMAC_RULES: Rules<PartialHmac> = {
  key: carried(`${KEY}.keys`, (partial, statement, report) => {
    const key = readKey(statement, report);
    if (key) partial.keys.push(key);
  }, { maxWords: Infinity, adds: true }),
  active_key: carried(`${KEY}.active_key`, (partial, statement, report) => {
    const value = readNumber(statement, KEY_ID, report);
    if (value !== null) partial.activeKey = { value, statement };
  }),
  anti_replay: carried(`${KEY}.replay`, (partial, statement, report) => {
    const value = readChoice(statement, { time: "time", monotonic: "monotonic" }, report);
    if (value !== null) partial.replay = value;
  }),
  time_window: carried(`${KEY}.window`, (partial, statement, report) => {
    const value = readNumber(statement, { min: 1, max: 300 }, report);
    if (value !== null) partial.windowS = value;
  }),
  mode: carried(`${KEY}.mode`, (partial, statement, report) => {
    const value = readChoice(statement, MODES, report);
    if (value !== null) partial.mode = value;
  }),
};

/**
 * `key ID HEX`. A key that cannot be read is an error, because without it vipd would refuse the other node's adverts.
 */
function readKey(statement: Statement, report: Report): PartialHmac["keys"][number] | null {
  const [id = "", digits = "", ...more] = statement.words;
  const key = digits.replace(/^0x/i, "");
  const read = readHmacKey(key);
  if (more.length > 0 || !/^\d{1,3}$/.test(id) || Number(id) > KEY_ID.max) {
    const message = "it is not a number from 0 to 255 and hexadecimal digits";
    report.add("error", statement, message, "write `key ID DIGITS` and import again");
    return null;
  }
  if (read.ok) return { id: Number(id), key };
  report.add("error", statement, read.problem.message, read.problem.hint);
  return null;
}

function readChoice(
  statement: Statement,
  choices: Readonly<Record<string, string>>,
  report: Report,
): string | null {
  const [word = ""] = statement.words;
  if (Object.hasOwn(choices, word)) return choices[word]!;
  const known = Object.keys(choices).join(", ");
  const message = `${quote(word)} is none of ${known}`;
  report.add("not_carried", statement, message, "correct it and import again");
  return null;
}

/** The value of `authentication` if adverts are signed. */
export function resolveHmac(
  { statement, keys, activeKey, replay, windowS, mode }: PartialHmac,
  { authType, authPass }: PartialInstance,
  report: Report,
): Entry | undefined {
  const password = authType?.statement ?? authPass?.statement;
  if (password) {
    const message = "with `auth_hmac` there is no password next to the signature";
    report.add("carried_differently", password, message, "remove it on the other node too");
  }
  if (keys.length === 0) {
    if (report.failed) return undefined;
    report.add("error", statement, "there is no key in it", "write `key ID DIGITS` into it");
    return undefined;
  }
  const value = {
    type: "hmac",
    keys,
    ...(activeKey === undefined ? {} : { active_key: activeKey.value }),
    ...(replay === undefined ? {} : { replay }),
    ...(windowS === undefined ? {} : { window: `${windowS}s` }),
    ...(mode === undefined ? {} : { mode }),
  };
  return { value, statement };
}
