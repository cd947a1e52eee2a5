/**
 * The place where another load balancer's API listens, from text.
 *
 * @module
 */

import { formatIp, type IpAddress, parseIp } from "../../wire/address.ts";
import { maskUserInfo } from "../masking.ts";
import { failed, ok, quote, type Result } from "./result.ts";
import { readAbsolutePath } from "./values.ts";

const HINT =
  "write https://lb02:9112, http://192.168.31.12:9112 or unix:/path, as its `api.listen` says";

/** `https://lb02:9112`, `http://192.168.31.12:9112`, `unix:/path`; without a slash at the end. */
export function readPeerUrl(text: string): Result<string> {
  const wrong = (message: string) => failed("invalid_peer_url", message, HINT);
  if (text.startsWith("unix:")) {
    const path = readAbsolutePath(text.slice("unix:".length));
    return path.ok ? ok(text) : wrong(path.problem.message);
  }
  const shown = quote(maskUserInfo(text));
  const url = URL.parse(text);
  if (!url) return wrong(`${shown} is not a URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return wrong(`${shown} does not begin with https://, http:// or unix:`);
  }
  if (url.username !== "" || url.password !== "") {
    return wrong("the URL holds a user name or password; a token has its place in `token_file`");
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return wrong(`${shown} has something after host and port`);
  }
  if (url.port === "0") return wrong("port 0 is not between 1 and 65535");
  return ok(url.origin);
}

/** True when what is sent there can be read on its way: no TLS, and not within this machine. */
export function isPlaintext(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && loopbackAddresses(hostname).length === 0;
}

/** The address that a peer's URL names; `null` for a host name or a unix socket. */
export function urlAddress(url: string): IpAddress | null {
  const hostname = URL.parse(url)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const octets = parseIp(hostname);
  return octets && formatIp(octets);
}

/** The addresses of this machine alone that a URL's host stands for; none for another host. */
export function loopbackAddresses(hostname: string): string[] {
  if (hostname === "localhost") return ["127.0.0.1", "::1"];
  if (hostname === "[::1]") return ["::1"];
  return /^127(\.\d+){3}$/.test(hostname) ? [hostname] : [];
}
