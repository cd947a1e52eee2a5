/**
 * A server that does nothing but answer: the API's own, or the runtime's. Says when it listens. Runs inside the host
 * whose clients ask it.
 *
 * Usage: `deno run -A server_process.ts vipd|runtime`
 *
 * @module
 */

import { Hono } from "hono";
import type { ApiBindings } from "../../src/front/server/api_bindings.ts";
import { serveApi } from "../front/server/serve_api.ts";

/** Whose server. */
export type ServerKind = "vipd" | "runtime";

const PLACE = { hostname: "127.0.0.1", port: 9112 } as const;
const BODY = JSON.stringify({ text: "x".repeat(2048) });

const app = new Hono<{ Bindings: ApiBindings }>();
app.get("/v1/status", (context) => {
  return context.body(BODY, 200, { "content-type": "application/json" });
});

if (Deno.args[0] === "vipd") {
  await serveApi([{ kind: "tcp", host: PLACE.hostname, port: PLACE.port }], app);
} else {
  Deno.serve({ ...PLACE, onListen: () => {} }, app.fetch);
}
Deno.stdout.writeSync(new TextEncoder().encode("listening\n"));
