/**
 * The report of a peer with many instances travels in parts, so that the engine never reads for long in one turn.
 *
 * @module
 */

import type { PeerReport } from "../status/reports/peer_answer.ts";
import type { PeerInstanceStatus } from "../status/status.ts";
import { type FrontMessage, MAX_FRONT_FRAME_OCTETS } from "./messages.ts";

/** Maximum length of the instances of one part together, in characters of JSON; a long instance is a separate part. */
const PART_CHARS = 16 * 1024;
/** No character needs more octets in UTF-8; the rest of a message is short. */
const OCTETS_A_CHAR = 3;
const LONGEST_CHARS = MAX_FRONT_FRAME_OCTETS / OCTETS_A_CHAR - 4096;

/**
 * The messages, as JSON, that carry a report to the engine. `null`: the same as the last report of this peer.
 *
 * @param clockOffsetMs how far the peer's clock is ahead: outside the report, because it differs each time.
 */
export function* peerMessages(
  name: string,
  report: PeerReport | null,
  clockOffsetMs: number | null,
): Generator<string> {
  if (report === null || !report.ok) {
    return yield json({ type: "peer", name, report, clockOffsetMs });
  }
  const texts = report.answer.instances.map((instance) => JSON.stringify(instance));
  if (texts.some((text) => text.length > LONGEST_CHARS)) {
    const error = "its status has an instance that is longer than any of vipd's";
    return yield json({ type: "peer", name, report: { ok: false, error }, clockOffsetMs });
  }
  for (const part of parts(texts)) {
    yield `{"type":"peer_instances","name":${JSON.stringify(name)},"instances":[${part}]}`;
  }
  yield json({
    type: "peer",
    name,
    report: { ...report, answer: { ...report.answer, instances: [] } },
    clockOffsetMs,
  });
}

function json(message: FrontMessage): string {
  return JSON.stringify(message);
}

function* parts(texts: readonly string[]): Generator<readonly string[]> {
  let part: string[] = [];
  let chars = 0;
  for (const text of texts) {
    if (part.length > 0 && chars + text.length > PART_CHARS) {
      yield part;
      part = [];
      chars = 0;
    }
    part.push(text);
    chars += text.length;
  }
  if (part.length > 0) yield part;
}

/** The engine's end: assembles the parts of each peer's report. */
export class PeerParts {
  readonly #parts = new Map<string, { instances: PeerInstanceStatus[]; octets: number }>();

  /** Stores a part; returns false if a report is longer than `maxOctets`. */
  add(
    name: string,
    instances: readonly PeerInstanceStatus[],
    octets: number,
    maxOctets: number,
  ): boolean {
    const kept = this.#parts.get(name) ?? { instances: [], octets: 0 };
    kept.octets += octets;
    if (kept.octets > maxOctets) return false;
    kept.instances.push(...instances);
    this.#parts.set(name, kept);
    return true;
  }

  /** The report with the instances that came before it. */
  complete(name: string, report: PeerReport): PeerReport {
    const kept = this.#parts.get(name);
    this.#parts.delete(name);
    if (!report.ok || kept === undefined) return report;
    const { answer } = report;
    return {
      ...report,
      answer: { ...answer, instances: [...kept.instances, ...answer.instances] },
    };
  }

  /** Forgets all peers but these. */
  retain(names: ReadonlySet<string>): void {
    for (const name of this.#parts.keys()) if (!names.has(name)) this.#parts.delete(name);
  }
}
