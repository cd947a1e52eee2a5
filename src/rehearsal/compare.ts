/**
 * Compares the rehearsals of two nodes: would the one serve what the other serves?
 *
 * Status codes are compared, not judged: an answer that both nodes give is right.
 *
 * @module
 */

import type { Rehearsal, RehearsedCertificate, RehearsedName } from "../status/rehearsal.ts";
import { moveHint } from "../status/text/move_hint.ts";
import type { RehearsalReason } from "../status/reports/peer_answer.ts";
import { userDenied } from "./denied.ts";
import { isPipe } from "./pipe.ts";
import { keyOf, TOO_MANY, WILDCARD_LABEL } from "./plan.ts";
import { isDeaf, isSilent } from "./silence.ts";

const DAY_MS = 86_400_000;
/** Number of faults that a sentence lists. */
const SHOWN = 3;
const MESSAGE_CHARS = 1500;

export interface Comparison {
  /** The node that serves, or would have to. */
  readonly node: { readonly name: string; readonly rehearsal: Rehearsal };
  readonly other: { readonly name: string; readonly rehearsal: Rehearsal };
  /** A certificate that ends sooner is reported. */
  readonly warnBeforeMs: number;
  /** Wall clock. */
  readonly nowMs: number;
}

/**
 * The reasons why the node would not serve as the other one does, or is not known to, and why clients fail if it is the
 * one that serves (`serves_less`).
 */
export function compareRehearsals(comparison: Comparison): RehearsalReason[] {
  const { node, other } = comparison;
  const others = new Map(other.rehearsal.results.map((result) => [keyOf(result), result]));
  const silentPorts = silentPortsOf(node.rehearsal.results);
  const pairs = node.rehearsal.results.map((own) => ({
    own,
    other: others.get(keyOf(own)) ?? null,
    silentPorts,
  }));
  return [
    servingReason(comparison, pairs),
    failedReason(comparison, pairs),
    staleReason(comparison),
    unaskedReason(comparison, pairs),
    expiryReason(comparison, pairs),
  ].filter((reason) => reason !== null);
}

/** The answers of both nodes for one name; `other`: `null` if it has not asked for it. */
interface Pair {
  readonly own: RehearsedName;
  readonly other: RehearsedName | null;
  /** Those of the node of `own`. */
  readonly silentPorts: ReadonlySet<number>;
}

/** The ports on which nginx answered for no name that it was asked for. */
function silentPortsOf(results: readonly RehearsedName[]): Set<number> {
  const asked = results.filter(({ not_rehearsed }) => not_rehearsed === null);
  const answered = asked.filter((result) => !isSilent(result) && !isDeaf(result));
  return new Set(asked.map(({ port }) => port))
    .difference(new Set(answered.map(({ port }) => port)));
}

function failedReason(comparison: Comparison, pairs: readonly Pair[]): RehearsalReason | null {
  const { node } = comparison;
  const faults = faultsOf(pairs, (pair) => faultOf(pair, comparison));
  if (faults.size === 0) return null;
  const texts = Array.from(new Set(faults.values()));
  return reason(
    "rehearsal_failed",
    node.name,
    `${node.name} would serve ${countText(pairs, faults)}: ${listed(texts)}`,
    remedy(node.name, texts),
  );
}

/** The node as the one that serves: what its clients see now, whether the other node is better or not. */
function servingReason(comparison: Comparison, pairs: readonly Pair[]): RehearsalReason | null {
  const { node, other, nowMs } = comparison;
  const faults = faultsOf(pairs, (pair) => servingFault(pair, nowMs));
  if (faults.size === 0) return null;
  const texts = Array.from(new Set(faults.values()));
  const silentPorts = silentPortsOf(other.rehearsal.results);
  const swapped = pairs.flatMap(({ own, other }) =>
    other === null ? [] : [{ own: other, other: own, silentPorts }]
  );
  const isBetter = faultsOf(swapped, (pair) => servingFault(pair, nowMs)).size < faults.size;
  return reason(
    "serves_less",
    node.name,
    `${node.name} serves ${countText(pairs, faults)}: ${listed(texts)}`,
    remedy(node.name, texts) + (isBetter ? moveHint(other.name, node.name) : ""),
  );
}

