/**
 * The part of this node in a pairing: the certificate and the read token of its API. They are made where they are
 * missing, and kept where they are, so that other nodes that know them still read.
 *
 * @module
 */

import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import type { Path } from "../config/path.ts";
import { valueAt } from "../config/findings.ts";
import { belongTogether, readTlsFiles } from "../config/secrets/tls_files.ts";
import { certificateCommand } from "../config/values/certificate_command.ts";
import type { PairEdit } from "../config/yaml/pair_edit.ts";
import { readToken, TokenFileError } from "../tokens/token_file.ts";
import { issueCertificate, type KeyedCertificate, makeAuthority, namesIn } from "./certificates.ts";
import type { Offer } from "./offer.ts";
import { type PairPlaces, pairPlaces } from "./places.ts";
import { isDue } from "./renewal.ts";
import { servingProblem } from "./serving_trial.ts";

const TOKEN_OCTETS = 32;

/** A file to write, for vipd's user alone unless it is no secret. */
export interface SecretFile {
  readonly path: string;
  readonly text: string;
  readonly secret: boolean;
}

export interface OwnPart {
  readonly offer: Pick<Offer, "ca" | "read_token">;
  readonly edit: Pick<PairEdit, "tls" | "readTokenFile" | "localReading">;
  /** In the order in which they are written. */
  readonly files: readonly SecretFile[];
  /** vipd renews the certificate of its API; else a person does. */
  readonly isRenewed: boolean;
}

export interface OwnNode {
  /** The data of its configuration. */
  readonly data: unknown;
  readonly stateDir: string;
  readonly node: string;
  /** The address by which the other node asks its API. */
  readonly address: string;
  readonly nowMs: number;
}

/** The part of this node; or why it cannot, with the remedy. */
export async function ownPart(own: OwnNode): Promise<OwnPart | string> {
  const tls = await tlsPart(own);
  if (typeof tls === "string") return tls;
  const token = await tokenPart(own);
  return {
    offer: { ca: tls.ca, read_token: token.token },
    edit: { ...tls.edit, ...token.edit },
    files: [...tls.files, ...token.files],
    isRenewed: tls.isRenewed,
  };
}

interface TlsPart {
  readonly ca: string;
  readonly edit: Pick<PairEdit, "tls">;
  readonly files: readonly SecretFile[];
  readonly isRenewed: boolean;
}

async function tlsPart(own: OwnNode): Promise<TlsPart | string> {
  const places = pairPlaces(own.stateDir);
  const configured = textAt(own.data, ["api", "tls", "cert"]);
  if (configured !== undefined && configured !== places.cert) return await foreignPart(own);
  const known = await readKeyed(places.authority, places.authorityKey);
  const authority = known ?? makeAuthority(own.node);
  const { cert, key } = await apiCertificate(own, authority, places, known !== null);
  const files = [
    { path: places.authorityKey, text: authority.key, secret: true },
    { path: places.authority, text: authority.cert, secret: false },
    { path: places.key, text: key, secret: true },
    { path: places.cert, text: cert, secret: false },
  ];
  const edit = configured === undefined ? { tls: { cert: places.cert, key: places.key } } : {};
  return { ca: authority.cert, edit, files, isRenewed: true };
}

/** The one that is there, if it is valid for the address and its authority is, else another one with the same key. */
async function apiCertificate(
  { node, address, nowMs }: OwnNode,
  authority: KeyedCertificate,
  places: PairPlaces,
  isSigned: boolean,
): Promise<KeyedCertificate> {
  const known = await readKeyed(places.cert, places.key);
  const names = known === null ? [] : namesIn(known.cert);
  const wanted = [...new Set([node, address, ...names])];
  const serves = isSigned && names.includes(address);
  if (known !== null && serves && !isDue(known.cert, nowMs)) return known;
  const key = known === null ? {} : { key: known.key };
  return issueCertificate(authority, { node, names: wanted, nowMs, ...key });
}

/** A certificate from elsewhere is not touched; the other node must accept it. */
async function foreignPart({ data, address, node }: OwnNode): Promise<TlsPart | string> {
  const [cert, key] = ["cert", "key"].map((part) => textAt(data, ["api", "tls", part])!);
  const texts = readTlsFiles(data).ofApi;
  if ("problem" in texts) return texts.problem;
  const problem = await servingProblem({ ...texts, ca: texts.cert, name: address });
  if (problem === null) return { ca: texts.cert, edit: {}, files: [], isRenewed: false };
  return `the other node would not accept the certificate in ${cert} at ${address}: ${problem}. ` +
    `Make a right one: ${certificateCommand(cert!, key!, [node, address])} - or remove api.tls: ` +
    "vipd pair makes one, and vipd renews it";
}

interface TokenPart {
  readonly token: string;
  readonly edit: Pick<PairEdit, "readTokenFile" | "localReading">;
  readonly files: readonly SecretFile[];
}

/** A read token for the other node changes nothing for the users of this one: where reading was open, it stays so. */
async function tokenPart({ data, stateDir }: OwnNode): Promise<TokenPart> {
  const configured = textAt(data, ["api", "read_token_file"]);
  const path = configured ?? pairPlaces(stateDir).readToken;
  const keepsOpen = configured === undefined &&
    valueAt(data, ["api", "local_reading"]) === undefined;
  const edit = {
    ...(configured === undefined && { readTokenFile: path }),
    ...(keepsOpen && { localReading: "open" } as const),
  };
  const known = await knownToken(path, path === pairPlaces(stateDir).readToken);
  if (known !== null) return { token: known, edit, files: [] };
  const token = randomBytes(TOKEN_OCTETS).toString("base64url");
  return { token, edit, files: [{ path, text: `${token}\n`, secret: true }] };
}

/** `null` if there is none; `own` if a pairing makes the file: then also if it is damaged. */
async function knownToken(path: string, own: boolean): Promise<string | null> {
  if (!await isThere(path)) return null;
  try {
    return await readToken(path);
  } catch (error) {
    // A user who may not read it must not replace it either.
    if (!own || !(error instanceof TokenFileError) || !await isReadable(path)) throw error;
    return null;
  }
}

function isReadable(path: string): Promise<boolean> {
  return Deno.readTextFile(path).then(() => true, () => false);
}

/** `null` unless both are there, are what they are to be, and belong together. */
async function readKeyed(cert: string, key: string): Promise<KeyedCertificate | null> {
  if (!await isThere(cert) || !await isThere(key)) return null;
  const texts = { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
  try {
    new X509Certificate(texts.cert);
    createPrivateKey(texts.key);
    return belongTogether(texts.cert, texts.key) ? texts : null;
  } catch {
    return null;
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}

function textAt(data: unknown, path: Path): string | undefined {
  const value = valueAt(data, path);
  return typeof value === "string" ? value : undefined;
}
