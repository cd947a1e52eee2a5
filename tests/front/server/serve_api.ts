/** A server of the API in one step. */

import type { Hono } from "hono";
import type { ListenAddress } from "../../../src/config/model.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { ApiServer, type ApiServerOptions } from "../../../src/front/server/server.ts";

/** Listens on every address or on none: throws {@link ApiListenError} for the first that fails. */
export async function serveApi(
  addresses: readonly ListenAddress[],
  app: Hono<{ Bindings: ApiBindings }>,
  options: ApiServerOptions = {},
): Promise<ApiServer> {
  const server = new ApiServer(app, options);
  (await server.prepare(addresses)).commit();
  return server;
}
