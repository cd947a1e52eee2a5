/**
 * The status, made at most once in a while: many readers cost hardly more than one.
 *
 * @module
 */

import type { NodeStatus } from "../../status/status.ts";
import type { ApiBackend } from "./backend.ts";

/** How old a status may be that nothing has happened to, in milliseconds. */
const FRESH_MS = 100;

/** Keys whose values are different each time. */
const ALWAYS_MOVING: readonly string[] = [
  "counters",
  "uptime_seconds",
  "renewed_ms_ago",
  "last_seen",
];

interface Rendered {
  readonly status: NodeStatus;
  text: string | null;
}

/** One that is made, or being made. */
interface Making {
  readonly atMs: number;
  readonly rendered: Promise<Rendered>;
}

export class RenderedStatus {
  readonly #backend: Pick<ApiBackend, "status" | "journal">;
  #making: Making | null = null;

  constructor(backend: Pick<ApiBackend, "status" | "journal">) {
    this.#backend = backend;
    // What is worth an entry is worth a new status: an answer never lags behind what was ordered or recorded.
    backend.journal.listen(() => this.#making = null);
  }

  async status(): Promise<NodeStatus> {
    return (await this.#current()).status;
  }

  /** As JSON that people read in a terminal: indented, with a newline at the end. */
  async text(): Promise<string> {
    const rendered = await this.#current();
    rendered.text ??= `${JSON.stringify(rendered.status, null, 2)}\n`;
    return rendered.text;
  }

  /** Differs when a person who looks would see something new: not for every advert and second. */
  async fingerprint(): Promise<string> {
    return JSON.stringify(
      await this.status(),
      (key, value) => ALWAYS_MOVING.includes(key) ? undefined : value,
    );
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
    return { status: await this.#backend.status(), text: null };
  }
}
