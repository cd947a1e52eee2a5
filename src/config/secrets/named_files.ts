/**
 * The files that a configuration names and whose content it needs: the content, after somebody has read it.
 *
 * @module
 */

import type { Finding } from "../findings.ts";
import type { Path } from "../path.ts";

export const API_CERTIFICATE: Path = ["api", "tls", "cert"];
export const API_KEY: Path = ["api", "tls", "key"];

/** Certificates and keys of TLS, and the faults of their files. */
export class TlsFiles {
  /** Errors, with their places. */
  readonly findings: readonly Finding[];
  readonly #texts: ReadonlyMap<string, string>;

  constructor(findings: readonly Finding[], texts: ReadonlyMap<string, string>) {
    this.findings = findings;
    this.#texts = texts;
  }

  /** The PEM text of the file that this place names; `undefined` where none can be used. */
  textAt(path: Path): string | undefined {
    return this.#texts.get(placeName(path));
  }

  /** The certificate and key of the API's TLS, or why there are none. */
  get ofApi(): { readonly cert: string; readonly key: string } | { readonly problem: string } {
    const [cert, key] = [this.textAt(API_CERTIFICATE), this.textAt(API_KEY)];
    const found = this.findings.filter(({ path, severity }) =>
      path[0] === "api" && severity === "error"
    );
    if (found.length === 0 && cert !== undefined && key !== undefined) return { cert, key };
    const problem = found.map(({ path, message, hint }, index) => {
      const isLast = found[index + 1]?.hint !== hint;
      return `${path.join(".")}: ${message}${isLast ? `; ${hint}` : ""}`;
    }).join("; ");
    return { problem: `${problem}; then vipd reload` };
  }
}

/** Keys of HMAC trailers, and the faults of their files. */
export interface KeyFiles {
  /** Errors, with their places. */
  readonly findings: readonly Finding[];
  /** The octets of the key whose `key_file` stands at this place; `undefined` if none can be used. */
  keyAt(path: Path): Uint8Array | undefined;
}

/** The place of the file of one key of an instance. */
export function keyFilePlace(instance: number, key: number): Path {
  return ["instances", instance, "authentication", "keys", key, "key_file"];
}

export interface NamedFiles {
  /** Without one of these, only what needs it does not work. */
  readonly tls: TlsFiles;
  /** Without one of these there is no configuration. */
  readonly keys: KeyFiles;
}

/** Named files that nobody has read: of another machine, or of a configuration that names none. */
export const NO_NAMED_FILES: NamedFiles = {
  tls: new TlsFiles([], new Map()),
  keys: { findings: [], keyAt: () => undefined },
};

/** A place as the key of a map. */
export function placeName(path: Path): string {
  return JSON.stringify(path);
}
