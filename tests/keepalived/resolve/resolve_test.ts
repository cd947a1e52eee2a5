/** What stands in no single part of the file: the priorities of rules that name none. */

import assert from "node:assert/strict";
import { withRulePriorities } from "../../../src/keepalived/resolve/resolve.ts";
import type { PartialInstance } from "../../../src/keepalived/partial.ts";

Deno.test("rules count down from 16384, each family behind its own static rules", () => {
  const rules = [
    { from: "10.0.0.0/8" },
    { to: "10.0.0.0/8" },
    { from: "2001:db8::/32" },
    { priority: 7 },
    {},
    { to: "2001:db8::/32" },
  ].map((value) => ({ value }));
  const priorities = (taken: { ipv4: number; ipv6: number }) =>
    withRulePriorities([{ rules } as unknown as PartialInstance], taken)[0]!.rules
      .map(({ value }) => (value as { priority: number }).priority);
  assert.deepEqual(priorities({ ipv4: 0, ipv6: 0 }), [16384, 16383, 16384, 7, 16382, 16383]);
  assert.deepEqual(priorities({ ipv4: 2, ipv6: 5 }), [16382, 16381, 16379, 7, 16380, 16378]);
});
