import assert from "node:assert/strict";
import { join } from "node:path";
import { engineSide } from "../../../src/daemon/front/engine_side.ts";
import { LoopLag } from "../../../src/daemon/loop_lag.ts";
import type { DaemonNode } from "../../../src/daemon/machine.ts";
import { uptimeS } from "../../../src/ipc/command_age.ts";
import { ApiTokens } from "../../../src/tokens/api_tokens.ts";
import { inFolder } from "../../cli/captured_context.ts";
import { FakeBackend, RELOADED } from "../../front/fake_backend.ts";
import { FakeTimers } from "../../front/fake_timers.ts";

/** The engine's side over a node that does what it is told, with a token of its own. */
async function withEngine(
  act: (parts: {
    engine: ReturnType<typeof engineSide>;
    node: FakeBackend;
    token: string;
    folder: string;
  }) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const tokenFile = join(folder, "token");
    const tokens = await ApiTokens.open({ tokenFile }, () => {});
    const node = new FakeBackend();
    const lag = new LoopLag(new FakeTimers());
    const engine = engineSide({
      ...{ node: node as unknown as DaemonNode, tokens, lag, firstEntryId: 1 },
      reload: () => Promise.resolve(RELOADED),
      keep: () => Promise.resolve({ ok: true }),
      probation: () => null,
      machine: () => ({ kernel: null, settings: {} }),
      secrets: () => new Set([join(folder, "secret")]),
      notifications: () => {},
      allNotifications: () => [],
    });
    try {
      const token = (await Deno.readTextFile(tokenFile)).trim();
      await act({ engine, node, token, folder });
    } finally {
      lag.stop();
    }
  });
}

const ROOT = { user: "root", uid: 0 };

function fromRoot(sinceS = 0) {
  return { client: ROOT, forwardedAtS: uptimeS() + sinceS };
}

const PROMOTE = { kind: "promote", instance: "VI_1", forMs: 60_000 } as const;

Deno.test("a command needs the token of the file, no matter who sends it", async () => {
  await withEngine(async ({ engine, node, token }) => {
    for (const wrong of [null, "", "guess", `${token} `]) {
      const outcome = await engine.command(PROMOTE, "key", wrong, fromRoot());
      assert.deepEqual(outcome, { kind: "token", verdict: "wrong" }, JSON.stringify(wrong));
    }
    assert.deepEqual(node.commands, []);
    assert.equal((await engine.command(PROMOTE, "key", token, fromRoot())).kind, "command");
    assert.deepEqual([node.commands, node.senders], [[PROMOTE], [ROOT]]);
  });
});

Deno.test("every command is the node's, once for each key", async () => {
  await withEngine(async ({ engine, node, token }) => {
    const orders = [
      PROMOTE,
      { kind: "demote", instance: "VI_1" },
      { kind: "release", instance: "VI_1" },
      { kind: "set_priority", instance: "VI_1", priority: 120 },
      { kind: "clear_priority", instance: "VI_1" },
    ] as const;
    for (const [index, order] of orders.entries()) {
      for (let again = 0; again < 2; again++) {
        assert.equal(
          (await engine.command(order, `key ${index}`, token, fromRoot())).kind,
          "command",
        );
      }
    }
    assert.deepEqual(node.commands, orders);
    const reloaded = await engine.command({ kind: "reload" }, "another", token, fromRoot());
    assert.deepEqual(reloaded, { kind: "reload", outcome: RELOADED });
    assert.deepEqual(await engine.command(PROMOTE, "key 1", token, fromRoot()), {
      kind: "key_reused",
    });
  });
});

Deno.test("a command that is late is not carried out, and can be given again", async () => {
  await withEngine(async ({ engine, node, token }) => {
    const late = await engine.command(PROMOTE, "key", token, fromRoot(-10));
    assert.deepEqual([late, node.commands], [{ kind: "late" }, []]);
    assert.equal((await engine.command(PROMOTE, "key", token, fromRoot())).kind, "command");
  });
});

Deno.test("a command that fails by a defect has an outcome, and the engine continues", async () => {
  await withEngine(async ({ engine, node, token }) => {
    node.outcome = new Error("boom");
    const outcome = await engine.command(PROMOTE, "key", token, fromRoot());
    assert.ok(outcome.kind === "failed" && outcome.message.includes("boom"));
  });
});

Deno.test("the front is given the secrets that the configuration names for it, and no other file", async () => {
  await withEngine(async ({ engine, folder }) => {
    const secret = join(folder, "secret");
    await Deno.writeTextFile(secret, "s3cr3t");
    assert.equal(await engine.readSecret(secret), "s3cr3t");
    for (const path of [join(folder, "token"), `${folder}/./secret`, "/etc/shadow"]) {
      await assert.rejects(engine.readSecret(path), /the configuration does not name/);
    }
    await Deno.remove(secret);
    await Deno.mkdir(secret);
    await assert.rejects(engine.readSecret(secret), /is no file with a secret/);
  });
});
