/**
 * The status, made at most once in a while: many readers cost hardly more than one.
 *
 * @module
 */

import type { NodeStatus } from "../node/status.ts";
import type { ApiBackend } from "./backend.ts";

/** How old a status may be that nothing has happened to, in milliseconds. */
const FRESH_MS = 50;

/** Keys whose values are different each time. */
const ALWAYS_MOVING: readonly string[] = [
  "counters",
  "uptime_seconds",
  "renewed_ms_ago",
  "last_seen",
];

interface Rendered {
  readonly status: NodeStatus;
  readonly atMs: number;
  text: string | null;
}

export class RenderedStatus {
  readonly #backend: Pick<ApiBackend, "status" | "journal">;
  #rendered: Rendered | null = null;

  constructor(backend: Pick<ApiBackend, "status" | "journal">) {
    this.#backend = backend;
    // What is worth an entry is worth a new status: an answer never lags behind what was ordered or told.
    backend.journal.listen(() => this.#rendered = null);
  }

  status(): NodeStatus {
    return this.#current().status;
  }

  /** As JSON that people read in a terminal: indented, with a newline at the end. */
  text(): string {
    const rendered = this.#current();
    rendered.text ??= `${JSON.stringify(rendered.status, null, 2)}\n`;
    return rendered.text;
  }

  /** Differs when a person who looks would see something new: not for every advert and second. */
  fingerprint(): string {
    return JSON.stringify(
      this.status(),
      (key, value) => ALWAYS_MOVING.includes(key) ? undefined : value,
    );
  }

  #current(): Rendered {
    const nowMs = performance.now();
    if (this.#rendered === null || nowMs - this.#rendered.atMs >= FRESH_MS) {
      this.#rendered = { status: this.#backend.status(), atMs: nowMs, text: null };
    }
    return this.#rendered;
  }
}
