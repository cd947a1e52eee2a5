/**
 * Messages between the two nodes of a pairing: lines of JSON over one connection, which is the pairing. If it ends, so
 * does the pairing.
 *
 * @module
 */

import * as z from "zod";
import { within } from "../runtime/waiting.ts";
import { printable } from "../wire/printable.ts";
import { parsedJson } from "./parsed_json.ts";

/** No message is longer, in octets. */
const MAX_OCTETS = 256 * 1024;
/** No sentence is longer, in characters. */
const MAX_REASON = 2000;
const NEWLINE = 10;

/** The sentence with which one end ends the pairing. */
const Ended = z.object({ ended: z.string().max(MAX_REASON) });

/** The messages, in the order in which they are sent. */
export const Sealed = z.object({ offer: z.string(), mac: z.string() });
/** A person has agreed, or this node has written what was agreed. */
export const Done = z.object({ done: z.enum(["agreed", "written"]) });

/** The pairing is over; the message is for people, and has the remedy. */
export class PairingEnded extends Error {
  override readonly name = "PairingEnded";
}

export class PairChannel implements Disposable {
  readonly #conn: Deno.Conn;
  #other: string;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** `other` names the other end in sentences. */
  constructor(conn: Deno.Conn, other: string) {
    this.#conn = conn;
    this.#other = other;
  }

  /** From now on it is known who that is. */
  name(other: string): void {
    this.#other = other;
  }

  /** Sends one message; a connection that is gone shows when the answer is awaited. */
  async send(message: z.input<typeof Sealed> | z.input<typeof Done>): Promise<void> {
    await this.#write(message).catch(() => {});
  }

  /** Ends the pairing, with the reason for the other end if it still listens. */
  async end(why: string): Promise<void> {
    await this.#write({ ended: why.slice(0, MAX_REASON) }).catch(() => {});
  }

  /** Does `work`. If that throws, the pairing ends, and the other end learns why. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.end(error instanceof Error ? error.message : "it failed");
      throw error;
    }
  }

  /** The next message. Throws {@link PairingEnded} if none comes within `limitMs`, or another one. */
  async receive<T>(shape: z.ZodType<T>, limitMs: number): Promise<T> {
    const minutes = Math.ceil(limitMs / 60_000);
    const late = () => this.#ended(`did not answer within ${minutes} min`);
    const value = parsedJson(await within(this.#line(), limitMs, late));
    const ended = Ended.safeParse(value);
    if (ended.success) {
      // On one line: it has none of its own below the name.
      const why = printable(ended.data.ended.trim().replace(/\s*\n\s*/g, "; "));
      throw new PairingEnded(`${this.#other}: ${why}`);
    }
    const read = shape.safeParse(value);
    if (read.success) return read.data;
    throw this.#ended("does not speak the language of vipd pair");
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // The other end has closed it.
    }
  }

  async #write(message: unknown): Promise<void> {
    const octets = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
    for (let at = 0; at < octets.length;) at += await this.#conn.write(octets.subarray(at));
  }

  async #line(): Promise<string> {
    const buffer = new Uint8Array(16 * 1024);
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE);
      if (end >= 0) {
        const line = this.#rest.subarray(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return new TextDecoder().decode(line);
      }
      if (this.#rest.length > MAX_OCTETS) throw this.#ended("sends too much");
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) throw this.#ended("has ended the pairing");
      this.#rest = joined(this.#rest, buffer.subarray(0, count));
    }
  }

  #ended(what: string): PairingEnded {
    return new PairingEnded(`${this.#other} ${what}`);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