/** The first fault of each name, by the name as a person reads it. */
function faultsOf(
  pairs: readonly Pair[],
  find: (pair: Pair) => string | null,
): Map<string, string> {
  const faults = new Map<string, string>();
  for (const pair of pairs) {
    const fault = find(pair);
    const name = nameOf(pair.own);
    if (fault !== null && !faults.has(name)) faults.set(name, fault);
  }
  return faults;
}

function countText(pairs: readonly Pair[], faults: ReadonlyMap<string, string>): string {
  const count = new Set(pairs.map(({ own }) => nameOf(own))).size;
  return `${count - faults.size} of ${count} ${count === 1 ? "name" : "names"}`;
}

function remedy(node: string, texts: readonly string[]): string {
  return texts.every((text) => EXPIRED.test(text))
    ? `renew it on ${node} and reload nginx there; \`vipd rehearse\` there shows each name`
    : `correct nginx on ${node}, then \`vipd rehearse\` there shows each name`;
}

/**
 * Why clients of the name fail at this node; `null` if they do not, or if they do at the other node as well and that may
 * be on purpose. Answers that differ are a matter of the standby: nobody knows which one is right.
 */
function servingFault({ own, other, silentPorts }: Pair, nowMs: number): string | null {
  const name = nameOf(own);
  if (own.not_rehearsed !== null) return null;
  const theirs = other?.error === null ? other : null;
  if (own.served === false) return theirs?.served === true ? `${name} is missing` : null;
  const expired = own.certificate && expiredText(name, own.certificate, nowMs);
  // A server for all other names may have a certificate that nobody cares for.
  if (expired !== null && (own.name !== "" || !isExpired(theirs?.certificate, nowMs))) {
    return expired;
  }
  if (theirs === null || own.served === true && theirs.served === false) return null;
  if (own.error !== null) {
    return theirs.not_rehearsed === null ? unansweredText(own, silentPorts) : null;
  }
  return own.certificate === null ? null : wrongNameText(own, own.certificate, theirs.certificate);
}

function unansweredText(own: RehearsedName, silentPorts: ReadonlySet<number>): string {
  const { port, error } = own;
  if (silentPorts.has(port)) return `port ${port} does not answer (${error})`;
  const where = isPortUnnamed(own) ? ` on port ${port}` : "";
  return `${nameOf(own)} does not answer${where} (${error})`;
}

/** Why this node would not serve the name as the other does; `null` if it would. */
function faultOf(
  { own, other, silentPorts }: Pair,
  { other: { name: otherName }, nowMs }: Comparison,
): string | null {
  const name = nameOf(own);
  if (own.not_rehearsed !== null || other === null) return null;
  if (other.error !== null) {
    return own.certificate === null ? null : expiredText(name, own.certificate, nowMs);
  }
  if (own.served === false && other.served === true) return `${name} is missing`;
  // That the other node lacks it is its fault, not this one's.
  if (own.served === true && other.served === false) return null;
  if (own.error !== null) {
    return other.not_rehearsed !== null ? null : unansweredText(own, silentPorts);
  }
  return certificateFault(own, other, nowMs) ?? answerFault(own, other, otherName);
}

function certificateFault(own: RehearsedName, other: RehearsedName, nowMs: number): string | null {
  if (own.certificate === null) return null;
  const theirs = other.certificate;
  if (!isExpired(theirs, nowMs)) {
    const expired = expiredText(nameOf(own), own.certificate, nowMs);
    if (expired !== null) return expired;
  }
  return wrongNameText(own, own.certificate, theirs);
}

function isExpired(certificate: RehearsedCertificate | null | undefined, nowMs: number): boolean {
  return !!certificate && Date.parse(certificate.expires) <= nowMs;
}

