import assert from "node:assert/strict";
import { family, usageOf } from "../../lab/usage.ts";
import { waitFor } from "../../lab/wait.ts";

const LIMITS = { timeoutMs: 20_000, everyMs: 20 };

Deno.test("a process is counted with its children, while they live and when they have ended", async () => {
  const script = 'sh -c "while :; do :; done" & read line; kill $!; wait $!; read line';
  const parent = new Deno.Command("sh", { args: ["-c", script], stdin: "piped" }).spawn();
  const input = parent.stdin.getWriter();
  await waitFor("the child", async () => (await family(parent.pid)).length === 2, LIMITS);
  const busy = async () => {
    const usage = await usageOf(parent.pid);
    return usage.cpuMs >= 50 ? usage : null;
  };
  const both = await waitFor("the child's work", busy, LIMITS);
  assert.equal(both.threads, 2);
  assert.ok(both.descriptors >= 6 && both.pssOctets > 0 && both.privateOctets > 0);

  await input.write(new TextEncoder().encode("\n"));
  await waitFor("its end", async () => (await family(parent.pid)).length === 1, LIMITS);
  const alone = await usageOf(parent.pid);
  assert.ok(alone.cpuMs >= both.cpuMs, "what an ended child has used stays counted");
  assert.equal(alone.threads, 1);

  await input.close();
  await parent.status;
  assert.deepEqual(await family(parent.pid), []);
});
