/**
 * Entries of `virtual_rules`, in the words of ip-rule(8). If an entry has a word that vipd has no key for, the import
 * omits the whole entry.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import type { Entry } from "../entry.ts";
import type { Report } from "../finding.ts";
import type { Statement } from "../syntax/statement.ts";
import { asNumber, asTable, asWritten, lost } from "./routing_words.ts";

/** The key of vipd that an option becomes, and how its value is read. */
interface Option {
  readonly key: string;
  readonly read: (text: string) => string | number | null;
}

const table: Option = { key: "table", read: asTable };
const address = (key: string): Option => ({ key, read: asWritten });
const number = (key: string): Option => ({ key, read: asNumber });

const RULE_OPTIONS: ReadonlyMap<string, Option> = new Map([
  ["from", address("from")],
  ["to", address("to")],
  ["fwmark", number("fwmark")],
  ["iif", address("iif")],
  ["dev", address("iif")],
  ["oif", address("oif")],
  ["table", table],
  ["lookup", table],
  ["priority", number("priority")],
  ["preference", number("priority")],
  ["order", number("priority")],
]);

/** Words without information: the family, and the ordinary action. */
const SILENT: ReadonlySet<string> = new Set(["inet", "inet6", "unicast"]);

/** An entry of `rules`, possibly without a priority; `null`, with a finding, if vipd has no equivalent. */
export function readRule(statement: Statement, report: Report): Entry | null {
  const value: Record<string, string | number> = {};
  const words = [statement.keyword, ...statement.words].filter((word) => !SILENT.has(word));
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    // vipd puts back a rule that another program removed.
    if (word === "no_track") continue;
    const option = RULE_OPTIONS.get(word);
    if (!option) return lost(statement, quote(words.slice(at).join(" ")), report);
    const text = words[++at] ?? "";
    const read = text === "" ? null : option.read(text);
    if (read === null) return lost(statement, `${quote(`${word} ${text}`.trim())}`, report);
    value[option.key] = read;
  }
  for (const end of ["from", "to"]) if (value[end] === "all") delete value[end];
  if (value.table === undefined) return lost(statement, "it names no table", report);
  return { value, statement };
}
