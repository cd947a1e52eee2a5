/**
 * Files from which a program makes a keepalived.conf: they have to be made before they can be imported.
 *
 * @module
 */

import type { Place, SourceLine } from "./statement.ts";
import { stripComment } from "./words.ts";

/** The marks of each kind of template, outside of comments. */
const KINDS: readonly (readonly [pattern: RegExp, kind: string, remedy: string])[] = [
  [
    /\{%-?\s*\w+.*%\}/,
    "a Jinja template",
    "import what Ansible or Salt makes of it, on the node: /etc/keepalived/keepalived.conf",
  ],
  [/<%.*%>/, "an ERB template", "import what Puppet or Chef makes of it, on the node"],
  [
    /\{\{-?\s*(?:\.|\$|range\b|if\b|end\b|template\b|include\b|key\b|with\b|else\b)[^}]*\}\}/,
    "a Go template",
    "import what Helm, confd or consul-template makes of it",
  ],
  [
    /\{\{[^{}]*\}\}/,
    "a Jinja template",
    "import what Ansible or Salt makes of it, on the node: /etc/keepalived/keepalived.conf",
  ],
  [
    /^\s*(?:sudo\s+)?(?:cat|tee)\b.*<<-?\s*\\?['"]?\w+/,
    "a shell script that writes the file",
    "run it, and import the file that it writes",
  ],
];

/** In each line that one of {@link KINDS} matches. */
const ANY_KIND = /\{[{%]|<[%<]/;

/** Programs that take a template as an argument: `docker inspect -f {{.State.Running}} nginx`. */
const OWN_TEMPLATES = /\b(?:docker|podman|kubectl|crictl)\b/;

/** A template: its kind, the first line that says so, and the remedy. */
export interface Template {
  readonly kind: string;
  readonly place: Place;
  readonly remedy: string;
}

/** The kind of template that these lines are; `null` if they are none. */
export function findTemplate(lines: readonly SourceLine[]): Template | null {
  const suspects = lines.filter(({ text }) => ANY_KIND.test(text) && !OWN_TEMPLATES.test(text))
    .map((place) => ({ place, meant: stripComment(place.text).text }));
  for (const [pattern, kind, remedy] of KINDS) {
    const found = suspects.find(({ meant }) => pattern.test(meant));
    if (found) return { kind, place: found.place, remedy };
  }
  return null;
}
