/**
 * Everything that is measured, in the order of the table.
 *
 * @module
 */

import type { Scenario } from "./scenario.ts";
import { API_LOAD } from "./scenarios/api_load.ts";
import { BUSY } from "./scenarios/busy.ts";
import { DAEMON_DIES } from "./scenarios/daemon_dies.ts";
import { FLOOD } from "./scenarios/flood.ts";
import { HAND_OVER } from "./scenarios/hand_over.ts";
import { HTTP_SERVER } from "./scenarios/http_server.ts";
import { HUNDREDTH } from "./scenarios/hundredth.ts";
import { KERNEL } from "./scenarios/kernel.ts";
import { MANY_INSTANCES } from "./scenarios/many_instances.ts";
import { NGINX_KILLED } from "./scenarios/nginx_killed.ts";
import { NODE_VANISHES } from "./scenarios/node_vanishes.ts";
import { ONE_INSTANCE } from "./scenarios/one_instance.ts";
import { OWN_ADDRESS } from "./scenarios/own_address.ts";
import { REHEARSAL } from "./scenarios/rehearsal.ts";
import { RELEASED } from "./scenarios/released.ts";
import { REQUESTS } from "./scenarios/requests.ts";

export const SCENARIOS: readonly Scenario[] = [
  HAND_OVER,
  REQUESTS,
  NGINX_KILLED,
  RELEASED,
  ...NODE_VANISHES,
  ...HUNDREDTH,
  ...DAEMON_DIES,
  ...KERNEL,
  ...OWN_ADDRESS,
  ...MANY_INSTANCES,
  API_LOAD,
  HTTP_SERVER,
  ...BUSY,
  FLOOD,
  REHEARSAL,
  ONE_INSTANCE,
];
