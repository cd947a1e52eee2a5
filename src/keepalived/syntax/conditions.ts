/**
 * Lines for some nodes only: `@id ...` and `@^id ...` (keepalived.conf(5), "Conditional configuration").
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { Place } from "./statement.ts";

/** More names than this are not listed. */
const MAX_NAMED = 5;

/** The line without its conditions; `null` if one of them is not met. `named` is called with each id it is for. */
export function withoutConditions(
  text: string,
  own: string,
  named: (id: string) => void = () => {},
): string | null {
  let rest = text;
  for (;;) {
    const parts = /^\s*@(\^?)(\S*)/.exec(rest);
    if (!parts) return rest;
    const negated = parts[1] === "^";
    const id = parts[2]!;
    if (!negated) named(id);
    if ((id === own) === negated) return null;
    rest = rest.slice(parts[0].length);
  }
}

/** Compares conditions with the node's own id, and remembers what they left out. */
export class Conditions {
  readonly #id: string;
  /** The ids that lines are for, this node's included. */
  readonly #ids = new Set<string>();
  #first: Place | null = null;
  #leftOut = 0;

  /** `id` is keepalived's `--config-id`. */
  constructor(id: string) {
    this.#id = id;
  }

  /** The line without its conditions; `null` if one of them is not met. */
  apply(text: string, place: Place): string | null {
    const rest = withoutConditions(text, this.#id, (id) => this.#ids.add(id));
    if (rest === null) {
      this.#first ??= place;
      this.#leftOut++;
    }
    return rest;
  }

  /** Reports the lines that were left out: as a loss if none of the file's ids is this node's. */
  report(report: Report): void {
    if (this.#first === null) return;
    const one = this.#leftOut === 1;
    const lines = one ? "1 line is" : `${this.#leftOut} lines are`;
    const own = quote(this.#id);
    const others = [...this.#ids].filter((id) => id !== this.#id);
    if (others.length === this.#ids.size && others.length > 0) {
      const named = others.slice(0, MAX_NAMED).map(quote).join(", ");
      report.addAt(
        "not_carried",
        this.#first,
        "@",
        `${lines} left out: the file has lines for ${named}, and none for this node, ${own}`,
        `import with --id ${others[0]}, or with the id of the node that the result is for`,
      );
      return;
    }
    const message = `${lines} left out: ${one ? "it is" : "they are"} not for this node, ${own}`;
    report.addAt("carried_differently", this.#first, "@", message, NOTHING_TO_DO);
  }
}
