/**
 * The `tcp` check: does a server accept connections?
 *
 * @module
 */

import { Connection } from "../../runtime/connection.ts";
import type { TcpCheckConfig } from "../check_config.ts";
import type { Probe } from "../probe.ts";

/** Connects and closes, without sending anything. */
export function tcpProbe({ host, port, timeoutMs }: TcpCheckConfig): Probe {
  return {
    late: `no connection within ${timeoutMs} ms`,
    async run(signal) {
      const destination = { kind: "tcp", host, port, tls: null } as const;
      using _connection = await Connection.open(destination, { signal });
      return { ok: true, detail: "connected" };
    },
  };
}
