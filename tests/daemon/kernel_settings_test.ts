import assert from "node:assert/strict";
import { KernelSettings } from "../../src/daemon/kernel_settings.ts";

Deno.test("a look sees a setting that was changed; without one the kernel is asked every ten seconds at most", () => {
  let [nowMs, reads, value] = [5000, 0, "0"];
  const read = (path: string) => {
    reads++;
    return path === "/proc/sys/net/ipv4/conf/eth1/arp_ignore" ? `${value}\n` : null;
  };
  const settings = new KernelSettings(read, () => ["eth1"], () => nowMs);
  const seen = (look: boolean) => settings.facts(look).settings["ipv4/conf/eth1/arp_ignore"];
  assert.equal(seen(false), "0");
  const before = reads;
  value = "1";
  nowMs += 9999;
  assert.deepEqual([seen(false), reads], ["0", before]);
  nowMs += 1;
  assert.equal(seen(false), "1");
  value = "2";
  assert.equal(seen(true), "2");
});
