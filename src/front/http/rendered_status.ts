/**
 * The status, rendered at most once in an interval: many readers cost little more than one.
 *
 * @module
 */

import { jsonText } from "../../api/problem.ts";
import type { NodeStatus } from "../../status/status.ts";
import type { ApiBackend } from "./backend.ts";
import { entityTag } from "./entity_tag.ts";

/** How old a status without any event since may be, in milliseconds. */
const FRESH_MS = 100;

/** Keys whose values are different each time. */
const ALWAYS_MOVING: readonly string[] = [
  "counters",
  "uptime_seconds",
  "now",
  "clock_offset_ms",
  "renewed_ms_ago",
  "last_seen",
];

/** Of a status or a part of it: changes when a person would see something new. */
export function fingerprintOf(part: unknown): string {
  return JSON.stringify(
    part,
    (key, value) =>
      ALWAYS_MOVING.includes(key) ? undefined : key === "client_check" ? value?.ok : value,
  );
}

interface Rendered {
  readonly status: NodeStatus;
  text: string | null;
  tag: string | null;
}

/** A status that is rendered, or being rendered. */
interface Making {
  readonly atMs: number;
  readonly rendered: Promise<Rendered>;
}

export class RenderedStatus {
  readonly #backend: Pick<ApiBackend, "status" | "journal">;
  #making: Making | null = null;

  constructor(backend: Pick<ApiBackend, "status" | "journal">) {
    this.#backend = backend;
    // Every journal entry makes a new status necessary, so that an answer never lags behind a command or an entry.
    backend.journal.listen(() => this.#making = null);
  }

  async status(): Promise<NodeStatus> {
    return (await this.#current()).status;
  }

  /** The status as JSON. */
  async text(): Promise<string> {
    const rendered = await this.#current();
    rendered.text ??= jsonText(rendered.status);
    return rendered.text;
  }

  /** The entity tag of {@link text}: weak, because counters and ages do not change it. */
  async tag(): Promise<string> {
    const rendered = await this.#current();
    rendered.tag ??= entityTag(await this.fingerprint(), "weak");
    return rendered.tag;
  }

  /** Changes when a person would see something new: not with every advert and second. */
  async fingerprint(): Promise<string> {
    return fingerprintOf(await this.status());
  }

  #current(): Promise<Rendered> {
    const nowMs = performance.now();
    if (this.#making !== null && nowMs - this.#making.atMs < FRESH_MS) return this.#making.rendered;
    const making = { atMs: nowMs, rendered: this.#make() };
    this.#making = making;
    making.rendered.catch(() => {
      if (this.#making === making) this.#making = null;
    });
    return making.rendered;
  }

  async #make(): Promise<Rendered> {
    return { status: await this.#backend.status(), text: null, tag: null };
  }
}
