/** Every call of the API is answered as it was: status, headers, problem codes, bodies, the stream of events. */

import { VERSION } from "../../../src/version.ts";
import { assertWalkAsFrozen } from "../accept.ts";
import { walkApi } from "./api_walk.ts";

Deno.test("every call of the API is answered as by 0.1.0", async () => {
  await assertWalkAsFrozen("api", await walkApi(Deno.env.get("VIPD_BINARY"), VERSION));
});
