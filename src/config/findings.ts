/**
 * A problem with its place in the data, before it is placed in the text.
 *
 * @module
 */

import type { DiagnosticCode } from "./diagnostics.ts";
import type { Path } from "./path.ts";
import type { Problem } from "./values/result.ts";

export interface Finding {
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  readonly path: Path;
  /** The part that the diagnostic points at; the value if omitted. */
  readonly at?: "key";
  /** The fault, to be read after the key. */
  readonly message: string;
  /** The remedy. */
  readonly hint: string;
  /** The file that this user may not read, if that is the fault. */
  readonly unreadable?: string;
  /** The file that is not there, if that is the fault. */
  readonly missing?: string;
}

/** A problem of the value at this place, as an error. */
export function problemAt(path: Path, problem: Problem): Finding {
  return { severity: "error", path, ...problem };
}

/** The file that a finding is about because this process cannot look at it: it is not there, or may not be read. */
export function unseenFile({ unreadable, missing }: Finding): string | null {
  return unreadable ?? missing ?? null;
}

/** An error at a value. */
export function errorAt(path: Path, code: DiagnosticCode, message: string, hint: string): Finding {
  return { severity: "error", code, path, message, hint };
}

/** A warning at a value. */
export function warningAt(
  path: Path,
  code: DiagnosticCode,
  message: string,
  hint: string,
): Finding {
  return { severity: "warning", code, path, message, hint };
}

/** A path as people write it: `instances[0].vrid`; `null` for the whole file. */
export function pathText(path: Path): string | null {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!/^[\w-]+$/.test(step)) text += `[${JSON.stringify(step.slice(0, 60))}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text === "" ? null : text;
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
