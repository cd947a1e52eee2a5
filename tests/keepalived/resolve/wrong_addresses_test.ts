/** Addresses that keepalived cannot read: it leaves them out or corrects them, and goes on. */

import assert from "node:assert/strict";
import { importText, told } from "../support.ts";

function withAddresses(...addresses: readonly string[]): string {
  return [
    "vrrp_instance VI_1 {",
    ...["interface eth0", "virtual_router_id 10", "virtual_ipaddress {", ...addresses, "}", "}"],
  ].join("\n");
}

Deno.test("an address that is none is left out, with its options, while another one is left", async () => {
  const { yaml, findings } = await importText(withAddresses("10.0.0.1/24", "the address here"));
  assert.deepEqual(told(findings), [
    'keepalived.conf:6: note: the: "the" is not an IP address, so keepalived leaves the line out; correct it, or remove the line',
  ]);
  assert.match(yaml!, /addresses:\n\s+- 10\.0\.0\.1\/24\n$/);
});

Deno.test("an instance of which no address would be left is an error", async () => {
  const { yaml, findings } = await importText(withAddresses("VIP_ADDRESS", "10.0.0.300/24"));
  assert.equal(yaml, null);
  assert.deepEqual(findings.map(({ severity, line }) => [severity, line]), [
    ["error", 5],
    ["error", 6],
  ]);
});

Deno.test("a prefix length that is none is that of one address", async () => {
  const { yaml, findings } = await importText(
    withAddresses("10.0.0.1/255.255.255.0", "10.0.0.2/33", "10.0.0.3/32"),
  );
  assert.deepEqual(findings.map(({ severity, line }) => [severity, line]), [
    ["note", 5],
    ["note", 6],
  ]);
  assert.match(yaml!, /- 10\.0\.0\.1\/32\n\s+- 10\.0\.0\.2\/32\n\s+- 10\.0\.0\.3\/32\n/);
});

Deno.test("an IPv6 address has longer prefixes", async () => {
  const { yaml } = await importText(withAddresses("fe80::1/64", "2001:db8::1/129"));
  assert.match(yaml!, /- fe80::1\/64\n\s+- 2001:db8::1\/128\n/);
});
