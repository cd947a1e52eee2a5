/**
 * From data to the text of a configuration file, for people to read and edit.
 *
 * @module
 */

import { Document, isMap, isScalar, isSeq } from "yaml";
import type { Path } from "../path.ts";
import { pathText } from "../findings.ts";

export interface WriteOptions {
  /** Stands above everything; lines without `#`. */
  readonly header?: string;
  /** The comment above a part, by its path as diagnostics write it: `instances[0]`. */
  readonly comments?: ReadonlyMap<string, string>;
  /** Keys whose mapping, or whose list's entries, are written in one line: `{ check: nginx }`. */
  readonly inline?: readonly string[];
}

/** YAML 1.2 that reads back as `data`. Control characters in comments are replaced. */
export function writeYaml(data: unknown, options: WriteOptions = {}): string {
  const document = new Document(data, { version: "1.2", schema: "core" });
  if (options.header !== undefined) document.commentBefore = comment(options.header);
  if (isMap(document.contents)) {
    // The header is followed by an empty line anyway.
    const [, ...further] = document.contents.items;
    for (const { key } of further) if (isScalar(key)) key.spaceBefore = true;
  }
  decorate(document.contents, [], options);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function decorate(node: unknown, path: Path, options: WriteOptions): void {
  const comments = (inner: Path) => {
    const text = options.comments?.get(pathText(inner) ?? "");
    return text === undefined ? {} : { commentBefore: comment(text) };
  };
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const inner = [...path, index];
      Object.assign(item as object, comments(inner));
      decorate(item, inner, options);
    }
  }
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : "";
    const inner = [...path, name];
    Object.assign(key as object, comments(inner));
    if (options.inline?.includes(name)) writeInline(value);
    decorate(value, inner, options);
  }
}

function writeInline(node: unknown): void {
  if (isMap(node)) node.flow = true;
  else if (isSeq(node)) node.items.forEach(writeInline);
}

/** The library puts a `#` before each line. */
function comment(text: string): string {
  return text.split("\n").map((line) => ` ${line.replace(/\p{Cc}/gu, "\ufffd")}`).join("\n");
}
