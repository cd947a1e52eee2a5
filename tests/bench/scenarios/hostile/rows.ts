/**
 * Everything hostile that is done to a node, in the order of the table.
 *
 * @module
 */

import type { HostileRow } from "../../hostile/row.ts";
import { CHECKED_SERVER } from "./checked_server.ts";
import { CLAIMS } from "./claims.ts";
import { CONNECTIONS } from "./connections.ts";
import { FRONT } from "./front.ts";
import { HTTP2 } from "./http2.ts";
import { MANY_CHANGES } from "./many.ts";
import { PEER } from "./peer.ts";
import { STALLS } from "./stalls.ts";
import { TOKENS } from "./tokens.ts";

export const HOSTILE_ROWS: readonly HostileRow[] = [
  ...CONNECTIONS,
  ...HTTP2,
  ...CHECKED_SERVER,
  ...PEER,
  ...STALLS,
  ...CLAIMS,
  ...FRONT,
  MANY_CHANGES,
  TOKENS,
];
