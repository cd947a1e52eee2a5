/**
 * Builds the requested URL from a request's target and Host (RFC 9112 sections 3.2 and 3.3).
 *
 * @module
 */

/** Path and query of RFC 3986: `pchar`, `/`, `?`; a percent sign begins two hexadecimal digits. */
const PATH_AND_QUERY =
  /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$/;

/** `host`, `host:port`, `[::1]:port` (RFC 3986 section 3.2, without user information). */
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=-]+)(?::[0-9]*)?$/;

/** The endpoint that accepted the connection. */
export interface Endpoint {
  readonly scheme: "http" | "https";
  /** The authority of its URLs. */
  readonly authority: string;
}

/**
 * The URL of a request; `null` if target and Host make none.
 *
 * @param host the Host field; if it is `undefined` or empty, the endpoint's own authority replaces it.
 */
export function requestUrl(
  target: string,
  host: string | undefined,
  { scheme, authority: own }: Endpoint,
): string | null {
  const authority = host || own;
  if (!AUTHORITY.test(authority)) return null;
  const base = `${scheme}://${authority}`;
  const path = target === "*" ? "/*" : inOriginForm(target, base);
  if (!PATH_AND_QUERY.test(path)) return null;
  const url = base + path;
  return URL.canParse(url) ? url : null;
}

/** `/path` of `http://host/path`, if that is the requested host; the target itself otherwise. */
function inOriginForm(target: string, base: string): string {
  if (target.startsWith("/")) return target;
  if (target.slice(0, base.length).toLowerCase() !== base.toLowerCase()) return target;
  const rest = target.slice(base.length);
  return rest === "" || rest.startsWith("?") ? `/${rest}` : rest;
}
