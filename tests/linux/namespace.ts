/**
 * Tests that run in a network namespace of their own, which ends with them.
 *
 * @module
 */

import { strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { LinuxHost } from "../../src/linux/host.ts";

/** Set in the process that runs inside the namespace. */
const INSIDE = "VIPD_TEST_NAMESPACE";

/**
 * Like `Deno.test`; the body runs in a process of its own with an empty network namespace, as root or as the root of
 * a user namespace.
 *
 * @param moduleUrl `import.meta.url` of the test file.
 */
export function namespaceTest(moduleUrl: string, name: string, body: () => Promise<void>): void {
  Deno.test(name, Deno.env.has(INSIDE) ? body : () => runInside(moduleUrl, name));
}

async function runInside(moduleUrl: string, name: string): Promise<void> {
  const pattern = `/^${name.replaceAll(/[/\\^$.*+?()[\]{}|]/g, "\\$&")}$/`;
  const child = new Deno.Command("unshare", {
    args: [
      ...(Deno.uid() === 0 ? ["-n"] : ["-Urn"]),
      ...[Deno.execPath(), "test", "-A", "--no-check", "--filter", pattern],
      fileURLToPath(moduleUrl),
    ],
    env: { [INSIDE]: "1", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await child.output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  strictEqual(code, 0, `in the namespace:\n${output}`);
  // A pattern that matches nothing would pass as well.
  strictEqual(/\b1 passed\b/.test(output), true, `nothing ran in the namespace:\n${output}`);
}

/** The machine as vipd sees it; what goes wrong there by itself fails the test. */
export function openHost(): LinuxHost {
  return LinuxHost.open({
    onError: (error) => {
      throw error;
    },
  });
}

/**
 * Runs a command of iproute2 and gives what it prints.
 *
 * @throws {Error} when it fails.
 */
export function ip(command: string): string {
  const { success, stdout, stderr } = new Deno.Command("ip", { args: command.split(" ") })
    .outputSync();
  if (!success) throw new Error(`ip ${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Waits until `condition` holds, looking again after each turn of the event loop. */
export async function until(what: string, condition: () => boolean, limitMs = 5000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await delay(1);
  }
}

/** Lets the event loop turn for a while. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
