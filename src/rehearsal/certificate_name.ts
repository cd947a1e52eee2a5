/**
 * Whether a certificate is for a name (RFC 9525 section 6).
 *
 * @module
 */

/** `names`: DNS names and addresses; a wildcard stands for one label, the first. */
export function isCertificateFor(names: readonly string[], asked: string): boolean {
  const wanted = asked.toLowerCase();
  const parent = wanted.slice(wanted.indexOf("."));
  return names.some((name) => {
    const offered = name.toLowerCase();
    return offered === wanted || wanted.includes(".") && offered === `*${parent}`;
  });
}
