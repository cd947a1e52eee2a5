/** What a running vipd puts on the wire is what 0.1.0 put there, octet by octet, in every form that adverts have. */

import { assertWalkAsFrozen, type FoundDifference } from "../accept.ts";
import { walkWire } from "./wire_walk.ts";

/** An advert of VRRPv3 with priority 0, which lets go of virtual router 55 or 56. */
const RELEASE = /: lb0[12]\/advert \S+e0000012313[78]00\S* true$/;

/**
 * In a sync group the member that hears the other node first lets go in silence, and the other one says so. Which one
 * that is depends on the moment, with 0.1.0 too; tests/frozen/packets_test.ts has both on virtual time.
 */
function isOfMoment({ item, difference }: FoundDifference): boolean {
  return item === "wire/a sync group" && RELEASE.test(difference);
}

Deno.test("every frame of a pair's walk is one that 0.1.0 sent", async () => {
  const walked = await walkWire(Deno.env.get("VIPD_BINARY"));
  await assertWalkAsFrozen("wire", walked, (found) => !isOfMoment(found));
});
