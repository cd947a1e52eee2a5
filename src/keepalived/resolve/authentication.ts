/**
 * `authentication { ... }` as keepalived understands it.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { PASSWORD_OCTETS, readPassword } from "../../config/values/values.ts";
import type { Entry } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import { resolveHmac } from "../keywords/auth_hmac.ts";
import type { PartialInstance } from "../partial.ts";

/** Other settings of the instance that matter to authentication. */
interface AuthenticationContext {
  readonly version: 2 | 3;
  readonly strict: boolean;
}

/** The value of `authentication`; undefined for none. No message quotes the password. */
export function resolveAuthentication(
  partial: PartialInstance,
  { version, strict }: AuthenticationContext,
  report: Report,
): Entry | undefined {
  const { authType: type, authPass: password, authentication: block } = partial;
  if (partial.hmac) {
    if (block) report.markLeftOut(block);
    return resolveHmac(partial.hmac, partial, report);
  }
  const statement = type?.statement ?? password?.statement;
  if (!statement) return undefined;
  // keepalived drops such a block, too.
  const without = (message: string, remedy: string) => {
    report.add("ignored", statement, `${message}, so there is no authentication`, remedy);
    if (block) report.markLeftOut(block);
    return undefined;
  };
  if (strict) return without("strict mode has none", NOTHING_TO_DO);
  if (version === 3) return without("VRRP version 3 has none", NOTHING_TO_DO);
  if (!type) {
    return without("`auth_type` is missing", "add `auth_type PASS` if the other node has it");
  }
  if (type.value !== "PASS" && type.value !== "AH") {
    const remedy = "write PASS in capitals if the other node does";
    return without(`keepalived does not know the type ${quote(type.value)}`, remedy);
  }
  if (!password) return without("`auth_pass` is missing", "add it if the other node has one");
  if (type.value === "PASS") return passwordEntry(password, report);
  report.add(
    "error",
    statement,
    "vipd does not know authentication of the type AH, and a peer that uses it would not be heard",
    "choose `auth_type PASS` on both nodes, or remove the block on both, and import again",
  );
  return undefined;
}

function passwordEntry(
  { value, statement }: NonNullable<PartialInstance["authPass"]>,
  report: Report,
): Entry | undefined {
  const octets = new TextEncoder().encode(value);
  const cut = textOf(octets.subarray(0, PASSWORD_OCTETS));
  if (cut === null) {
    report.add(
      "error",
      statement,
      `the ${PASSWORD_OCTETS} octets of it that are sent end in the middle of a character`,
      "choose a password of ASCII characters on both nodes, and import again",
    );
    return undefined;
  }
  if (octets.length > PASSWORD_OCTETS) {
    const unit = octets.length === value.length ? "characters" : "octets";
    report.add(
      "carried_differently",
      statement,
      `only the first ${PASSWORD_OCTETS} of its ${octets.length} ${unit} are sent, so only they are written`,
      "there is nothing to do: the other node sends the same",
    );
  }
  const read = readPassword(cut);
  if (read.ok) return { value: { type: "pass", password: cut }, statement };
  report.add("error", statement, read.problem.message, read.problem.hint);
  return undefined;
}

/** `null` if the octets end within a character. */
function textOf(octets: Uint8Array<ArrayBuffer>): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return null;
  }
}
