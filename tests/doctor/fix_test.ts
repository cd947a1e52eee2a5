import assert from "node:assert/strict";
import { programRemedy, sysctlRemedy, withSysctls } from "../../src/doctor/fix.ts";

Deno.test("a setting replaces its own line, in whatever form, and no other", () => {
  const cases: [text: string, settings: Record<string, string>, want: string][] = [
    ["", { "net.ipv4.ip_nonlocal_bind": "1" }, "net.ipv4.ip_nonlocal_bind = 1\n"],
    [
      "# ours\nvm.swappiness=10\n\n",
      { "net.ipv4.ip_nonlocal_bind": "1" },
      "# ours\nvm.swappiness=10\nnet.ipv4.ip_nonlocal_bind = 1\n",
    ],
    [
      "net.ipv4.conf.all.rp_filter = 1\nnet/ipv4/conf/all/arp_ignore=0\n-net.ipv4.x=1",
      {
        "net.ipv4.conf.all.arp_ignore": "1",
        "net.ipv4.conf.all.rp_filter": "2",
        "net.ipv4.x": "2",
      },
      "net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.rp_filter = 2\nnet.ipv4.x = 2\n",
    ],
    [
      "net/ipv4/conf/eth1.100/arp_ignore = 8\nnet.ipv4.conf.eth1.arp_ignore = 8\n",
      { "net.ipv4.conf.eth1/100.arp_ignore": "0" },
      "net.ipv4.conf.eth1.arp_ignore = 8\nnet.ipv4.conf.eth1/100.arp_ignore = 0\n",
    ],
  ];
  for (const [text, settings, want] of cases) assert.equal(withSysctls(text, settings), want);
});

Deno.test("a remedy's command does what its fix does", () => {
  const sysctl = sysctlRemedy({ "net.ipv4.a": "1", "net.ipv4.b": "2" });
  assert.match(
    sysctl.command,
    /^printf '%s\\n' 'net\.ipv4\.a = 1' 'net\.ipv4\.b = 2' >> \S+ && sysctl -p \S+$/,
  );
  const programs = programRemedy(["chown", "7", "/t"], ["chmod", "600", "/t"]);
  assert.equal(programs.command, "chown 7 /t && chmod 600 /t");
});
