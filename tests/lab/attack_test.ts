/** An attack that achieves nothing is no measurement, however much it has tried and sent. */

import assert from "node:assert/strict";
import { ACHIEVEMENTS, type AttackerName, lacking } from "../../lab/hostile/attack.ts";

Deno.test("what an attack lacks, and that something is demanded of what is demanded at all", () => {
  assert.deepEqual(lacking({ connected: 3, answered: 1 }, { connected: 3, answered: 1 }), []);
  assert.equal(lacking({ connected: 3 }, {}).length, 1);
  assert.deepEqual(lacking({ connected: 2 }, { connected: 3, answered: 1 }), [
    "connected: 2 instead of at least 3",
    "answered: 0 instead of at least 1",
  ]);
  assert.equal(lacking({ connected: 0 }, { connected: 0 }).length, 1);
  assert.equal(lacking({ connected: NaN }, { connected: 1 }).length, 1);
});

/** A port of this machine on which nobody listens. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The last counts of an attacker. */
async function countsOf(name: AttackerName, ...args: string[]): Promise<Record<string, number>> {
  const program = new URL(`../../lab/hostile/${name}_process.ts`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", "--allow-all", program, "500", ...args],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

Deno.test("against nobody, an attacker tries and achieves nothing that a load could demand", async (t) => {
  const [host, port] = ["127.0.0.1", String(freePort())];
  const attackers = [
    { name: "connections", args: ["idle", host, port, "3"], tried: "tried" },
    { name: "http2", args: ["ping", "http", host, port, "2"], tried: "tried" },
    { name: "guesses", args: [port, "50"], tried: "sent" },
    { name: "engine_flood", args: ["/nonexistent/engine.sock", "small", "1"], tried: "tried" },
  ] as const;
  for (const { name, args, tried } of attackers) {
    await t.step(name, async () => {
      const counts = await countsOf(name, ...args);
      assert.ok(counts[tried]! > 0, JSON.stringify(counts));
      for (const achievement of ACHIEVEMENTS[name]) {
        assert.equal(counts[achievement], 0, `${achievement} of ${JSON.stringify(counts)}`);
      }
    });
  }
});
