import assert from "node:assert/strict";
import { parseChange } from "../../lab/address_watch.ts";

const AT = "[2026-11-29T22:30:53.803405]";
const LASTS = "valid_lft forever preferred_lft forever";

Deno.test("lines of ip monitor", async (t) => {
  const atMs = Date.parse("2026-11-29T22:30:53") + 803.405;
  const change = { atMs, address: "192.168.31.5/24", kind: "added", secondary: false };
  const cases = [
    {
      name: "an address comes",
      line: `${AT} 3: eth1    inet 192.168.31.5/24 scope global eth1:1\\       ${LASTS}`,
      want: change,
    },
    {
      name: "as a secondary one",
      line: `${AT} 3: eth1    inet 192.168.31.5/24 scope global secondary eth1\\       ${LASTS}`,
      want: { ...change, secondary: true },
    },
    {
      name: "an address goes",
      line: `${AT} Deleted 3: eth1    inet 192.168.31.5/24 scope global eth1\\       ${LASTS}`,
      want: { ...change, kind: "deleted" },
    },
    { name: "something else", line: "Cannot open netlink socket", want: null },
  ];
  for (const { name, line, want } of cases) {
    await t.step(name, () => assert.deepEqual(parseChange(line), want));
  }
});