/** `null` if the certificate is for the name, or if that of the other node is not either. */
function wrongNameText(
  own: RehearsedName,
  certificate: RehearsedCertificate,
  theirs: RehearsedCertificate | null,
): string | null {
  const isFor = ({ names }: RehearsedCertificate) => isCertificateFor(names, own.name);
  if (own.name === "" || isFor(certificate) || theirs === null || !isFor(theirs)) return null;
  const names = certificate.names.slice(0, SHOWN).join(", ");
  return `the certificate of ${nameOf(own)} is for ${names === "" ? "no name" : names}`;
}

const EXPIRED = /^the certificate of .* expired /;

function expiredText(
  name: string,
  { expires }: RehearsedCertificate,
  nowMs: number,
): string | null {
  const leftMs = Date.parse(expires) - nowMs;
  return leftMs > 0 ? null : `the certificate of ${name} expired ${daysText(-leftMs)} ago`;
}

function answerFault(own: RehearsedName, other: RehearsedName, otherName: string): string | null {
  if (own.status === null || other.status === null) return null;
  const name = nameOf(own);
  if (own.status !== other.status) {
    return `${name} answers ${own.status}, not ${other.status} as on ${otherName}`;
  }
  return own.location === other.location
    ? null
    : `${name} redirects to ${own.location}, not to ${other.location} as on ${otherName}`;
}

/** The running nginx is not the one that the files describe: a reload failed, or nobody reloaded. */
function staleReason({ node: { name, rehearsal } }: Comparison): RehearsalReason | null {
  const { stale, unloadable } = rehearsal.nginx;
  if (unloadable !== null) {
    return reason(
      "nginx_unloadable",
      name,
      `nginx on ${name} cannot load its files, neither by a reload nor when it starts: ${unloadable}`,
      isPipe(unloadable)
        ? `on ${name}: remove it or put a file there, then reload nginx; before that nginx waits for ` +
          "it for ever, also if it is only to test its files"
        : `on ${name}: correct that; when nginx -t says that it is right, nginx -s reload`,
    );
  }
  if (stale === null) return null;
  return reason(
    "nginx_stale",
    name,
    `nginx on ${name} does not serve by its files: ${stale}`,
    `on ${name}: nginx -t, then nginx -s reload; its error log says why one failed`,
  );
}

function unaskedReason({ node }: Comparison, pairs: readonly Pair[]): RehearsalReason | null {
  const unread = node.rehearsal.nginx.unread.filter(({ named }) => !named);
  const unknown = unread.map(({ path, reason }) =>
    `the names in ${path} are not known (${reason})`
  );
  const unasked = pairs.flatMap(({ own, other }) =>
    own.not_rehearsed === null || other === null ? [] : [own]
  );
  const byWhy = Map.groupBy(unasked, (own) => own.not_rehearsed!);
  const texts = Array.from(byWhy, ([why, results]) => {
    const names = Array.from(new Set(results.map(nameOf)));
    return `${names.slice(0, SHOWN).join(", ")}${more(names.length - SHOWN)}: ${why}`;
  });
  if (unread.length + texts.length === 0) return null;
  return reason(
    "not_rehearsed",
    node.name,
    `not all of ${node.name} is rehearsed: ${listed([...texts, ...unknown])}`,
    [
      ...unreadRemedies(node.name, unread.map((file) => file.reason)),
      // Each of the other causes has what helps against it in its own words.
      ...(texts.length === 0 ? [] : [
        `\`vipd rehearse\` on ${node.name} shows each name, and \`vipd man rehearsal\` ends with the ` +
        "commands that ask for one without vipd",
      ]),
    ].join("; "),
  );
}

function unreadRemedies(node: string, reasons: readonly string[]): string[] {
  const unnamed = reasons.filter((reason) => reason !== TOO_MANY);
  const users = Array.from(new Set(unnamed.map(userDenied).filter((user) => user !== null)));
  const names = `give the names under rehearse.names on ${node}`;
  return [
    ...(users.length === 0 ? [] : [
      `let the user ${users.join(" and ")} read nginx's files on ${node}, or ${names}; ` +
      "`vipd rehearse` there looks at once",
    ]),
    ...(unnamed.length === 0 || users.length > 0 ? [] : [names]),
    ...(unnamed.length === reasons.length ? [] : [
      `let ${node} ask for less: fewer rehearse.paths, or rehearse.except for names that need no rehearsal`,
    ]),
  ];
}

