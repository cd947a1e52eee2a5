/**
 * What a support bundle shows of URLs and of the arguments of programs: what is known to hold no secret, and nothing
 * else. A list of what may be secret always lacks something.
 *
 * @module
 */

/** In the place of what is not shown. */
export const MASK = "[left out]";

/** What people run as checks: words and files that tell what is done. */
const OPEN_WORD =
  /^(?:restart|reload|start|stop|status|is-active|try-restart|nginx|haproxy|keepalived|(?:nginx|haproxy)\.service)$/;
const OPTION = /^--?[A-Za-z][\w-]*$/;
/** An option of one letter may have its value right behind it: `-psecret`. */
const LETTER_AND_VALUE = /^(-[A-Za-z])(?=[^-])[^]+$/;
const ASSIGNMENT = /^([A-Za-z-][\w-]*=)[^]*$/;
const PATH = /^\/[\w./@-]*$/;

/** A scheme, user information, host and port, path, query, fragment; RFC 3986 appendix B. What is left out stays so. */
const URL_PARTS =
  /\b([a-z][a-z0-9+.-]*:\/\/)((?:\[left out\]|[^\s/?#@"'])*@)?([^\s/?#"']*)((?:\[left out\]|[^\s?#"'])*)(\?(?:\[left out\]|[^\s#"'])*)?(#(?:\[left out\]|[^\s"'])*)?/gi;

/** The text with the user, query and fragment of each URL left out; with `path` false, its path too. */
export function openUrls(text: string, { path }: { readonly path: boolean }): string {
  return text.replace(
    URL_PARTS,
    (_, scheme: string, user = "", host = "", way = "", query = "", fragment = "") =>
      [
        scheme,
        user === "" ? "" : `${MASK}@`,
        host,
        path || way.length < 2 ? way : `/${MASK}`,
        query === "" ? "" : `?${MASK}`,
        fragment === "" ? "" : `#${MASK}`,
      ].join(""),
  );
}

/** A command line: the program, and of its arguments what is open. */
export function openCommand([program = "", ...args]: readonly string[]): string[] {
  return [program, ...args.map(openArgument)];
}

function openArgument(argument: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(argument)) return openUrls(argument, { path: false });
  const assigned = ASSIGNMENT.exec(argument)?.[1];
  if (assigned !== undefined) return `${assigned}${MASK}`;
  // `-name` may be an option, or `-n` and its value.
  const letter = LETTER_AND_VALUE.exec(argument)?.[1];
  if (letter !== undefined) return `${letter}${MASK}`;
  return OPTION.test(argument) || PATH.test(argument) || OPEN_WORD.test(argument) ? argument : MASK;
}

/** What {@link openCommand} leaves out and is long enough to be found elsewhere: others may have quoted it. */
export function closedArguments(command: readonly string[]): string[] {
  return command.slice(1).flatMap((argument) => {
    if (openArgument(argument) === argument) return [];
    const value = argument.replace(/^(?:-[A-Za-z](?=[^-])|[A-Za-z-][\w-]*=)/, "");
    return [argument, value].filter((text) =>
      text.length >= 8 || /\d/.test(text) && text.length >= 6
    );
  });
}
