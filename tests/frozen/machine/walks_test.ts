/**
 * What running nodes answer and send is what 0.1.0 answered and sent: every call of the API with status, headers,
 * problem codes, bodies and the stream of events; every frame, octet by octet, in every form that adverts have.
 */

import { VERSION } from "../../../src/version.ts";
import { atOnce } from "../../at_once.ts";
import { assertWalkAsFrozen, type FoundDifference } from "../accept.ts";
import { walkApi } from "./api_walk.ts";
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

const binary = Deno.env.get("VIPD_BINARY");

Deno.test("what running nodes answer and send", async (t) => {
  await atOnce(t, [
    ["every call of the API is answered as by 0.1.0", async () => {
      await assertWalkAsFrozen("api", await walkApi(binary, VERSION));
    }],
    ["every frame of a pair's walk is one that 0.1.0 sent", async () => {
      await assertWalkAsFrozen("wire", await walkWire(binary), (found) => !isOfMoment(found));
    }],
  ]);
});
