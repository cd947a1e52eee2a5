import assert from "node:assert/strict";
import {
  type NextHop,
  nextHopsText,
  optionsText,
  type RouteOptions,
  sameNextHops,
  sameOptions,
} from "../../src/vip/route_attributes.ts";

const A: NextHop = { via: "10.0.0.1", device: "eth0", weight: 1 };
const B: NextHop = { via: "10.0.0.2", device: "eth0", weight: 1 };
const ANY: NextHop = { via: "10.0.0.1", weight: 1 };

Deno.test("next hops are the same in whatever sequence, each as often", () => {
  const rows: [desired: NextHop[], actual: NextHop[], same: boolean][] = [
    [[], [], true],
    [[A], [], false],
    [[], [A], false],
    [[A], [A, B], false],
    [[A, B], [A, B], true],
    [[A, B], [B, A], true],
    [[A, A], [A, B], false],
    [[A, A], [B, A], false],
    [[A, A], [A, A], true],
    [[ANY], [A], true],
    [[A], [ANY], false],
    [[A], [{ ...A, device: "eth1" }], false],
    [[A], [{ ...A, weight: 2 }], false],
    [[A], [{ ...A, onLink: true }], false],
    [[{ ...A, onLink: true }], [{ ...A, onLink: true }], true],
  ];
  for (const [desired, actual, same] of rows) {
    assert.equal(sameNextHops(desired, actual), same, JSON.stringify([desired, actual]));
  }
});

Deno.test("next hops and options are written in the words of ip-route(8)", () => {
  assert.equal(nextHopsText([]), "");
  assert.equal(
    nextHopsText([A, { via: "10.0.0.2", weight: 2 }, { device: "eth1", weight: 1, onLink: true }]),
    " nexthop via 10.0.0.1 dev eth0 nexthop via 10.0.0.2 weight 2 nexthop dev eth1 onlink",
  );
  const options: RouteOptions = { mtu: 1400, advmss: 1360, lock: ["mtu"] };
  assert.equal(optionsText({}), "");
  assert.equal(optionsText(options), " mtu lock 1400 advmss 1360");
  assert.ok(sameOptions(options, { ...options }));
  assert.ok(!sameOptions(options, { ...options, lock: [] }));
  assert.ok(!sameOptions(options, { ...options, lock: ["mtu", "advmss"] }));
});
