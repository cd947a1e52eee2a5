import assert from "node:assert/strict";
import { ruleRemedy, rulesRemedy } from "../../../src/status/remedies/remedies.ts";

const RULES = { rule: "ip t c", command: "nft x" };

Deno.test("the remedy against a rule says on which node it is", () => {
  const rest = ": `nft x` lets them pass, ahead of what drops them (ip t c); write that into the " +
    "firewall's own configuration, too";
  assert.equal(ruleRemedy(RULES), `here${rest}`);
  assert.equal(ruleRemedy(RULES, "lb02"), `on lb02${rest}`);
  assert.equal(rulesRemedy([]), null);
  const both = [{ node: null, rules: RULES }, { node: "lb02", rules: RULES }];
  assert.equal(rulesRemedy(both), `here${rest}; on lb02${rest}`);
});
