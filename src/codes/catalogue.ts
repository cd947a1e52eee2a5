/**
 * Every code that vipd shows, by where it is seen. docs/codes.md is written from this, and `vipd explain` and
 * `GET /v1/codes/{code}` answer with it.
 *
 * @module
 */

import ALARMS_DOCUMENT from "../../docs/alarms.md" with { type: "text" };
import { PROBLEM_STATUS } from "../api/problem.ts";
import { DIAGNOSTIC_CODES, type DiagnosticCode } from "../config/diagnostics.ts";
import { FINDINGS as DOCTOR_FINDINGS } from "../doctor/finding.ts";
import { EXIT_MEANINGS } from "../exit.ts";
import { type AlarmCode, ALARMS } from "../status/codes/alarms.ts";
import { JOURNAL_CODES } from "../status/codes/journal_codes.ts";
import { DROP_MESSAGES, TRANSITION_REASONS, transitionMessage } from "../status/codes/messages.ts";
import { PAIR_REASONS, type PairReasonCode } from "../status/codes/verdicts.ts";
import { type CodeKind, RELOAD_SEEN } from "./kinds.ts";
import { LISTEN_CHANGES, LISTEN_FINDINGS, LISTEN_REJECTS } from "./listen_codes.ts";
import { PAIR_REASON_TEXTS, VERDICT_MEANINGS } from "./pair_reasons.ts";
import { PROBLEM_MEANINGS } from "./problem_meanings.ts";

/** The meaning of a code as one kind. All texts are Markdown. */
export interface CodeMeaning {
  readonly kind: CodeKind;
  readonly code: string;
  /** One sentence. */
  readonly meaning: string;
  /** How grave an alarm is. */
  readonly severity?: "error" | "warning" | undefined;
  /** HTTP status of an error of the API. */
  readonly status?: number | undefined;
  /** A step against it; absent if the meaning says it. */
  readonly remedy?: string | undefined;
  /** All that there is to say about it, with commands. */
  readonly text?: string | undefined;
  /** The place where it is seen, if that is not the place of its kind. */
  readonly seen?: string | undefined;
}

/** The remedies of the problems that only a reload finds, in Markdown. */
const RELOAD_REMEDIES: Partial<Readonly<Record<DiagnosticCode, string>>> = {
  needs_restart: "Put the old value back, or restart vipd: `systemctl restart vipd`.",
  leaves_nobody:
    "Correct what would be in fault: `vipd check --probe` shows which check or interface that is. " +
    "Or let another node serve first: `vipd status` says why it would not. " +
    "`vipd reload --force` takes the configuration all the same.",
  probation_impossible: "Start vipd with a file, or reload it without `--confirm`.",
  probation_unrecorded:
    "Make `state_dir` writable, as the message says, or reload without `--confirm`.",
  token_file_failed: "Correct the file that `api.token_file` names, then `vipd reload`.",
  listen_failed:
    "Correct `api.listen`, or end what has the address (`ss -ltnp` names it), then `vipd reload`.",
  defect: "Report it: `vipd support-bundle` has what is needed.",
};

/** All codes in the order of the kinds, and of each kind in that of the code. */
export function allCodes(): readonly CodeMeaning[] {
  return [
    ...alarms(),
    ...plain("verdict", VERDICT_MEANINGS),
    ...pairReasons(),
    ...plain("journal", JOURNAL_CODES),
    ...TRANSITION_REASONS.map((code): CodeMeaning => ({
      ...{ kind: "transition", code, meaning: transitionMessage(code, "") },
    })),
    ...plain("drop", DROP_MESSAGES),
    ...plain("problem", PROBLEM_MEANINGS).map((it) => ({
      ...it,
      status: PROBLEM_STATUS[it.code as keyof typeof PROBLEM_STATUS],
    })),
    ...plain("diagnostic", DIAGNOSTIC_CODES).map((it) => {
      const remedy = RELOAD_REMEDIES[it.code as DiagnosticCode];
      return remedy === undefined ? it : { ...it, remedy, seen: RELOAD_SEEN };
    }),
    ...plain("doctor", DOCTOR_FINDINGS),
    ...plain("listen_finding", LISTEN_FINDINGS),
    ...plain("listen_change", LISTEN_CHANGES),
    ...plain("listen_reject", LISTEN_REJECTS),
    ...EXIT_MEANINGS.map(([code, meaning]): CodeMeaning => ({
      ...{ kind: "exit", code: String(code), meaning },
    })),
  ];
}

function plain(kind: CodeKind, meanings: Readonly<Record<string, string>>): CodeMeaning[] {
  return Object.entries(meanings).map(([code, meaning]) => ({ kind, code, meaning }));
}

function alarms(): CodeMeaning[] {
  const sections = alarmSections();
  return Object.entries(ALARMS).map(([code, severity]) => {
    const { summary: meaning, text } = sections.get(code as AlarmCode)!;
    return { kind: "alarm", code, severity, meaning, text };
  });
}

function pairReasons(): CodeMeaning[] {
  return (Object.keys(PAIR_REASONS) as PairReasonCode[]).map((code) => {
    const { verdict, holdMs } = PAIR_REASONS[code];
    const { meaning, remedy } = PAIR_REASON_TEXTS[code];
    const text = holdMs === 0
      ? `The verdict is \`${verdict}\` at once.`
      : `The verdict is \`${verdict}\` once this has lasted for ${holdMs / 1000} s.`;
    return { kind: "pair_reason", code, meaning, remedy, text };
  });
}

/** A section of docs/alarms.md: what an alarm means and what to do about it. */
export interface AlarmSection {
  /** One sentence, from the table of contents. */
  readonly summary: string;
  /** The section as Markdown, without its heading and severity. */
  readonly text: string;
}

/** By code; `document` is the Markdown of docs/alarms.md. */
export function alarmSections(
  document: string = ALARMS_DOCUMENT,
): ReadonlyMap<AlarmCode, AlarmSection> {
  const rows = document.matchAll(/^\| \[`(\w+)`\]\(#\w+\)\s*\| (.*?) *\|$/gm);
  const summaries = new Map(Array.from(rows, ([, code, summary]) => [code!, summary!]));
  const sections = document.split(/^## /m).slice(1).map((section) =>
    /^`(\w+)`\n\n(?:error|warning)\. ([\s\S]*)$/.exec(section)
  );
  return new Map(
    sections.filter((section) => section !== null).map(([, code = "", text = ""]) => [
      code as AlarmCode,
      { summary: summaries.get(code) ?? "", text: text.trim() },
    ]),
  );
}
