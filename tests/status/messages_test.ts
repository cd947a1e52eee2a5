import assert from "node:assert/strict";
import { transitionMessage } from "../../src/status/messages.ts";

Deno.test("a transition is told with what it is about, where that is known", () => {
  assert.equal(transitionMessage("fault", ""), "cannot serve");
  assert.equal(transitionMessage("fault", "eth1 is down"), "cannot serve: eth1 is down");
  assert.equal(transitionMessage("promote", "x"), "promoted manually");
  assert.equal(transitionMessage("shutdown", ""), "vipd stops");
  assert.equal(transitionMessage("shutdown", "the node restarts"), "the node restarts");
});
