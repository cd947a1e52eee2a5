/**
 * Rules within one check: keys that do not go together.
 *
 * @module
 */

import { isIpv6LinkLocal } from "../../wire/address.ts";
import type { PartialCheck } from "../partial.ts";
import { formatDuration } from "../values/durations.ts";
import { readName } from "../values/values.ts";
import { joinedColon, keyBeforeColon } from "../yaml/slips.ts";
import { errorAt, type Finding, warningAt } from "../findings.ts";

/** All findings of one check by itself. */
export function checkFindings(check: PartialCheck): Finding[] {
  return [...nameRule(check), ...timeoutRule(check), ...httpsRule(check), ...scopeRule(check)];
}

function nameRule({ path, name }: PartialCheck): Finding[] {
  const read = readName(name);
  if (read.ok) return [];
  const { code, message, hint } = read.problem;
  const joined = keyBeforeColon(name);
  const remedy = joined === null ? hint : joinedColon(joined).hint;
  return [{ severity: "error", code, path, at: "key", message, hint: remedy }];
}

function timeoutRule({ path, intervalMs, timeoutMs }: PartialCheck): Finding[] {
  if (intervalMs === undefined || timeoutMs === undefined || timeoutMs <= intervalMs) return [];
  const [timeout, interval] = [formatDuration(timeoutMs), formatDuration(intervalMs)];
  return [warningAt(
    [...path, "timeout"],
    "timeout_too_long",
    `${timeout} is longer than the interval of ${interval}: no other probe begins while one runs, so a hang is noticed ` +
      `after ${timeout}`,
    `choose ${interval} or less where that is too late`,
  )];
}

const HTTPS_KEYS = ["ca", "server_name", "expires_within"];

/** Keys about a certificate, and a server that shows none. */
function httpsRule({ path, type, given, url }: PartialCheck): Finding[] {
  if (type !== "http" || !url?.startsWith("http:")) return [];
  return HTTPS_KEYS.filter((key) => given.includes(key)).map((key) =>
    errorAt(
      [...path, key],
      "https_only",
      "a server that is asked by http shows no certificate",
      `remove \`${key}\`, or ask by https`,
    )
  );
}

/** A link-local address says nothing without its link (RFC 4007 section 6). */
function scopeRule({ path, type, given, address }: PartialCheck): Finding[] {
  if (type !== "ping" || address === undefined || !isIpv6LinkLocal(address)) return [];
  if (given.includes("interface")) return [];
  return [errorAt(
    [...path, "address"],
    "interface_needed",
    `${address} may be on every link of this machine`,
    "say which one: `interface: eth1`",
  )];
}
