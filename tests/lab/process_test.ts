import assert from "node:assert/strict";
import { saysEnded, sendSignal } from "../../lab/process.ts";

const notEnded = (error: unknown) => !saysEnded(error);

Deno.test("a process that has ended shows it in every way, and an error of another kind does not", async () => {
  const sleeper = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const { pid } = sleeper;
  using open = await Deno.open(`/proc/${pid}/schedstat`);
  sleeper.kill("SIGKILL");
  await sleeper.status;
  const ways: Record<string, () => Promise<unknown>> = {
    "its file, opened before its end": () => open.read(new Uint8Array(100)),
    "its file": () => Deno.readTextFile(`/proc/${pid}/schedstat`),
    "its folder": () => Array.fromAsync(Deno.readDir(`/proc/${pid}/task`)),
  };
  for (const [name, way] of Object.entries(ways)) await assert.rejects(way, saysEnded, name);
  assert.throws(() => Deno.kill(pid, "SIGTERM"), saysEnded);
  sendSignal(pid, "SIGTERM");

  await assert.rejects(Deno.readTextFile("/proc"), notEnded);
  assert.throws(() => sendSignal(1, "SIGNO" as "SIGTERM"), notEnded);
});
