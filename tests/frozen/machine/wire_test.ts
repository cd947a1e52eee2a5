/** What a running vipd puts on the wire is what 0.1.0 put there, octet by octet, in every form that adverts have. */

import { assertWalkAsFrozen } from "../accept.ts";
import { walkWire } from "./wire_walk.ts";

Deno.test("every frame of a pair's walk is one that 0.1.0 sent", async () => {
  await assertWalkAsFrozen("wire", await walkWire(Deno.env.get("VIPD_BINARY")));
});
