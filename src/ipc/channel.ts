/**
 * One connection between engine and front: frames in, frames out, both bounded.
 *
 * @module
 */

import { encodeFrame, type Frame, FrameReader } from "./framing.ts";
import type { Pace } from "./pace.ts";

export interface ChannelLimits {
  /** The longest frame that this end accepts, in octets. */
  readonly maxFrameOctets: number;
  /** How much may wait in the queue before the other end counts as one that does not read, in octets. */
  readonly maxQueuedOctets: number;
  /** How long one write may take before the other end counts as one that does not read, in milliseconds. */
  readonly stallMs: number;
  /** Bounds the work that the other end can cause; without it this end reads everything as it comes. */
  readonly pace?: Pace;
}

const READ_OCTETS = 64 * 1024;
/** The channel writes up to this much of the queue at once, in octets. */
const WRITE_OCTETS = 256 * 1024;

export class Channel {
  readonly #connection: Deno.Conn;
  readonly #limits: ChannelLimits;
  #queue: Uint8Array[] = [];
  #queuedOctets = 0;
  #writing = false;
  #waiting: (() => void)[] = [];
  /** Why the channel has ended; `null` while it is open. */
  #ended: string | null = null;
  readonly #end = Promise.withResolvers<string>();

  constructor(connection: Deno.Conn, limits: ChannelLimits) {
    this.#connection = connection;
    this.#limits = limits;
  }

  /** Resolves to the reason when the channel ends. */
  get ended(): Promise<string> {
    return this.#end.promise;
  }

  get open(): boolean {
    return this.#ended === null;
  }

  /** Calls `take` with each frame until the end. An exception from `take` ends the channel. */
  async read(take: (frame: Frame) => void): Promise<void> {
    const frames = new FrameReader(this.#limits.maxFrameOctets);
    const buffer = new Uint8Array(READ_OCTETS);
    const worker = this.#limits.pace?.worker();
    try {
      while (this.open) {
        const length = await this.#connection.read(buffer);
        if (length === null) return this.close("it closed the connection");
        await worker?.begin();
        if (!this.open) return;
        for (const frame of frames.feed(buffer.subarray(0, length))) {
          take(frame);
          if (worker?.full) await worker.rest();
          if (!this.open) return;
        }
        worker?.end();
      }
    } catch (error) {
      this.close(error instanceof Error ? error.message : String(error));
    }
  }

  /** Queues a message. */
  send(message: object): void {
    this.sendJson(JSON.stringify(message));
  }

  /**
   * Queues a message that is already JSON. If the other end does not read, this closes the channel and drops the queue.
   */
  sendJson(json: string): void {
    if (!this.open) return;
    const frame = encodeFrame(json);
    this.#queue.push(frame);
    this.#queuedOctets += frame.length;
    if (this.#queuedOctets > this.#limits.maxQueuedOctets) return this.close("it does not read");
    if (!this.#writing) void this.#writeAll();
  }

  /** Resolves when everything queued is written, or the channel has ended. */
  async drained(): Promise<void> {
    if (!this.open || !this.#writing) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** True if nothing waits to be written. */
  get idle(): boolean {
    return !this.#writing;
  }

  close(why: string): void {
    if (this.#ended !== null) return;
    this.#ended = why;
    this.#queue = [];
    this.#queuedOctets = 0;
    try {
      this.#connection.close();
    } catch {
      // The other end closed it.
    }
    this.#release();
    this.#end.resolve(why);
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.open && this.#queue.length > 0) {
      const timer = setTimeout(() => this.close("it does not read"), this.#limits.stallMs);
      try {
        await this.#write(this.#nextOctets());
      } catch (error) {
        this.close(error instanceof Error ? error.message : String(error));
      } finally {
        clearTimeout(timer);
      }
    }
    this.#writing = false;
    this.#release();
  }

  #nextOctets(): Uint8Array {
    const [first] = this.#queue;
    if (this.#queue.length === 1 || first!.length >= WRITE_OCTETS) {
      this.#queue.shift();
      return first!;
    }
    const batch: Uint8Array[] = [];
    let length = 0;
    while (this.#queue.length > 0 && length < WRITE_OCTETS) {
      const frame = this.#queue.shift()!;
      batch.push(frame);
      length += frame.length;
    }
    const joined = new Uint8Array(length);
    let at = 0;
    for (const frame of batch) {
      joined.set(frame, at);
      at += frame.length;
    }
    return joined;
  }

  async #write(octets: Uint8Array): Promise<void> {
    let rest = octets;
    while (this.open && rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
    this.#queuedOctets = Math.max(0, this.#queuedOctets - octets.length);
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
