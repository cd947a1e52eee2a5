/**
 * Listen addresses as text.
 *
 * @module
 */

import type { ListenPlace } from "../config/model.ts";
import { urlHost } from "./host_check.ts";

/** `http://127.0.0.1:9112` or `unix:/run/vipd/api.sock`. */
export function formatListenAddress(address: ListenPlace): string {
  return address.kind === "unix"
    ? `unix:${address.path}`
    : `${address.tls ? "https" : "http"}://${urlHost(address.host)}:${address.port}`;
}
