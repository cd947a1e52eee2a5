/**
 * The lists that others rely on: every code with its meaning, the API's description, the configuration's schema.
 *
 * @module
 */

import { PROBLEM_STATUS, PROBLEM_TITLE } from "../../../src/api/problem.ts";
import { DIAGNOSTIC_CODES } from "../../../src/config/diagnostics.ts";
import { configJsonSchemaText } from "../../../src/config/schema/json_schema.ts";
import { FINDINGS } from "../../../src/doctor/finding.ts";
import { EXIT_MEANINGS } from "../../../src/exit.ts";
import { openApiText } from "../../../src/front/openapi/document.ts";
import { ALARMS } from "../../../src/status/codes/alarms.ts";
import { JOURNAL_CODES } from "../../../src/status/codes/journal_codes.ts";
import { DROP_MESSAGES } from "../../../src/status/codes/messages.ts";
import type { Json } from "../json.ts";
import { maskRun } from "../mask.ts";
import type { AskedFamily, Question } from "./family.ts";

const LISTS: Readonly<Record<string, (version: string) => Json>> = {
  "alarms": () => ALARMS,
  "journal": () => JOURNAL_CODES,
  "discarded adverts": () => DROP_MESSAGES,
  "problems": () => PROBLEM_STATUS,
  "titles of problems": () => PROBLEM_TITLE,
  "diagnostics": () => DIAGNOSTIC_CODES,
  "findings of the doctor": () => FINDINGS,
  "exit codes": () => Object.fromEntries(EXIT_MEANINGS),
  "OpenAPI": (version) => JSON.parse(maskRun(openApiText(), version)),
  "schema of the configuration": () => JSON.parse(configJsonSchemaText()),
};

export const CODES: AskedFamily<string> = {
  name: "codes",
  origin:
    "source: the lists that docs/codes.md is written from, and what the executable writes of them",
  answer: (list, { version }) => {
    const said = LISTS[list];
    return said ? Promise.resolve(said(version)) : Promise.reject(new Error(`no list ${list}`));
  },
};

export const CODE_QUESTIONS: readonly Question<string>[] = Object.keys(LISTS).map((name) =>
  [name, name] as const
);
