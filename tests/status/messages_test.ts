import assert from "node:assert/strict";
import { instanceConfig } from "../../src/sim/cluster.ts";
import { letVrrpIn } from "../../src/status/messages.ts";

Deno.test("the command that lets VRRP in is of the family, for the group unless adverts are unicast", () => {
  const unicast = { peers: ["192.168.31.12"], ttl: 255, minTtl: 255 };
  const rows = [
    [{ family: "ipv4" }, "iptables -I INPUT -i eth1 -d 224.0.0.18 -p 112"],
    [{ family: "ipv6" }, "ip6tables -I INPUT -i eth1 -d ff02::12 -p 112"],
    [{ family: "ipv4", unicast }, "iptables -I INPUT -i eth1 -p 112"],
  ] as const;
  for (const [changes, command] of rows) {
    const text = letVrrpIn({ ...instanceConfig({}), ...changes });
    assert.equal(text, `let VRRP in (\`${command} -j ACCEPT\`)`);
  }
});
