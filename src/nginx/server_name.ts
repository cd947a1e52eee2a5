/**
 * The names of a server, and which of them nginx takes for a request (nginx.org, "Server names").
 *
 * @module
 */

/**
 * `suffix`: `*.example.com`, the text is `.example.com`. `prefix`: `mail.*`, the text is `mail.`. `regex`: without its
 * tilde.
 */
export interface ServerName {
  readonly kind: "exact" | "suffix" | "prefix" | "regex";
  readonly text: string;
  /** As it is written. */
  readonly written: string;
}

/** A name of a host, RFC 1123, and the underscore that people use. Others, such as `_` and `""`, match no request. */
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** A name in small letters that a client can ask for. */
export function isHostName(name: string): boolean {
  return HOST_NAME.test(name);
}

/** The names of one `server_name` directive. Those that no client can ask for are left out. */
export function readServerNames(args: readonly string[]): ServerName[] {
  return args.flatMap((written): ServerName[] => {
    if (written.startsWith("~")) return [{ kind: "regex", text: written.slice(1), written }];
    const name = written.toLowerCase().replace(/\.$/, "");
    const is = (kind: ServerName["kind"], text: string) => ({ kind, text, written });
    if (name.startsWith("*.") && HOST_NAME.test(name.slice(2))) {
      return [is("suffix", name.slice(1))];
    }
    if (name.startsWith(".") && HOST_NAME.test(name.slice(1))) {
      return [is("exact", name.slice(1)), is("suffix", name)];
    }
    if (name.endsWith(".*") && HOST_NAME.test(name.slice(0, -2))) {
      return [is("prefix", name.slice(0, -1))];
    }
    return HOST_NAME.test(name) && name !== "_" ? [is("exact", name)] : [];
  });
}

/** Whether nginx takes the name of a request for this one; a regular expression that JavaScript lacks takes none. */
export function matchesName({ kind, text }: ServerName, asked: string): boolean {
  switch (kind) {
    case "exact":
      return asked === text;
    case "suffix":
      return asked.length > text.length && asked.endsWith(text);
    case "prefix":
      return asked.length > text.length && asked.startsWith(text);
    case "regex":
      return expressionOf(text)?.test(asked) ?? false;
  }
}

/** nginx compares without regard to case if the expression has a capital letter or not: names are in small letters. */
function expressionOf(text: string): RegExp | null {
  try {
    return new RegExp(text.replaceAll("(?P<", "(?<"), "i");
  } catch {
    return null;
  }
}
