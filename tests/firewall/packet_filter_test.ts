import assert from "node:assert/strict";
import { type FilterChain, follow } from "../../src/firewall/packet_filter.ts";

Deno.test("chains that call each other are followed sixteen deep", () => {
  const verdict = (calls: number) => {
    const chains = new Map<string, FilterChain>();
    for (let depth = 0; depth <= calls; depth++) {
      const action = depth === calls ? "drop" : { jump: `${depth + 1}` };
      chains.set(`${depth}`, {
        policy: "accept",
        rules: [{ matches: [], action, place: `${depth}` }],
      });
    }
    return follow(chains, "0").verdict;
  };
  assert.equal(verdict(16), "drop");
  assert.equal(verdict(17), "unknown");
});
