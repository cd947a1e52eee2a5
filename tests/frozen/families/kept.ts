/**
 * Files that outlive a run, as they are read: standing orders and the journal, whole and damaged.
 *
 * @module
 */

import { readJournal } from "../../../src/daemon/files/journal_file.ts";
import { decodeOverrides } from "../../../src/node/overrides/stored_override.ts";
import { withFiles } from "../folder.ts";
import type { Json } from "../json.ts";
import type { AskedFamily, Question } from "./family.ts";

/** The text of one file. */
export type KeptFile = { readonly file: "state.json" | "journal.jsonl"; readonly text: string };

export const KEPT: AskedFamily<KeptFile> = {
  name: "kept",
  origin: "source: what reads the files; the executable reads them only while it runs as a daemon",
  answer: async ({ file, text }) => {
    const read: unknown = file === "state.json" ? overrides(text) : await journal(text);
    return JSON.parse(JSON.stringify(read));
  },
};

/** In the words of 0.1.0. */
function overrides(text: string): unknown {
  const read = decodeOverrides(text);
  if (!read.ok) return read;
  const orders = read.overrides.map(({ override: order, ...rest }) => ({ ...rest, order }));
  return { ok: true, orders };
}

function journal(text: string): Promise<unknown> {
  return withFiles({ "journal.jsonl": text }, async (folder) => {
    const { entries, problems } = await readJournal(folder);
    return { entries, problems: problems.map((it) => it.replaceAll(folder, "{folder}")) };
  });
}

const HEAD = { format: "vipd-state", version: 1 };
const ORDER = {
  instance: "VI_1",
  kind: "promoted",
  since: "2026-03-01T10:00:00.000Z",
  until: null,
};

function state(name: string, value: Json): Question<KeptFile> {
  return [`orders: ${name}`, { file: "state.json", text: JSON.stringify(value) }];
}

function order(name: string, changes: { readonly [key: string]: Json }): Question<KeptFile> {
  return state(name, { ...HEAD, orders: [{ ...ORDER, ...changes }] });
}

const ENTRY = {
  id: 1,
  time: "2026-03-01T10:00:00.000Z",
  severity: "notice",
  code: "started",
  message: "vipd 0.1.0 starts",
};

function entries(name: string, ...lines: readonly (Json | undefined)[]): Question<KeptFile> {
  const text = lines.map((line) => `${line === undefined ? "" : JSON.stringify(line)}\n`).join("");
  return [`journal: ${name}`, { file: "journal.jsonl", text }];
}

function entry(name: string, changes: { readonly [key: string]: Json }): Question<KeptFile> {
  return entries(name, { ...ENTRY, ...changes });
}

export const KEPT_FILES: readonly Question<KeptFile>[] = [
  state("none", { ...HEAD, orders: [] }),
  order("promoted", {}),
  order("promoted for a while", { until: "2026-03-01T10:10:00.000Z" }),
  order("demoted", { kind: "demoted" }),
  order("a priority", { kind: "priority", priority: 120 }),
  order("a priority of 0", { kind: "priority", priority: 0 }),
  order("a priority of 255", { kind: "priority", priority: 255 }),
  order("a priority of 254", { kind: "priority", priority: 254 }),
  order("a priority of 1.5", { kind: "priority", priority: 1.5 }),
  order("a priority that is missing", { kind: "priority" }),
  order("a priority with a promote", { priority: 120 }),
  order("an unknown kind", { kind: "paused" }),
  order("a key of another version", { by: "ops" }),
  order("no name", { instance: "" }),
  order("a time that is none", { since: "yesterday" }),
  order("a time with an offset", { since: "2026-03-01T10:00:00+01:00" }),
  order("a time without fraction", { since: "2026-03-01T10:00:00Z" }),
  order("an end that is missing", { until: "never" }),
  state("a list", []),
  state("a number", 1),
  state("another format", { ...HEAD, format: "other", orders: [] }),
  state("another version", { ...HEAD, version: 2, orders: [] }),
  state("another version with more", { ...HEAD, version: 2, overrides: {} }),
  state("a key of another version at the top", { ...HEAD, orders: [], more: 1 }),
  state("no orders", HEAD),
  ["orders: an empty file", { file: "state.json", text: "" }],
  ["orders: a cut file", { file: "state.json", text: '{"format":"vipd-state","version":1,' }],
  entries("none"),
  entry("one", {}),
  entry("a subject", { subject: "VI_1" }),
  entry("a transition", {
    code: "state_changed",
    transition: { from: "init", to: "backup", reason: "startup" },
    priority: 150,
  }),
  entry("an alarm", { code: "alarm_raised", alarm: "flapping" }),
  entry("a code of another version", { code: "front_started" }),
  entry("a key of another version", { pid: 12 }),
  entry("an unknown severity", { severity: "fatal" }),
  entry("every severity: error", { severity: "error" }),
  entry("every severity: debug", { severity: "debug" }),
  entry("an id of 0", { id: 0 }),
  entry("an id that is a text", { id: "1" }),
  entry("a time that is none", { time: "yesterday" }),
  entry("a subject that is none", { subject: 5 }),
  entry("a message that is none", { message: 5 }),
  entries("a blank line", undefined, ENTRY, undefined, { ...ENTRY, id: 2 }),
  entries("ids that do not count up", { ...ENTRY, id: 2 }, ENTRY, { ...ENTRY, id: 2 }),
  entries("ids with a gap", ENTRY, { ...ENTRY, id: 7 }),
  ["journal: a cut line", {
    file: "journal.jsonl",
    text: `${JSON.stringify(ENTRY)}\n{"id":2,"time`,
  }],
];
