/**
 * Everything hostile that is done to a node, in the order of the table.
 *
 * @module
 */

import type { HostileGroup, HostileRow } from "../../hostile/row.ts";
import { CHECKED_SERVER } from "./checked_server.ts";
import { CLAIMS } from "./claims.ts";
import { CONNECTIONS } from "./connections.ts";
import { ENGINE_FLOODS, FRONT } from "./front.ts";
import { HTTP2 } from "./http2.ts";
import { MANY_CHANGES } from "./many.ts";
import { PEER } from "./peer.ts";
import { STALLS } from "./stalls.ts";
import { TOKENS } from "./tokens.ts";

export const HOSTILE_GROUPS: readonly HostileGroup[] = [
  { title: "connections held open", rows: CONNECTIONS },
  { title: "floods of HTTP/2 frames", rows: HTTP2 },
  { title: "a hostile checked server", rows: CHECKED_SERVER },
  { title: "hostile peers", rows: PEER },
  { title: "resolver, programs, disk or log reader that hang", rows: STALLS },
  { title: "1,000 claims of the address a second", rows: CLAIMS },
  { title: "front killed, stopped or short of memory", rows: FRONT },
  { title: "a front that floods the engine", rows: ENGINE_FLOODS },
  { title: "1000 instances that change their state", rows: [MANY_CHANGES] },
  { title: "wrong tokens", rows: [TOKENS] },
];

export const HOSTILE_ROWS: readonly HostileRow[] = HOSTILE_GROUPS.flatMap(({ rows }) => rows);
