/**
 * A name under which a reverse proxy offers the API: `lb.example.com`, or with a port that is not 443.
 *
 * @module
 */

import { parseIp } from "../../wire/address.ts";
import { failed, ok, quote, type Result } from "./result.ts";

/** Labels of RFC 1123 section 2.1, in small letters as browsers write them, and a port. */
const NAME =
  /^(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::(\d{1,5}))?$/;
/** These mean this machine, so a request that has them came by no proxy. */
const LOCAL = /^(?:localhost|.*\.localhost)(?::|$)/;

const EXAMPLE =
  "write it as browsers do, without scheme and path: lb.example.com or lb.example.com:8443";

export function readApiHost(text: string): Result<string> {
  const host = text.toLowerCase();
  if (host.includes("*")) {
    return failed(
      "invalid_api_host",
      `${quote(text)} would let any site use the API`,
      "name each host: lb.example.com",
    );
  }
  const port = NAME.exec(host)?.[1];
  const name = host.replace(/:\d+$/, "");
  if (!NAME.test(host) || Number(port ?? 443) < 1 || Number(port ?? 443) > 65535) {
    return failed("invalid_api_host", `${quote(text)} is no host name`, EXAMPLE);
  }
  if (LOCAL.test(host) || (parseIp(name) && name.startsWith("127."))) {
    return failed(
      "invalid_api_host",
      `${quote(text)} is this machine itself`,
      "name the host that browsers ask the proxy for: lb.example.com",
    );
  }
  return ok(host.replace(/:443$/, ""));
}
