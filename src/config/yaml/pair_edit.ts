/**
 * The changes of a pairing to a configuration file, in its text: everything else, comments included, stays as it is.
 *
 * @module
 */

import {
  Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  type Pair,
  type ParsedNode,
  parseDocument,
  YAMLMap,
} from "yaml";
import { isDeepStrictEqual } from "node:util";
import { valueAt } from "../findings.ts";
import type { Path } from "../path.ts";

/** An entry of `peers`. */
export interface PeerEntry {
  readonly name: string;
  readonly url: string;
  readonly ca: string;
  readonly token_file: string;
}

/** The new values; a key that is absent stays as it is. */
export interface PairEdit {
  /** All of `api.listen`. */
  readonly listen?: readonly string[];
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly readTokenFile?: string;
  readonly localReading?: "open";
  /** Takes the place of the peer with the same name. */
  readonly peer: PeerEntry;
}

const PARSING = { version: "1.2", schema: "core", logLevel: "error" } as const;
const WRITING = { lineWidth: 0, flowCollectionPadding: true } as const;

type Document12 = Document.Parsed<ParsedNode>;

/** The text with the edit. Throws if it is no mapping, which a valid configuration always is. */
export function editForPair(text: string, edit: PairEdit): string {
  const before = parseDocument(text, PARSING);
  const after = parseDocument(text, PARSING);
  if (!isMap(before.contents) || !isMap(after.contents)) throw new Error("the file has no keys");
  editApi(after, edit);
  editPeers(after, edit.peer);
  const wanted: unknown = after.toJS();
  const changed = ["peers", "api"].filter((key) => !isSame(before, after, [key]));
  const spliced = changed.reduce((sum, key) => spliceKey(sum, after, key), text);
  const restored = withFlowOf(before, text, spliced, changed);
  if (holds(restored, wanted) && hasComments(restored, text)) return restored;
  if (holds(spliced, wanted) && hasComments(spliced, text)) return spliced;
  // A text that is laid out unusually, such as one mapping in braces: the library writes all of it.
  const whole = after.toString(WRITING);
  if (holds(whole, wanted) && hasComments(whole, text)) return whole;
  throw new Error("its layout is too unusual");
}

function editApi(
  document: Document12,
  { listen, tls, readTokenFile, localReading }: PairEdit,
): void {
  const values = {
    ...(listen === undefined ? {} : { listen }),
    ...(tls === undefined ? {} : { tls }),
    ...(readTokenFile === undefined ? {} : { read_token_file: readTokenFile }),
    ...(localReading === undefined ? {} : { local_reading: localReading }),
  };
  if (Object.keys(values).length === 0) return;
  const api = document.get("api", true);
  if (!isMap(api)) {
    const map = new YAMLMap();
    map.commentBefore = isNode(api) ? api.comment ?? api.commentBefore ?? null : null;
    document.set("api", map);
  }
  for (const [key, value] of Object.entries(values)) {
    const node = document.createNode(value, { flow: true });
    const old = document.getIn(["api", key], true);
    if (isNode(old)) node.comment = old.comment ?? null;
    document.setIn(["api", key], node);
  }
}

function editPeers(document: Document12, peer: PeerEntry): void {
  const entry = document.createNode(peer, { flow: true });
  const peers = document.get("peers");
  if (!isSeq(peers)) {
    document.set("peers", document.createNode([]));
    document.addIn(["peers"], entry);
    return;
  }
  const index = peers.items.findIndex((item) => isMap(item) && item.get("name") === peer.name);
  if (index < 0) peers.add(entry);
  else peers.set(index, entry);
}

/** The text with one key of the document in the place where it stood, else at the end. */
function spliceKey(text: string, document: Document12, key: string): string {
  const pair = pairOf(document, key);
  if (pair === undefined) return text;
  const old = pairOf(parseDocument(text, PARSING), key);
  if (old === undefined) return `${text}${/(^|\n)$/.test(text) ? "" : "\n"}\n${writtenAlone(pair)}`;
  const [start, end] = [rangeOf(old.key)?.[0], rangeOf(old.value)?.[1] ?? rangeOf(old.key)?.[1]];
  if (start === undefined || end === undefined) return text;
  // The library counts the end of a block's last line to the block, and a comment behind a flow collection not.
  const isBlock = /(^|\n)$/.test(text.slice(0, end));
  if (!isBlock && isNode(pair.value)) pair.value.comment = null;
  const written = writtenAlone(pair);
  return text.slice(0, start) + (isBlock ? written : written.trimEnd()) + text.slice(end);
}

/** The edited text, in which lists and mappings in brackets that the edit leaves alone are laid out as they were. */
function withFlowOf(
  before: Document12,
  text: string,
  edited: string,
  keys: readonly string[],
): string {
  const after = parseDocument(edited, PARSING);
  let whole = edited;
  // From the end, so that the places before stay right.
  const places = keys.flatMap((key) => flowPlaces(after, [key])).reverse();
  for (const path of places) {
    const [from, to] = [before.getIn(path, true), after.getIn(path, true)].map(rangeOf);
    if (!from || !to || !isSame(before, after, path)) continue;
    whole = whole.slice(0, to[0]) + text.slice(from[0], from[1]) + whole.slice(to[1]);
  }
  return whole;
}

/** The places of the outermost lists and mappings in brackets, in the order of the text. */
function flowPlaces(document: Document12, path: Path): Path[] {
  const node = document.getIn(path, true);
  if (!isCollection(node)) return [];
  if (node.flow) return [path];
  const steps = isMap(node)
    ? node.items.map(({ key }) => String(isScalar(key) ? key.value : key))
    : node.items.map((_, index) => index);
  return steps.flatMap((step) => flowPlaces(document, [...path, step]));
}

function isSame(before: Document12, after: Document12, path: Path): boolean {
  return isDeepStrictEqual(valueAt(before.toJS(), path), valueAt(after.toJS(), path));
}

function pairOf(document: Document12, key: string): Pair | undefined {
  if (!isMap(document.contents)) return undefined;
  const items: readonly Pair[] = document.contents.items;
  // A key that was added is a plain text.
  return items.find((item) => (isScalar(item.key) ? item.key.value : item.key) === key);
}

/** One key and its value as a text of their own, without the comment that stands before them. */
function writtenAlone(pair: Pair): string {
  const document = new Document({}, PARSING);
  const map = new YAMLMap();
  const { key } = pair;
  map.items.push(pair);
  document.contents = map as typeof document.contents;
  if (isScalar(key)) Object.assign(key, { commentBefore: undefined, spaceBefore: false });
  return document.toString(WRITING);
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  return range ?? undefined;
}

function holds(text: string, wanted: unknown): boolean {
  const document = parseDocument(text, PARSING);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted);
}

function hasComments(text: string, before: string): boolean {
  return isDeepStrictEqual(comments(text), comments(before));
}

function comments(text: string): string[] {
  return Array.from(new Lexer().lex(text)).filter((token) => token.startsWith("#")).sort();
}
