/**
 * The API's other answers, next to the status model, as zod schemas: the source of the OpenAPI document. The compiler
 * compares each with its type, so that neither can contain more than the other.
 *
 * @module
 */

import * as z from "zod";
import type { CommandAnswer, ReloadAnswer } from "../../api/answer_shapes.ts";
import { PROBLEM_STATUS, type ProblemCode, type ProblemDocument } from "../../api/problem.ts";
import { CODE_KINDS, type CodeKind } from "../../codes/kinds.ts";
import type { CodeExplanation } from "../../codes/explanation.ts";
import { DIAGNOSTIC_CODES, type DiagnosticCode } from "../../config/diagnostics.ts";
import { type JournalEntry, SEVERITIES } from "../../status/journal.ts";
import { commandClient, commandReason } from "../../status/schemas/command_origin.ts";
import type { Readiness } from "../../status/readiness.ts";
import { instance } from "../../status/schemas/instance.ts";
import { probation } from "../../status/schemas/node.ts";
import { verdict } from "../../status/schemas/pair.ts";
import { count, keysOf, named, routerState, severity, time } from "../../status/schemas/terms.ts";

export const journalEntry = z.strictObject({
  id: z.int().min(1),
  time,
  severity: z.enum(SEVERITIES),
  code: z.string(),
  message: z.string(),
  subject: z.string().optional().describe("The instance or check it is about"),
  alarm: z.string().optional(),
  transition: z.strictObject({ from: z.string(), to: z.string(), reason: z.string() }).optional(),
  priority: z.int().optional().describe("The effective priority, with a transition"),
  trial: z.literal(true).optional().describe(
    "The mastership that ends with this transition only tried out what the kernel still refuses",
  ),
  verdict: z.strictObject({ from: verdict.nullable(), to: verdict }).optional().describe(
    "With the code `verdict_changed`; `from` is null for the first verdict of a run",
  ),
  by: commandClient.optional().describe("Who gave or ended an override"),
  reason: commandReason.optional().describe(
    "Why an override was given or ended, in that person's words",
  ),
}).register(named, { id: "JournalEntry", description: "Something that happened." });

export const commandAnswer = z.strictObject({
  took_ms: count,
  instance,
  peers: z.array(z.strictObject({
    name: z.string(),
    peer: z.string().describe("The same as `name`"),
    state: routerState,
  })).describe("What the reachable peers said last of the same virtual router"),
  not_kept: z.string().optional().describe(
    "Why a restart would forget the override, which is in force; absent where it is on the disk",
  ),
}).register(named, {
  id: "OrderAnswer",
  description: "The outcome of a command.",
}) satisfies z.ZodType<CommandAnswer>;

export const liveness = z.strictObject({ status: z.literal("ok") }).register(named, {
  id: "Liveness",
  description: "The process answers.",
});

export const readinessAnswer = z.strictObject({
  status: z.enum(["ready", "not_ready"]),
  reasons: z.array(z.string()),
}).register(named, {
  id: "Readiness",
  description: "Whether the node can be counted on, and why not.",
}) satisfies z.ZodType<Readiness>;

export const codeExplanation = z.strictObject({
  code: z.string(),
  meanings: z.array(z.strictObject({
    kind: z.enum(keysOf<CodeKind>(CODE_KINDS)),
    seen: z.string().describe("Where it is seen"),
    meaning: z.string().describe("One sentence"),
    severity: severity.optional().describe("Of an alarm"),
    status: z.int().optional().describe("The HTTP status of an error of the API"),
    remedy: z.string().optional().describe("What to do about it"),
    text: z.string().optional().describe("All that there is to say about it, with commands"),
  })).describe("One for each kind of code that has this name; all texts are Markdown"),
}).register(named, {
  id: "CodeExplanation",
  description: "What a code means.",
}) satisfies z.ZodType<
  CodeExplanation
>;

const diagnostic = z.strictObject({
  severity,
  code: z.enum(keysOf<DiagnosticCode>(DIAGNOSTIC_CODES)),
  file: z.string(),
  line: z.int().min(1).nullable(),
  column: z.int().min(1).nullable(),
  key: z.string().nullable().describe("Where in the file: instances[0].vrid"),
  message: z.string(),
  hint: z.string().describe("What to do about it"),
  excerpt: z.string().nullable().describe("The file's line, passwords masked"),
  unreadable: z.string().exactOptional().describe(
    "The file that vipd's user may not read, if that is the fault",
  ),
}).register(named, {
  id: "Diagnostic",
  description: "What is wrong with a configuration, or odd about it.",
});

export const reloadAnswer = z.strictObject({
  took_ms: count,
  changes: z.array(z.strictObject({ subject: z.string(), key: z.string(), change: z.string() })),
  warnings: z.array(diagnostic),
  verdicts: z.strictObject({
    checks: z.array(z.strictObject({
      name: z.string(),
      state: z.enum(["unknown", "up", "down"]),
      detail: z.string().describe("The last result's line"),
    })).describe("Checks that are new, or that run in another way"),
    instances: z.array(z.strictObject({
      name: z.string(),
      state: routerState,
      faults: z.array(z.string()),
      handing_over: z.boolean().optional().describe("Absent unless it still hands over"),
    })),
  }).optional().describe("The first verdicts; absent from a vipd that does not wait for them"),
  probation: probation.optional().describe("Absent if the configuration is in force for good"),
}).register(named, {
  id: "ReloadAnswer",
  description: "What a reload has changed.",
}) satisfies z.ZodType<ReloadAnswer>;

export const keepAnswer = z.strictObject({ kept: z.literal(true) }).register(named, {
  id: "KeepAnswer",
  description: "The configuration is in force for good.",
});

export const problemDocument = z.strictObject({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What is wrong and what to do about it"),
  instance: z.string().describe("Path of the request"),
  code: z.enum(keysOf<ProblemCode>(PROBLEM_STATUS)),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional()
    .describe("Each wrong value of the body, by JSON pointer (RFC 6901)"),
  diagnostics: z.array(diagnostic).optional()
    .describe("With `reload_failed`: all that is wrong with the configuration"),
}).register(named, { id: "Problem", description: "An error (RFC 9457)." });

/** The compiler's word that optional keys agree too: zod says `T | undefined` where the types say absent. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
const _entry = (entry: Defined<z.infer<typeof journalEntry>>): JournalEntry => entry;
const _problem = (problem: Defined<z.infer<typeof problemDocument>>): ProblemDocument => problem;
