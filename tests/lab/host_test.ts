/** A host ends, whatever runs in it. Needs namespaces. */

import { LabHost } from "../../lab/host.ts";
import { waitFor } from "../../lab/wait.ts";

Deno.test("a host ends although a process in it is stopped", async () => {
  const host = await LabHost.open({
    name: "lb01",
    lab: `host-${crypto.randomUUID()}`,
    within: null,
  });
  const process = host.start("sleep", ["sleep", "1000"]);
  const pid = await process.pid();
  await process.signal("SIGSTOP");
  // The state after the name in parentheses (proc(5)); nsenter has stopped too when its child has for a moment.
  const stopped = async (id: number) =>
    /\) T /.test(await Deno.readTextFile(`/proc/${id}/stat`).catch(() => ""));
  const parent = Number(
    /\) \S (\d+)/.exec(await Deno.readTextFile(`/proc/${pid}/stat`))?.[1],
  );
  await waitFor("both to stop", async () => await stopped(pid!) && await stopped(parent), {
    timeoutMs: 5000,
    everyMs: 5,
  });
  await host[Symbol.asyncDispose]();
  await process.ended;
});
