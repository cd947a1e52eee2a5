import assert from "node:assert/strict";
import { CommandLedger } from "../../../src/daemon/front/command_ledger.ts";
import type { CommandOutcome, CommandRequest } from "../../../src/ipc/messages.ts";

const PROMOTE: CommandRequest = { kind: "promote", instance: "VI_1" };
const DEMOTE: CommandRequest = { kind: "demote", instance: "VI_1" };

/** A ledger on virtual time, and orders that count how often they are carried out. */
function setUp() {
  const clock = { nowMs: 0 };
  const ledger = new CommandLedger(() => clock.nowMs);
  let carriedOut = 0;
  const carryOut = (): Promise<CommandOutcome> =>
    Promise.resolve({ kind: "failed", message: `${++carriedOut}` });
  return { clock, ledger, carryOut, count: () => carriedOut };
}

Deno.test("a command is carried out once for its key, and a repetition learns the first outcome", async () => {
  const { ledger, carryOut, count } = setUp();
  const first = await ledger.once("a", PROMOTE, carryOut);
  assert.deepEqual(await ledger.once("a", PROMOTE, carryOut), first);
  assert.equal(count(), 1);
  await ledger.once("b", PROMOTE, carryOut);
  assert.equal(count(), 2, "another key is another order");
});

Deno.test("a repetition joins the command that is under way", async () => {
  const { ledger, carryOut, count } = setUp();
  const { promise, resolve } = Promise.withResolvers<CommandOutcome>();
  const both = [ledger.once("a", PROMOTE, () => promise), ledger.once("a", PROMOTE, carryOut)];
  resolve({ kind: "failed", message: "first" });
  assert.deepEqual(await Promise.all(both), Array(2).fill({ kind: "failed", message: "first" }));
  assert.equal(count(), 0);
});

Deno.test("a key that stands for another command is refused", async () => {
  const { ledger, carryOut, count } = setUp();
  await ledger.once("a", PROMOTE, carryOut);
  assert.deepEqual(await ledger.once("a", DEMOTE, carryOut), { kind: "key_reused" });
  assert.equal(count(), 1);
});

Deno.test("commands are forgotten after ten minutes, and the oldest of very many before", async () => {
  const { clock, ledger, carryOut, count } = setUp();
  await ledger.once("a", PROMOTE, carryOut);
  clock.nowMs = 10 * 60_000 - 1;
  await ledger.once("a", PROMOTE, carryOut);
  assert.equal(count(), 1);
  clock.nowMs++;
  await ledger.once("a", PROMOTE, carryOut);
  assert.equal(count(), 2);
  for (let i = 0; i < 256; i++) await ledger.once(`key ${i}`, PROMOTE, carryOut);
  await ledger.once("a", PROMOTE, carryOut);
  assert.equal(count(), 2 + 256 + 1, "256 newer ones took its place");
  await ledger.once("key 255", PROMOTE, carryOut);
  assert.equal(count(), 2 + 256 + 1);
});
