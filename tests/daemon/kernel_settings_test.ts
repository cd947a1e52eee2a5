import assert from "node:assert/strict";
import { KernelSettings } from "../../src/daemon/kernel_settings.ts";

Deno.test("a setting that was changed is seen a second later, and the kernel is asked once a second at most", () => {
  let [nowMs, reads, value] = [5000, 0, "0"];
  const read = (path: string) => {
    reads++;
    return path === "/proc/sys/net/ipv4/conf/eth1/arp_ignore" ? `${value}\n` : null;
  };
  const settings = new KernelSettings(read, () => ["eth1"], () => nowMs);
  const seen = () => settings.facts().settings["ipv4/conf/eth1/arp_ignore"];
  assert.equal(seen(), "0");
  const before = reads;
  value = "1";
  nowMs += 999;
  assert.deepEqual([seen(), reads], ["0", before]);
  nowMs += 1;
  assert.equal(seen(), "1");
});
