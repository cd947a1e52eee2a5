/**
 * Counts of the journal's entries: entries by code, and transitions by states and reason.
 *
 * @module
 */

import type { Journal, JournalEntry } from "../../status/journal.ts";
import type { InstanceStatus } from "../../status/status.ts";
import type { Family, Labels } from "./exposition.ts";
import { instanceLabels } from "./instance_metrics.ts";

interface Count {
  readonly labels: Labels;
  value: number;
}

export class EventCounts {
  readonly #entries = new Map<string, Count>();
  /** By instance, then by states and reason. */
  readonly #transitions = new Map<string, Map<string, Count>>();

  constructor(journal: Journal) {
    journal.listen((entry) => this.#count(entry));
  }

  *families(instances: readonly InstanceStatus[]): Generator<Family> {
    yield {
      name: "vipd_journal_entries_total",
      type: "counter",
      help:
        "Journal entries by severity and code, such as address_failed, send_failed or routing_failed.",
      samples: [...this.#entries.values()],
    };
    yield {
      name: "vipd_instance_transitions_total",
      type: "counter",
      help: "Changes of state, by states and reason.",
      samples: instances.flatMap((instance) =>
        Array.from(
          this.#transitions.get(instance.name)?.values() ?? [],
          ({ labels, value }) => ({ labels: { ...instanceLabels(instance), ...labels }, value }),
        )
      ),
    };
  }

  #count({ severity, code, subject, transition }: JournalEntry): void {
    increase(this.#entries, { severity, code });
    if (transition === undefined || subject === undefined) return;
    let counts = this.#transitions.get(subject);
    if (counts === undefined) this.#transitions.set(subject, counts = new Map());
    increase(counts, { ...transition });
  }
}

function increase(counts: Map<string, Count>, labels: Labels): void {
  const key = Object.values(labels).join(" ");
  const count = counts.get(key);
  if (count) count.value++;
  else counts.set(key, { labels, value: 1 });
}
