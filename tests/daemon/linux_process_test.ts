/** What the engine's process reads of the kernel. */

import assert from "node:assert/strict";
import { linuxDaemonProcess } from "../../src/daemon/linux_process.ts";
import { SOURCE_BUILD } from "../../src/version.ts";

/** How often `act` opens a library. */
function openings(act: () => void): number {
  const { dlopen } = Deno;
  let opened = 0;
  const counting = (...library: Parameters<typeof dlopen>) => {
    opened++;
    return dlopen(...library);
  };
  try {
    Object.assign(Deno, { dlopen: counting });
    act();
  } finally {
    Object.assign(Deno, { dlopen });
  }
  return opened;
}

Deno.test({
  name: "the boot and the front's needs are read through one libc, which stays open",
  sanitizeResources: false,
  fn: () => {
    const { bootId, bootedAtMs, front } = linuxDaemonProcess(SOURCE_BUILD);
    const opened = openings(() => {
      assert.match(bootId(), /^[0-9a-f-]{36}$/);
      assert.ok(bootedAtMs() > Date.UTC(2020) && bootedAtMs() <= Date.now());
      const charge = front("/run/vipd");
      assert.ok(charge.kind === "child");
      assert.match(charge.program.readKernelFile("/proc/self/status") ?? "", /^Name:/);
    });
    assert.equal(opened, 1);
  },
});
