/** Every call of the API is answered as it was: status, headers, problem codes, bodies, the stream of events. */

import { VERSION } from "../../../src/version.ts";
import { assertWalkAsFrozen, type FoundDifference } from "../accept.ts";
import { walkApi } from "./api_walk.ts";

/** From source, vipd has the HTTP server of the Deno that runs it, which is not the one that the executable carries. */
function isOfServer({ item, difference }: FoundDifference): boolean {
  return item.startsWith("api/odd: ") || /^. (\/\d+)?\/server\b/.test(difference);
}

Deno.test("every call of the API is answered as by 0.1.0", async () => {
  const binary = Deno.env.get("VIPD_BINARY");
  const counts = (found: FoundDifference) => binary !== undefined || !isOfServer(found);
  await assertWalkAsFrozen("api", await walkApi(binary, VERSION), counts);
});
