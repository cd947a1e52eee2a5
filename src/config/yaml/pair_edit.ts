/**
 * The changes of a pairing to a configuration file, in its text: everything else, comments included, stays as it is.
 *
 * @module
 */

import {
  Document,
  isAlias,
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

/** The text with the edit, with line ends as it has them. Throws if it is no mapping, which a valid configuration always is. */
export function editForPair(text: string, edit: PairEdit): string {
  // The library writes line feeds alone. In a text that mixes both, each line keeps its own.
  if (!text.includes("\r\n") || /(^|[^\r])\n/.test(text)) return editLines(text, edit);
  return editLines(text.replaceAll("\r\n", "\n"), edit).replaceAll("\n", "\r\n");
}

function editLines(text: string, edit: PairEdit): string {
  const before = parseDocument(text, PARSING);
  const after = parseDocument(text, PARSING);
  if (!isMap(before.contents) || !isMap(after.contents)) throw new Error("the file has no keys");
  const wanted = valuesWith(after, edit);
  // An alias elsewhere names what the edit replaced.
  if (wanted === null) throw new Error(refusal(text, before, ["api", "peers"]));
  const changed = ["peers", "api"].filter((key) => !isSame(before, after, [key]));
  const spliced = changed.reduce((sum, key) => spliceKey(sum, after, key), text);
  const restored = withFlowOf(before, text, spliced, changed);
  if (holds(restored, wanted) && hasComments(restored, text)) return restored;
  if (holds(spliced, wanted) && hasComments(spliced, text)) return spliced;
  // A text that is laid out unusually, such as one mapping in braces: the library writes all of it.
  const whole = after.toString(WRITING);
  if (holds(whole, wanted) && hasComments(whole, text)) return whole;
  throw new Error(refusal(text, before, changed));
}

/** Edits the document. Its values then; `null` if an alias names nothing any more. */
function valuesWith(document: Document12, edit: PairEdit): unknown {
  try {
    editApi(document, edit);
    editPeers(document, edit.peer);
    return document.toJS();
  } catch (error) {
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

/** The sentence about a file that cannot be edited: its lines that stand in the way, and the remedy. */
function refusal(text: string, document: Document12, keys: readonly string[]): string {
  const places = keys.flatMap((key) => {
    const start = rangeOf(pairOf(document, key)?.key)?.[0];
    return start === undefined ? [] : [`${key} in line ${text.slice(0, start).split("\n").length}`];
  });
  const named = places.length === 0 ? keys.join(" and ") : places.join(" and ");
  return `the layout of ${named} is too unusual; write it there without anchors (&), aliases (*) and tags (!), ` +
    "one key a line, then run vipd pair again";
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
    const old = document.getIn(["api", key], true);
    if (takesOver(document, old, value)) continue;
    const node = document.createNode(value, { flow: true });
    if (isNode(old)) node.comment = old.comment ?? null;
    document.setIn(["api", key], node);
  }
}

/**
 * Gives a node of the document another value such that its layout and its comments stay; `false` if it cannot. One with an
 * anchor has its value in other places, too.
 */
function takesOver(document: Document12, old: unknown, value: unknown): boolean {
  if (!isNode(old)) return false;
  if (isDeepStrictEqual(old.toJS(document), value)) return true;
  if (isAlias(old) || old.anchor || old.tag?.startsWith("!")) return false;
  if (isScalar(old)) {
    if (typeof old.value !== "string" || typeof value !== "string") return false;
    old.value = value;
    return true;
  }
  if (isSeq(old)) {
    const items: unknown = old.toJS(document);
    if (!Array.isArray(items) || !Array.isArray(value)) return false;
    if (!isDeepStrictEqual(items, value.slice(0, items.length))) return false;
    for (const item of value.slice(items.length)) old.add(document.createNode(item));
    return true;
  }
  if (!isMap(old) || typeof value !== "object" || value === null || Array.isArray(value)) {
    return false;
  }
  const surplus = old.items.map(({ key }) => isScalar(key) ? key.value : key)
    .filter((key) => typeof key !== "string" || !Object.hasOwn(value, key));
  for (const key of surplus) old.delete(key);
  for (const [key, part] of Object.entries(value)) {
    if (!takesOver(document, old.get(key, true), part)) old.set(key, document.createNode(part));
  }
  return true;
}

function editPeers(document: Document12, peer: PeerEntry): void {
  const entry = document.createNode(peer, { flow: true });
  const peers = document.get("peers", true);
  if (!isSeq(peers)) {
    const list = document.createNode([]);
    list.commentBefore = isNode(peers) ? peers.comment ?? peers.commentBefore ?? null : null;
    document.set("peers", list);
    document.addIn(["peers"], entry);
    return;
  }
  const index = peers.items.findIndex((item) =>
    isMap(item) && valueAt(item.toJS(document), ["name"]) === peer.name
  );
  if (index < 0) peers.add(entry);
  else if (!takesOver(document, peers.items[index], peer)) peers.set(index, entry);
}

/** The text with one key of the document in the place where it stood, else at the end. */
function spliceKey(text: string, document: Document12, key: string): string {
  const pair = pairOf(document, key);
  if (pair === undefined) return text;
  const old = pairOf(parseDocument(text, PARSING), key);
  if (old === undefined) {
    return `${text}${/(^|\n)$/.test(text) ? "" : "\n"}\n${writtenAlone(pair) ?? ""}`;
  }
  const range = rangeOf(old.value) ?? rangeOf(old.key);
  // The comment behind an empty value becomes one of the new value.
  const [start, end] = [rangeOf(old.key)?.[0], range?.[isScalar(old.value) ? 2 : 1]];
  if (start === undefined || end === undefined) return text;
  // The library counts the end of a block's last line to the block, and a comment behind a flow collection not.
  const isBlock = /(^|\n)$/.test(text.slice(0, end));
  if (!isBlock && isNode(pair.value)) pair.value.comment = null;
  const written = writtenAlone(pair);
  if (written === null) return text;
  const spliced = text.slice(0, start) + (isBlock ? written : written.trimEnd()) + text.slice(end);
  // Comments that lost their place, such as those of a key that is gone, stand before the whole.
  const lost = missing(comments(text), comments(spliced)).map((comment) => `${comment}\n`);
  return spliced.slice(0, start) + lost.join("") + spliced.slice(start);
}

/** The texts of the first list that the second one does not have as often. */
function missing(all: readonly string[], there: readonly string[]): string[] {
  const left = [...there];
  return all.filter((text) => {
    const index = left.indexOf(text);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
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

/**
 * One key and its value as a text of their own, without the comment that stands before them; `null` if an alias in it names
 * something outside.
 */
function writtenAlone(pair: Pair): string | null {
  const document = new Document({}, PARSING);
  const map = new YAMLMap();
  const { key } = pair;
  map.items.push(pair);
  document.contents = map as typeof document.contents;
  if (isScalar(key)) Object.assign(key, { commentBefore: undefined, spaceBefore: false });
  try {
    return document.toString(WRITING);
  } catch {
    return null;
  }
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
  return isDeepStrictEqual(comments(text).sort(), comments(before).sort());
}

function comments(text: string): string[] {
  return Array.from(new Lexer().lex(text), (token) => token.trimEnd())
    .filter((token) => token.startsWith("#"));
}
