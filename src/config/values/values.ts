/**
 * Single values of the configuration, from text to what the program uses. Pure; no zod here.
 *
 * @module
 */

import { canonicalIp, parseIp } from "../../wire/address.ts";
import type { ListenAddress, ListenPlace } from "../model.ts";
import { maskUserInfo } from "../masking.ts";
import { failed, ok, quote, type Result } from "./result.ts";

const encoder = new TextEncoder();

/** Length in UTF-8 octets: what the kernel's limits count. */
export function octetLength(text: string): number {
  return encoder.encode(text).length;
}

/** Name of a node, an instance or a check: it stands in URLs, in metrics and on command lines. */
export function readName(text: string): Result<string> {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text)) return ok(text);
  return failed(
    "invalid_name",
    `${quote(text)} is not a name`,
    "use 1 to 64 letters, digits, `_`, `.` and `-`, beginning with a letter or digit",
  );
}

/** Longest name of an interface, label or process in octets: IFNAMSIZ and TASK_COMM_LEN less the final NUL. */
export const KERNEL_NAME_OCTETS = 15;

/** Name of a network interface, by the rules of the kernel's `dev_valid_name()`. */
export function readInterfaceName(text: string): Result<string> {
  const wrong = (message: string, hint: string) => failed("invalid_interface", message, hint);
  const hint = "`ip link` lists the interfaces of this machine";
  if (text === "") return wrong("the name is empty", hint);
  if (text.includes(":")) {
    return wrong(
      `${quote(text)} is an alias, not an interface`,
      `write ${text.split(":")[0]}; the alias is the label of an address: ` +
        `{ address: ..., label: "${text}" }`,
    );
  }
  if (octetLength(text) > KERNEL_NAME_OCTETS) {
    return wrong(`${quote(text)} is longer than ${KERNEL_NAME_OCTETS} octets`, hint);
  }
  if (text === "." || text === ".." || /[\s/\p{Cc}]/u.test(text)) {
    return wrong(`${quote(text)} has a character that no interface name has`, hint);
  }
  return ok(text);
}

/** A process's name as in `/proc/PID/comm`. */
export function readProcessName(text: string): Result<string> {
  if (text === "" || /[/\p{Cc}]/u.test(text)) {
    return failed(
      "invalid_name",
      `${quote(text)} is not the name of a process`,
      "write the name alone, without path: `ps -e -o comm` shows it",
    );
  }
  if (octetLength(text) > KERNEL_NAME_OCTETS) {
    return failed(
      "invalid_name",
      `${quote(text)} is longer than ${KERNEL_NAME_OCTETS} octets`,
      "the kernel cuts process names; write what `ps -e -o comm` shows",
    );
  }
  return ok(text);
}

/** An absolute path. */
export function readAbsolutePath(text: string): Result<string> {
  const hint = "write the whole path, from / on";
  if (!text.startsWith("/")) {
    return failed("invalid_path", `${quote(text)} is not an absolute path`, hint);
  }
  if (/\p{Cc}/u.test(text)) {
    return failed("invalid_path", `${quote(text)} has control characters`, hint);
  }
  return ok(text);
}

/** A file that holds a number; what the kernel makes of itself is none. */
export function readNumberFile(text: string): Result<string> {
  const read = readAbsolutePath(text);
  if (!read.ok || !/^\/(proc|sys|dev)(\/|$)/.test(text)) return read;
  return failed(
    "invalid_path",
    `${quote(text)} is not a file on a disk or in memory`,
    "name a regular file, such as /run/vipd-weight, or write an `exec` check that reads this one",
  );
}

/** A name that a server can be sent and a certificate can be valid for, or an address. */
export function readServerName(text: string): Result<string> {
  if (parseIp(text) || /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$/.test(text)) return ok(text);
  return failed(
    "invalid_target",
    `${quote(text)} is not a host name`,
    "write the name alone, without scheme and port: www.example.com",
  );
}

/** Longest path of a Unix socket in octets: `sun_path` less the final NUL (unix(7)). */
const SOCKET_PATH_OCTETS = 107;

const LISTEN_EXAMPLES = "write 127.0.0.1:9112, [::1]:9112 or unix:/run/vipd/api.sock";

/** The place where the API listens: `127.0.0.1:9112`, `[::1]:9112`, `unix:/path`. */
export function readListenAddress(text: string): Result<ListenAddress> {
  if (text.startsWith("unix:")) return readSocketPath(text.slice("unix:".length));
  const parts = /^(?:\[(?<six>[^\]]*)\]|(?<four>[^:]*)):(?<port>\d{1,5})$/.exec(text)?.groups;
  if (!parts) {
    return failed("invalid_listen", `${quote(text)} is not an address and port`, LISTEN_EXAMPLES);
  }
  const hostText = parts.six ?? parts.four ?? "";
  const port = Number(parts.port);
  if (port < 1 || port > 65535) {
    return failed(
      "invalid_listen",
      `port ${port} is not between 1 and 65535`,
      "choose a free one, such as 9112",
    );
  }
  if (hostText === "" || hostText === "*") {
    return failed(
      "invalid_listen",
      `${quote(text)} does not say on which address`,
      `write 127.0.0.1:${port}, or 0.0.0.0:${port} for all of IPv4`,
    );
  }
  if (hostText === "localhost") {
    return failed(
      "invalid_listen",
      '"localhost" is a name, which may mean several addresses',
      `write 127.0.0.1:${port}`,
    );
  }
  const host = canonicalIp(hostText);
  if (!host || host.includes(":") !== (parts.six !== undefined)) {
    return failed("invalid_listen", `${quote(hostText)} is not an IP address`, LISTEN_EXAMPLES);
  }
  return ok({ kind: "tcp", host, port });
}

