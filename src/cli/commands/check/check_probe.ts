/** `vipd check --probe`: what a configuration would find on this machine. */

import type { Config } from "../../../config/model.ts";
import { firstResults } from "../../../node/checks/first_results.ts";
import { findingsOf, forecast, type InstanceForecast } from "../../../node/forecast.ts";
import { printable } from "../../../wire/printable.ts";
import { tableLines } from "../../text/terminal/width.ts";

/** The result of one check. */
interface ProbedCheck {
  readonly name: string;
  readonly type: string;
  /** `null` if there was no result in time. */
  readonly ok: boolean | null;
  readonly detail: string;
  readonly took_ms: number | null;
}

/** The findings of a configuration on this machine. */
interface Findings {
  readonly checks: readonly ProbedCheck[];
  /** Why each instance would not serve, or only if no other node did. */
  readonly instances: readonly InstanceForecast[];
}

/** The result of a probe. */
export interface Probed {
  readonly findings: Findings;
  /** True if every check passes and every instance would serve. */
  readonly well: boolean;
  /** The findings for a person: a line for each check, and one for each instance. */
  readonly text: string;
}

/** Runs each check once, and looks at the interfaces. Changes nothing. */
export async function probe(config: Config): Promise<Probed> {
  const findings = await find(config);
  return { findings, well: isWell(findings), text: textOf(findings) };
}

async function find(config: Config): Promise<Findings> {
  // Imported here, so that no other check opens libc.
  const { openLinuxHost } = await import("../../../daemon/linux_process.ts");
  const host = openLinuxHost(() => {});
  try {
    const results = await firstResults(config.checks, host);
    return {
      checks: config.checks.map(({ name, type }) => {
        const result = results.get(name) ?? null;
        return {
          ...{ name, type, ok: result?.ok ?? null },
          detail: result?.detail ?? "no result in time",
          took_ms: result === null ? null : Math.round(result.tookMs * 10) / 10,
        };
      }),
      instances: forecast(config, { host, checks: findingsOf(results, null) }),
    };
  } finally {
    await host.close();
  }
}

function isWell({ checks, instances }: Findings): boolean {
  return checks.every(({ ok }) => ok === true) &&
    instances.every(({ faults, unwell }) => faults.length + unwell.length === 0);
}

function textOf({ checks, instances }: Findings): string {
  const rows = checks.map(({ name, type, ok, detail, took_ms: tookMs }) => [
    `  check ${name}`,
    type,
    ok === null ? "unknown" : ok ? "up" : "down",
    tookMs === null ? detail : `${detail} (${tookMs} ms)`,
  ]);
  const lines = [
    ...tableLines(rows),
    ...instances.map(({ name, faults, unwell }) => {
      if (faults.length > 0) return `  instance ${name} would be in fault: ${faults.join("; ")}`;
      if (unwell.length > 0) {
        return `  instance ${name} would serve only if no other node did: ${unwell.join("; ")}`;
      }
      return `  instance ${name} could serve`;
    }),
  ];
  return `on this machine, now:\n${lines.map(printable).join("\n")}\n`;
}
