/**
 * The output of `vipd check --json`, as another process of this program reads it.
 *
 * @module
 */

import * as z from "zod";
import { DIAGNOSTIC_CODES, type DiagnosticCode } from "./diagnostics.ts";

const code = z.custom<DiagnosticCode>((value) => Object.hasOwn(DIAGNOSTIC_CODES, String(value)));

const CheckReport = z.object({
  valid: z.boolean(),
  diagnostics: z.array(z.object({
    severity: z.enum(["error", "warning"]),
    code,
    file: z.string(),
    line: z.int().nullable(),
    column: z.int().nullable(),
    key: z.string().nullable(),
    message: z.string(),
    hint: z.string(),
    excerpt: z.string().nullable(),
    unreadable: z.string().exactOptional(),
  })),
});

/** Whether a configuration can be taken, and all that was found in it. */
export type CheckReport = z.infer<typeof CheckReport>;

/** `null` for what a program of another version prints, or one that failed. */
export function readCheckReport(text: string): CheckReport | null {
  try {
    return CheckReport.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
