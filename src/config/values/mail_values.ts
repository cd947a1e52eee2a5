/**
 * Mail addresses and servers as the file writes them.
 *
 * @module
 */

import { canonicalIp, type IpAddress } from "../../wire/address.ts";
import { failed, ok, quote, type Result } from "./result.ts";
import { readHostPort } from "./values.ts";

/** `ops@example.org`, `Operators <ops@example.org>`, or `root`, whom the mail server knows. Nothing that could end a header line (RFC 5322). */
export function readMailAddress(text: string): Result<string> {
  if (/^[\w.+-]+$/.test(text)) return ok(text);
  const address = /^(?:[^<>\p{Cc}]*<)?([^\s<>@,;:"]+@[^\s<>@,;:"]+)(>?)$/u.exec(text);
  if (address && text.includes("<") === (address[2] === ">")) return ok(text);
  return failed(
    "invalid_mail",
    `${quote(text)} is not a mail address`,
    "write it as ops@example.org",
  );
}

/** A mail server; `port` is `null` where the usual one is meant. */
export interface MailServer {
  readonly host: string | IpAddress;
  readonly port: number | null;
}

/** `mail.example.org`, `192.168.31.2`, `::1`, `mail.example.org:587`, `[::1]:587`. */
export function readMailServer(text: string): Result<MailServer> {
  const address = canonicalIp(text);
  if (address) return ok({ host: address, port: null });
  if (text.includes(":")) return readHostPort(text);
  const named = readHostPort(`${text}:25`);
  return named.ok ? ok({ host: named.value.host, port: null }) : named;
}

/** True for a server on this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
