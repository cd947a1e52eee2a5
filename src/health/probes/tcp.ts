/**
 * The `tcp` check: does somebody accept connections?
 *
 * @module
 */

import type { TcpCheckConfig } from "../check_config.ts";
import { connectTo } from "./connect.ts";
import type { Probe } from "./probe.ts";

/** Connects and closes, without sending anything. */
export function tcpProbe(check: TcpCheckConfig): Probe {
  return {
    late: `no connection within ${check.timeoutMs} ms`,
    async run(signal) {
      const connection = await connectTo(check.host, check.port, signal);
      connection.close();
      return { ok: true, detail: "connected" };
    },
  };
}
