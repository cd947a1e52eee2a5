/**
 * Authentication by HMAC trailer (draft-cassen-vrrp-auth-hmac): the numbers that a sender gives its adverts, and what a
 * receiver checks. The wall clock comes in with each call, in milliseconds since the epoch.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import type { IpAddress } from "../wire/address.ts";
import {
  decodeTrailer,
  type HmacKey,
  sequenceSeconds,
  TRAILER_HMAC_SHA256,
  trailerDigest,
} from "../wire/vrrp_trailer.ts";
import type { DropReason } from "./receive.ts";

/**
 * The way in which a recorded advert is kept from being sent again. `time`: it must be of now, give or take the window, so
 * that the nodes' clocks must agree; `monotonic`: it must be later than the last one of its sender.
 */
export type ReplayProtection = "time" | "monotonic";

/** `enforce`: adverts without trailer are discarded; `permissive`: accepted; `receive_only`: accepted, and sent too. */
export type HmacMode = "enforce" | "permissive" | "receive_only";

/** How an instance signs its adverts and checks those of others. */
export interface HmacPolicy {
  /** Each with another id; adverts of any of them are accepted. */
  readonly keys: readonly HmacKey[];
  /** The id of the one that signs. */
  readonly activeKey: number;
  readonly replay: ReplayProtection;
  /** How much a sender's clock may differ from ours, in milliseconds. */
  readonly windowMs: number;
  readonly mode: HmacMode;
}

/** How many senders of a multicast link are remembered: who has no key takes no place. */
const MULTICAST_SENDERS = 4;
const HALF_RANGE = 1n << 63n;

/** The sequence numbers of one sender: the time, or one more than the last. */
export class SendSequence {
  policy: HmacPolicy;
  #last: bigint;

  /** `last`: the number after which it continues, of a process before this one. */
  constructor(policy: HmacPolicy, last = 0n) {
    this.policy = policy;
    this.#last = last;
  }

  next(wallClockMs: number): bigint {
    const now = sequenceAt(wallClockMs);
    const aheadMs = (sequenceSeconds(this.#last) - sequenceSeconds(now)) * 1000;
    // The clock was set back by more than receivers forgive: they expect the new time.
    const restart = this.policy.replay === "time" && aheadMs > this.policy.windowMs;
    this.#last = restart || now > this.#last ? now : this.#last + 1n;
    return this.#last;
  }
}

/** A receiver's knowledge of the senders of one instance. */
export class TrailerChecker {
  #policy: HmacPolicy;
  #keys: ReadonlyMap<number, Uint8Array>;
  #capacity: number;
  /** The last accepted sequence number of each sender, the one heard longest ago first. */
  readonly #marks = new Map<IpAddress, bigint>();

  /** `peers`: how many unicast peers there are; `null` for multicast. */
  constructor(policy: HmacPolicy, peers: number | null) {
    this.#policy = policy;
    this.#keys = keysOf(policy);
    this.#capacity = peers ?? MULTICAST_SENDERS;
  }

  /** Another policy from now on; what is known of the senders stays. */
  follow(policy: HmacPolicy, peers: number | null): void {
    this.#policy = policy;
    this.#keys = keysOf(policy);
    this.#capacity = peers ?? MULTICAST_SENDERS;
  }

  /** The marks that have to outlive a restart: none if the time keeps recorded adverts out. */
  get marks(): ReadonlyMap<IpAddress, bigint> {
    return this.#policy.replay === "monotonic" ? this.#marks : new Map();
  }

  /** Takes over a mark of an earlier run. */
  restore(sender: IpAddress, sequence: bigint): void {
    const known = this.#marks.get(sender);
    if (known === undefined || isAfter(sequence, known)) this.#mark(sender, sequence);
  }

  /**
   * Checks the trailer of one advertisement; `null` when it is right, or not there and not needed.
   *
   * @param payload message and trailer.
   * @param trailer the trailer's octets; `undefined` where there is none.
   */
  check(
    payload: Uint8Array,
    trailer: Uint8Array | undefined,
    source: IpAddress,
    wallClockMs: number,
  ): DropReason | null {
    if (!trailer) return this.#policy.mode === "enforce" ? "hmac_missing" : null;
    const { type, keyId, reserved, sequence, digest } = decodeTrailer(trailer);
    if (type !== TRAILER_HMAC_SHA256 || reserved !== 0) return "hmac_malformed";
    // Before the digest: what is old costs nothing.
    if (!this.#isFresh(sequence, wallClockMs)) return "hmac_stale";
    const key = this.#keys.get(keyId);
    if (!key) return "hmac_unknown_key";
    if (!timingSafeEqual(trailerDigest(payload, source, key), digest)) return "hmac_failed";
    return this.#isNew(source, sequence, wallClockMs) ? null : "hmac_replayed";
  }

  #isFresh(sequence: bigint, wallClockMs: number): boolean {
    const { replay, windowMs } = this.#policy;
    const differenceS = Math.abs(Math.floor(wallClockMs / 1000) - sequenceSeconds(sequence));
    return replay === "monotonic" || differenceS * 1000 <= windowMs;
  }

  #isNew(source: IpAddress, sequence: bigint, wallClockMs: number): boolean {
    const mark = this.#marks.get(source);
    // A mark that is no longer of now is of before a clock was set.
    const counts = mark !== undefined && this.#isFresh(mark, wallClockMs);
    if (counts && !isAfter(sequence, mark)) return false;
    this.#mark(source, sequence);
    return true;
  }

  #mark(source: IpAddress, sequence: bigint): void {
    this.#marks.delete(source);
    this.#marks.set(source, sequence);
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= this.#capacity) break;
      this.#marks.delete(oldest);
    }
  }
}

function keysOf({ keys }: HmacPolicy): ReadonlyMap<number, Uint8Array> {
  return new Map(keys.map(({ id, key }) => [id, key]));
}

/** Serial number arithmetic of 64 bits (RFC 1982 section 3.2). */
function isAfter(a: bigint, b: bigint): boolean {
  const difference = BigInt.asUintN(64, a - b);
  return difference !== 0n && difference < HALF_RANGE;
}

/** Seconds and their 65536ths as the upper 48 bits of a sequence number. */
export function sequenceAt(wallClockMs: number): bigint {
  const seconds = Math.floor(wallClockMs / 1000);
  const fraction = Math.floor((wallClockMs - seconds * 1000) * 65.536);
  return (BigInt(seconds) << 32n) | (BigInt(fraction) << 16n);
}
