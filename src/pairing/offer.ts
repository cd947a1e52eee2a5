/**
 * The offers of the two nodes of a pair about themselves, and how each knows that the other one holds the secret of the line.
 * An offer lets the other node read, and nothing else.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual, X509Certificate } from "node:crypto";
import * as z from "zod";
import { readPeerUrl } from "../config/values/peer_url.ts";
import { readName } from "../config/values/values.ts";
import { parsedJson } from "./parsed_json.ts";

/** By how much the two clocks may differ, in milliseconds; certificates begin a day early. */
export const CLOCK_LIMIT_MS = 3_600_000;
const MINUTE_MS = 60_000;

const MAX_PEM_CHARS = 32_768;

export const OfferSchema = z.object({
  /** Its name in the status. */
  node: z.string().refine((text) => readName(text).ok),
  /** The place of its API: https. */
  url: z.string().refine((text) => text.startsWith("https://") && readPeerUrl(text).ok),
  /** Certificates in PEM by which its API's is trusted. */
  ca: z.string().max(MAX_PEM_CHARS).refine(isCertificate),
  /** The token that may read there. */
  read_token: z.string().regex(/^[\x21-\x7e]{16,1024}$/),
  /** Its clock, in milliseconds since the epoch. */
  time: z.int().nonnegative(),
});

export type Offer = z.output<typeof OfferSchema>;

/** The end of the pairing that sends an offer. */
export type Sender = "first" | "second";

/** An offer as text, with the proof that its sender has the secret. */
export interface SealedOffer {
  readonly offer: string;
  readonly mac: string;
}

/** The pairing that proofs are about. */
export interface Seal {
  readonly secret: Uint8Array;
  /** Of the certificate in the line: a proof for another listener is none. */
  readonly fingerprint: Uint8Array;
}

export function sealOffer(offer: Offer, sender: Sender, seal: Seal): SealedOffer {
  const text = JSON.stringify(offer);
  return { offer: text, mac: macOf(text, sender, seal).toString("base64url") };
}

/** The offer; `null` if its sender does not have the secret, or it is none. */
export function openOffer(sealed: SealedOffer, sender: Sender, seal: Seal): Offer | null {
  const right = macOf(sealed.offer, sender, seal);
  const shown = Buffer.from(sealed.mac, "base64url");
  if (shown.length !== right.length || !timingSafeEqual(shown, right)) return null;
  return OfferSchema.safeParse(parsedJson(sealed.offer)).data ?? null;
}

/** Why these two nodes cannot be a pair, with the remedy; `null` if they can. */
export function offerProblem(own: Offer, other: Offer): string | null {
  if (own.node === other.node) {
    return `both nodes are called ${own.node}: give one another name, \`node\` in its configuration`;
  }
  if (own.url === other.url) {
    return `both nodes would listen at ${own.url}: name another address with --listen`;
  }
  const apartMs = other.time - own.time;
  if (Math.abs(apartMs) <= CLOCK_LIMIT_MS) return null;
  const minutes = Math.round(Math.abs(apartMs) / MINUTE_MS);
  return `the clock of ${other.node} is ${minutes} minutes ${apartMs > 0 ? "ahead" : "behind"} ` +
    `(${new Date(other.time).toISOString()} there, ${
      new Date(own.time).toISOString()
    } here), and ` +
    "certificates depend on the time: set both clocks (timedatectl set-ntp true; where systemd does " +
    "not run: chrony, or date --set) and pair again";
}

function macOf(text: string, sender: Sender, { secret, fingerprint }: Seal): Buffer {
  return createHmac("sha256", secret).update(`vipd pair ${sender}\n`).update(fingerprint)
    .update(text).digest();
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