/** True when other machines reach it. */
export function isRemote(address: ListenPlace): boolean {
  return address.kind === "tcp" && address.host !== "::1" && !address.host.startsWith("127.");
}

function readSocketPath(path: string): Result<ListenAddress> {
  const read = readAbsolutePath(path);
  if (!read.ok) return failed("invalid_listen", read.problem.message, LISTEN_EXAMPLES);
  if (octetLength(path) > SOCKET_PATH_OCTETS) {
    return failed(
      "invalid_listen",
      `the socket's path is longer than ${SOCKET_PATH_OCTETS} octets`,
      "choose a shorter one, such as unix:/run/vipd/api.sock",
    );
  }
  return ok({ kind: "unix", path });
}

/** A URL that an HTTP check can fetch, in canonical text. */
export function readHttpUrl(text: string): Result<string> {
  const wrong = (message: string, hint: string) => failed("invalid_url", message, hint);
  const example = "write it as http://127.0.0.1:8080/health";
  const shown = quote(maskUserInfo(text));
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) return wrong(`${shown} is not a URL`, example);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return wrong(`${shown} does not begin with http:// or https://`, example);
  }
  if (url.username !== "" || url.password !== "") {
    return wrong(
      "the URL holds a user name or password",
      "remove them; let the server answer its health path without",
    );
  }
  if (url.port === "0") return wrong("port 0 is not between 1 and 65535", example);
  return ok(url.href);
}

/** Lowest and highest status code that a server can send. */
const STATUS_MIN = 100;
const STATUS_MAX = 599;

/** Inclusive range of HTTP status codes: `200`, `200-399`. */
export function readStatusRange(value: string | number): Result<{ from: number; to: number }> {
  const parts = /^(\d{3})(?:-(\d{3}))?$/.exec(String(value));
  const from = Number(parts?.[1]);
  const to = Number(parts?.[2] ?? parts?.[1]);
  if (parts && from >= STATUS_MIN && to <= STATUS_MAX && from <= to) return ok({ from, to });
  return failed(
    "invalid_status",
    `${quote(String(value))} is not a status code or a range of them`,
    `write one code (200) or a range ("200-399") within ${STATUS_MIN} to ${STATUS_MAX}`,
  );
}

/** `host:port`, `[ipv6]:port`. */
export function readHostPort(text: string): Result<{ host: string; port: number }> {
  const wrong = (message: string) =>
    failed("invalid_target", message, "write it as 127.0.0.1:80, [::1]:80 or name:80");
  const parts = /^(?:\[(?<six>[^\]]*)\]|(?<name>[^:]*)):(?<port>\d{1,5})$/.exec(text)?.groups;
  if (!parts) return wrong(`${quote(text)} is not a host and port`);
  const port = Number(parts.port);
  if (port < 1 || port > 65535) return wrong(`port ${port} is not between 1 and 65535`);
  if (parts.six !== undefined) {
    const host = canonicalIp(parts.six);
    return host?.includes(":")
      ? ok({ host, port })
      : wrong(`${quote(parts.six)} is not an IPv6 address`);
  }
  const name = parts.name ?? "";
  // A text that looks like an address must be one: 127.0.0.256 is no host name.
  const valid = /^[\d.]*$/.test(name)
    ? parseIp(name) !== null
    : /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$/.test(name);
  return valid ? ok({ host: name, port }) : wrong(`${quote(name)} is not a host`);
}

/** Octets of a password that a version 2 advertisement carries (RFC 2338 section 5.3.10). */
export const PASSWORD_OCTETS = 8;

/** A version 2 password, sent as UTF-8. Its problems never quote it. */
export function readPassword(text: string): Result<string> {
  const wrong = (message: string, hint: string) => failed("invalid_password", message, hint);
  if (text === "") return wrong("the password is empty", "write 1 to 8 characters, or type: none");
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) {
    return wrong(
      "the password has characters that cannot be printed",
      "use letters, digits and punctuation",
    );
  }
  const octets = new TextEncoder().encode(text).length;
  if (octets > PASSWORD_OCTETS) {
    return wrong(
      `the password is ${octets} octets long, but only ${PASSWORD_OCTETS} octets are sent`,
      `shorten it to its first ${PASSWORD_OCTETS}; keepalived peers cut theirs the same way`,
    );
  }
  return ok(text);
}
