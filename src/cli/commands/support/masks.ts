/**
 * Masks URLs and arguments of programs in a support bundle: it shows only what is known to contain no secret. A list of
 * possible secrets would always be incomplete.
 *
 * @module
 */

/** Replaces what is not shown. */
export const MASK = "[left out]";

/** Words and files in common check commands that show what the command does. */
const OPEN_WORD =
  /^(?:restart|reload|start|stop|status|is-active|try-restart|nginx|haproxy|keepalived|(?:nginx|haproxy)\.service)$/;
const OPTION = /^--?[A-Za-z][\w-]*$/;
/** A one-letter option may have its value directly after it: `-psecret`. */
const LETTER_AND_VALUE = /^(-[A-Za-z])(?=[^-])[^]+$/;
const ASSIGNMENT = /^([A-Za-z-][\w-]*=)[^]*$/;
const PATH = /^\/[\w./@-]*$/;

/**
 * A scheme, user information, host and port, path, query, fragment; RFC 3986 appendix B. A masked part stays masked.
 */
const URL_PARTS =
  /\b([a-z][a-z0-9+.-]*:\/\/)((?:\[left out\]|[^\s/?#@"'])*@)?([^\s/?#"']*)((?:\[left out\]|[^\s?#"'])*)(\?(?:\[left out\]|[^\s#"'])*)?(#(?:\[left out\]|[^\s"'])*)?/gi;

/** The text with the user, query and fragment of each URL masked; if `path` is false, its path too. */
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

/** A command line: the program, and those of its arguments that contain no secret. */
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

/**
 * Arguments that {@link openCommand} masks and that are long enough to search for elsewhere, because other programs may
 * have quoted them.
 */
export function closedArguments(command: readonly string[]): string[] {
  return command.slice(1).flatMap((argument) => {
    if (openArgument(argument) === argument) return [];
    const value = argument.replace(/^(?:-[A-Za-z](?=[^-])|[A-Za-z-][\w-]*=)/, "");
    return [argument, value].filter((text) =>
      text.length >= 8 || /\d/.test(text) && text.length >= 6
    );
  });
}
