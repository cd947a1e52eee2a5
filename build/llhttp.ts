/**
 * Writes llhttp, the parser of HTTP, into a module of its own. From the package itself a bundle would take it octet by
 * octet, as 54,000 properties of an object: 30 MB of memory.
 *
 * @module
 */

import { resolve } from "node:path";
import wasm from "undici/lib/llhttp/llhttp-wasm.js";

/** The file that this writes. */
export const LLHTTP_MODULE = resolve(
  import.meta.dirname!,
  "../src/front/server/http1/llhttp_wasm.ts",
);

/** The text of {@link LLHTTP_MODULE} as the package undici has it. */
export function llhttpModule(): string {
  const octets = Uint8Array.from<number>(wasm);
  return `// Made by \`deno task llhttp\` out of the npm package undici; not to be edited.
// deno-fmt-ignore-file

/** llhttp as WebAssembly, in base64. Copyright Fedor Indutny, 2018, and contributors of undici; MIT licence. */
export const LLHTTP_WASM = "${octets.toBase64()}";
`;
}

if (import.meta.main) await Deno.writeTextFile(LLHTTP_MODULE, llhttpModule());
