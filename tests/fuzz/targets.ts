/**
 * Every parser that reads what others wrote.
 *
 * @module
 */

import type { FuzzTarget } from "./target.ts";
import { ADVERT, DATAGRAM } from "./targets/advert.ts";
import { CLAIMS } from "./targets/claims.ts";
import { CONFIG } from "./targets/config.ts";
import { API, RESPONSE } from "./targets/http.ts";
import { IMPORT, KEEPALIVED } from "./targets/keepalived.ts";
import { NETLINK } from "./targets/netlink.ts";
import { NGINX } from "./targets/nginx.ts";
import { PEER } from "./targets/peer.ts";
import { REQUESTS } from "./targets/requests.ts";
import { STATE } from "./targets/state.ts";
import { VALUES } from "./targets/values.ts";

export const TARGETS: readonly FuzzTarget[] = [
  ADVERT,
  DATAGRAM,
  CLAIMS,
  NETLINK,
  NGINX,
  CONFIG,
  VALUES,
  KEEPALIVED,
  IMPORT,
  API,
  RESPONSE,
  PEER,
  REQUESTS,
  STATE,
];
