/**
 * The metrics of each situation: names, types, help, labels, values.
 *
 * @module
 */

import { EventCounts } from "../../../src/front/metrics/event_counts.ts";
import { metricsText } from "../../../src/front/metrics/metrics.ts";
import { Journal } from "../../../src/status/journal.ts";
import { type NodeStatus, noProcesses } from "../../../src/status/status.ts";
import type { Json } from "../json.ts";
import { maskRun } from "../mask.ts";
import type { AskedFamily } from "./family.ts";
import type { Part } from "./situation.ts";

/** Metrics of the engine's process: their values are of one run. */
const OF_PROCESS = /^(process_|vipd_process_|vipd_event_loop_)/;
/** The data were written without them; the walk in machine/ has them. */
const OF_LOOP = /^(?:# (?:HELP|TYPE) )?vipd_event_loop_.*\n/gm;
const FIGURES = { cpuSeconds: 1, residentOctets: 2, lag: { lastMs: 3, worstMs: 4 } };

export const METRICS: AskedFamily<Part> = {
  name: "metrics",
  origin:
    "source, for every situation; machine/api_walk.ts asks the running executable for its own",
  answer: async (input, vipd) => {
    const processes = noProcesses(Date.parse(String(input.started_at)));
    const instances = (input.instances as readonly Part[]).map((instance) => ({
      ...instance,
      counters: { advertisements_failed: 0, ...(instance.counters as Part) },
    }));
    const status = { processes, ...input, instances } as unknown as NodeStatus;
    const journal = new Journal(() => Date.parse("2026-03-01T10:08:20.000Z"));
    const events = new EventCounts(journal);
    journal.record("notice", "state_changed", "VI_1: init -> backup", "VI_1", {
      transition: { from: "init", to: "backup", reason: "startup" },
    });
    journal.record("error", "send_failed", "VI_1: advert not sent: EPERM", "VI_1");
    const text = await metricsText(status, { events, figures: FIGURES, openStreams: () => 2 });
    return metricFamilies(maskRun(text.replaceAll(OF_LOOP, ""), vipd.version));
  },
};

/** `{"vipd_up": {help, type, samples: {"{}": 1}}}`: what is added to a family is added to an object. */
export function metricFamilies(text: string): Json {
  const families: Record<string, { help: string; type: string; samples: Record<string, string> }> =
    {};
  for (const line of text.trimEnd().split("\n")) {
    const [, kind, described = "", what = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      const family = families[described] ??= { help: "", type: "", samples: {} };
      family[kind === "HELP" ? "help" : "type"] = what;
      continue;
    }
    const [, name = "", labels = "{}", value = ""] = /^(\w+)(\{.*\})? (\S+)$/.exec(line) ?? [];
    const family = families[name];
    if (!family) throw new SyntaxError(`a sample without its family: ${line}`);
    family.samples[labels.replace(/deno="[\d.]+"/, 'deno="{version}"')] = OF_PROCESS.test(name)
      ? "{number}"
      : value;
  }
  return families;
}
