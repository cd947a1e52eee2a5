/**
 * Keeps secrets out of what is shown.
 *
 * @module
 */

/**
 * A key of a secret and what follows it, on its line or alone on the next: for texts that cannot be read as YAML.
 * Keys of files are none, but for `key`.
 */
const PASSWORD =
  /((?<![\w-])["']?(?!active_key\b)[\w-]*(?:passw?|pwd|secret|token|(?<![a-z])key)(?!s\b|_file|[\w-]*_file)[\w-]*["']?[ \t]*[:=][ \t]*(?:(?:#[^\n]*)?\n[ \t]+(?!- |[\w"'-]+[ \t]*:[ \t\n]))?(?:[&!]\S+[ \t]+)?)("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,}#&*|>[{][^\n,}]*)/gi;

/** `key: /PATH` names a file, as in `tls`: the keys of `authentication` have hexadecimal digits only. */
const FILE_KEY = /(?<![\w-])["']?key["']?[ \t]*:[ \t]+$/;
const FILE_NAME = /^(["']?)\/[\w./-]+\1[ \t]*$/;

/** User name and password of a URL. */
const USER_INFO = /(?<=:\/\/)[^\s/?#@]*@/g;

/** A shorter secret could be any word; it is masked where it stands alone. */
const MIN_KNOWN_CHARS = 4;

const asterisks = (value: string) => value.replace(/[^\n\r]/g, "*");

/** The text with what looks like a secret overwritten by as many asterisks, and what stands before the host of a URL. */
export function maskPasswords(text: string): string {
  return maskUserInfo(text).replace(PASSWORD, (_, key: string, value: string) => {
    const isFile = FILE_KEY.test(key) && FILE_NAME.test(value);
    return key + (isFile ? value : asterisks(value));
  });
}

/** The text without the user names and passwords of URLs. */
export function maskUserInfo(text: string): string {
  return text.replace(USER_INFO, asterisks);
}

/** The text with these parts overwritten by as many asterisks. */
export function maskRanges(text: string, ranges: readonly (readonly [number, number])[]): string {
  let masked = "";
  let end = 0;
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    if (to <= end) continue;
    const begin = Math.max(from, end);
    masked += text.slice(end, begin) + asterisks(text.slice(begin, to));
    end = to;
  }
  return masked + text.slice(end);
}

/** A message without secrets that it quotes: in it, what comes from a file stands in double quotes. */
export function maskQuoted(message: string, secrets: ReadonlySet<string>): string {
  return message.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => maskKnown(quoted, secrets));
}

/** The text without any of these secrets. */
export function maskKnown(text: string, secrets: ReadonlySet<string>): string {
  let masked = text;
  for (const secret of secrets) {
    if (secret.length < MIN_KNOWN_CHARS) continue;
    const written = JSON.stringify(secret).slice(1, -1);
    masked = masked.replaceAll(written, asterisks(written)).replaceAll(secret, asterisks(secret));
  }
  return masked;
}
