/**
 * The addresses and ports that an nginx configuration listens on (ngx_http_core_module, `listen`).
 *
 * @module
 */

import { canonicalIp } from "../wire/address.ts";
import type { Listener } from "./facts.ts";

/** The addresses and ports of the `listen` directives in the output of `nginx -T`. */
export function readListens(text: string): Listener[] {
  const directives = text.matchAll(/^[^#\n]*?\blisten\s+([^\s;]+)/gm);
  return Array.from(directives, ([, value]) => readListen(value!)).filter((it) => it !== null);
}

/** `80`, `192.0.2.5:80`, `[::]:80`, `*:80`, `192.0.2.5`; `null` for a name or a unix socket. */
function readListen(value: string): Listener | null {
  if (/^\d+$/.test(value)) return { address: "*", port: Number(value) };
  const parts = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(value);
  if (!parts) return null;
  const host = parts[1]!.replace(/^\[|\]$/g, "");
  const port = Number(parts[2] ?? 80);
  if (host === "*" || host === "::" || host === "0.0.0.0") return { address: "*", port };
  const address = canonicalIp(host);
  return address === null ? null : { address, port };
}
