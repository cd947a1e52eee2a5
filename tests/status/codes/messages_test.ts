import assert from "node:assert/strict";
import { transitionMessage } from "../../../src/status/codes/messages.ts";

Deno.test("the text of a transition says what it is about, if that is known", () => {
  assert.equal(transitionMessage("fault", ""), "cannot serve");
  assert.equal(transitionMessage("fault", "eth1 is down"), "cannot serve: eth1 is down");
  assert.equal(transitionMessage("promote", "x"), "promoted manually");
  assert.equal(transitionMessage("shutdown", ""), "vipd stops");
  assert.equal(transitionMessage("shutdown", "the node restarts"), "the node restarts");
});
