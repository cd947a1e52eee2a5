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

Deno.test("what is said of an address that keepalived corrects or leaves out, at its bounds", async (t) => {
  const cases: readonly [address: string, kind: string | null, written: string | null][] = [
    ["10.0.0.9/24,", "carried_differently", "10.0.0.9/24"],
    ["10.0.0.9/32,", "carried_differently", "10.0.0.9/32"],
    ["10.0.0.9/33,", "error", null],
    ["10.0.0.9/33", "carried_differently", "10.0.0.9/32"],
    ["10.0.0.9/32", null, "10.0.0.9/32"],
    ["10.0.0.9/0", "error", null],
    ["10.0.0.x/24", "ignored", null],
    ["10.0.0.9/24 label eth0:12345678901", "ignored", null],
  ];
  for (const [address, kind, written] of cases) {
    await t.step(address, async () => {
      const { yaml, findings } = await importText(withAddresses("10.0.0.1/24", address));
      assert.deepEqual(findings.map((finding) => finding.kind), kind === null ? [] : [kind]);
      const found = /- (10\.0\.0\.9\S*)/.exec(yaml ?? "")?.[1] ?? null;
      assert.equal(found, written);
    });
  }
});

Deno.test("a label of fifteen octets is taken", async () => {
  const { yaml, findings } = await importText(
    withAddresses("10.0.0.1/24", "10.0.0.9/24 label eth0:1234567890"),
  );
  assert.deepEqual(findings, []);
  assert.match(yaml!, /label: eth0:1234567890\b/);
});
