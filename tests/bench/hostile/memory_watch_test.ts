import assert from "node:assert/strict";
import { MemoryWatch } from "./memory_watch.ts";

Deno.test("of a process that never ran there is no peak, which meets no limit", async () => {
  using watch = new MemoryWatch(() => Promise.resolve(null));
  assert.ok(Number.isNaN(watch.peakOctets));
  assert.ok(Number.isNaN(await watch.now()));
  assert.ok(Number.isNaN(watch.peakOctets));
  assert.equal(watch.processes, 0);
});

Deno.test("one that has ended keeps its peak, and its successor counts as another process", async () => {
  let pid: number | null = Deno.pid;
  using watch = new MemoryWatch(() => Promise.resolve(pid));
  const octets = await watch.now();
  pid = null;
  await watch.now();
  assert.ok(octets > 0 && watch.peakOctets === octets);
  assert.equal(watch.processes, 1);
  pid = Deno.ppid;
  await watch.now();
  assert.equal(watch.processes, 2);
});
