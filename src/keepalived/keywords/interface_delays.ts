/**
 * `interface_up_down_delays { NAME DOWN_DELAY [UP_DELAY] ... }`, in seconds.
 *
 * @module
 */

import { formatDuration } from "../../config/values/durations.ts";
import { quote } from "../../config/values/result.ts";
import type { Entry } from "../entry.ts";
import type { Report } from "../finding.ts";
import type { PartialImport, PartialInterfaceDelays } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";

/** An entry of a mapping. */
export interface NamedEntry extends Entry {
  readonly name: string;
}

/** keepalived's longest delay, in seconds. */
const MAX_DELAY_S = 255;

/** Reads the block into the partial import. */
export function readInterfaceDelays(
  { interfaces }: PartialImport,
  { block }: Statement,
  report: Report,
): void {
  for (const statement of block ?? []) {
    const { keyword: name, words: [down, up = down] } = statement;
    const [downDelayS, upDelayS] = [readSeconds(down), readSeconds(up)];
    if (downDelayS === null || upDelayS === null) {
      const wrong = quote(downDelayS === null ? down ?? "" : up ?? "");
      report.add(
        "not_carried",
        statement,
        `${wrong} is not a number from 0 to ${MAX_DELAY_S}`,
        "there is no delay, as in keepalived; correct it and import again",
      );
    } else interfaces.push({ name, downDelayS, upDelayS, statement });
  }
}

function readSeconds(text: string | undefined): number | null {
  const value = text !== undefined && /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
  return value <= MAX_DELAY_S ? value : null;
}

/** The entries of `interfaces`; of two with one name the later one counts. */
export function resolveInterfaceDelays({ interfaces }: PartialImport): NamedEntry[] {
  const byName = new Map(interfaces.map((partial) => [partial.name, partial]));
  return Array.from(byName.values()).flatMap(({ name, statement, ...delays }) => {
    const value = delaysOf(delays);
    return Object.keys(value).length > 0 ? [{ name, value, statement }] : [];
  });
}

function delaysOf(
  { upDelayS, downDelayS }: Pick<PartialInterfaceDelays, "upDelayS" | "downDelayS">,
): Record<string, string> {
  return {
    ...(upDelayS > 0 && { up_delay: duration(upDelayS) }),
    ...(downDelayS > 0 && { down_delay: duration(downDelayS) }),
  };
}

/** vipd counts whole milliseconds. */
function duration(seconds: number): string {
  return formatDuration(Math.max(1, Math.round(seconds * 1000)));
}