function isExpiryFault(pair: Pair, comparison: Comparison): boolean {
  const { own: { certificate } } = pair;
  const expired = certificate && expiredText(nameOf(pair.own), certificate, comparison.nowMs);
  return expired !== null && faultOf(pair, comparison) === expired;
}

function expiryReason(
  comparison: Comparison,
  pairs: readonly Pair[],
): RehearsalReason | null {
  const { node: { name } } = comparison;
  const ending = pairs.flatMap((pair) => {
    const text = endingText(pair.own, comparison);
    // An expiry that keeps the node from serving is reported already.
    if (text === null || isExpiryFault(pair, comparison)) return [];
    return [{ text, onBoth: pair.other !== null && endingText(pair.other, comparison) !== null }];
  });
  if (ending.length === 0) return null;
  const texts = Array.from(new Set(ending.map(({ text }) => text)));
  const what = texts.length === 1 ? "it" : "them";
  const renew = ending.every(({ onBoth }) => onBoth)
    ? `renew ${what} on both nodes and reload nginx there`
    : `renew ${what} on ${name} and reload nginx there`;
  return reason(
    "certificate_expires",
    name,
    `on ${name} ${listed(texts)}`,
    texts.every((text) => EXPIRED.test(text))
      ? renew
      : `${renew}; rehearse.warn_before says how early this is reported`,
  );
}

/** When the certificate ended, or that it ends soon; `null` if it does not, or none was shown. */
function endingText(result: RehearsedName, { warnBeforeMs, nowMs }: Comparison): string | null {
  const { certificate } = result;
  if (certificate === null) return null;
  const leftMs = Date.parse(certificate.expires) - nowMs;
  if (leftMs > warnBeforeMs) return null;
  const name = nameOf(result);
  return expiredText(name, certificate, nowMs) ??
    `the certificate of ${name} expires in ${daysText(leftMs)}`;
}

function reason(
  code: RehearsalReason["code"],
  node: string,
  message: string,
  hint: string,
): RehearsalReason {
  return { code, node, message: message.slice(0, MESSAGE_CHARS), hint };
}

function listed(texts: readonly string[]): string {
  return `${texts.slice(0, SHOWN).join("; ")}${more(texts.length - SHOWN)}`;
}

function more(count: number): string {
  return count <= 0 ? "" : ` and ${count} more`;
}

/** A name for a person: a wildcard as it is written, and the port if it is no usual one. */
export function nameOf(result: RehearsedName): string {
  const { name, port } = result;
  const shown = name === ""
    ? "the default server"
    : name.startsWith(`${WILDCARD_LABEL}.`)
    ? `*${name.slice(WILDCARD_LABEL.length)}`
    : name.replace(`.${WILDCARD_LABEL}.invalid`, ".*");
  return isPortUnnamed(result) ? shown : `${shown}:${port}`.replace("server:", "server of port ");
}

function isPortUnnamed({ name, port, tls }: RehearsedName): boolean {
  return name !== "" && port === (tls ? 443 : 80);
}

function daysText(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  if (days >= 2) return `${days} days`;
  const hours = Math.floor(ms / (DAY_MS / 24));
  return hours === 1 ? "1 hour" : `${hours} hours`;
}

/**
 * Whether a certificate is for a name (RFC 9525 section 6). `names`: DNS names and addresses; a wildcard stands for one
 * label, the first.
 */
function isCertificateFor(names: readonly string[], asked: string): boolean {
  const wanted = asked.toLowerCase();
  const parent = wanted.slice(wanted.indexOf("."));
  return names.some((name) => {
    const offered = name.toLowerCase();
    return offered === wanted || wanted.includes(".") && offered === `*${parent}`;
  });
}
