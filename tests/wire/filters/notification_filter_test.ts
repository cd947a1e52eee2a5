import assert from "node:assert/strict";
import type { FilterInstruction } from "../../../src/wire/filters/bpf.ts";
import { exceptRenewals, routingChanges } from "../../../src/wire/filters/notification_filter.ts";
import {
  encodeMessage,
  encodeWithAttributes,
  NLM_F_REPLACE,
  RTM_DELADDR,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "../../../src/wire/netlink/netlink.ts";
import { encodeRoute, type RouteMessage } from "../../../src/wire/netlink/routing.ts";
import { passes } from "../bpf_machine.ts";

interface Notification {
  readonly type: number;
  readonly flags?: number;
  readonly sequence?: number;
  readonly portId?: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

function notification({ type, flags = 0, sequence = 0, portId = 0, payload }: Notification) {
  const message = encodeMessage(type, flags, sequence, payload);
  new DataView(message.buffer).setUint32(12, portId, true);
  return message;
}

/** An address of a family as the kernel reports it: who put it, when it was made and when its lease was set. */
function address(family: number, protocol: number | null, createdCs: number, updatedCs: number) {
  const header = new Uint8Array(8);
  header[0] = family;
  const cacheInfo = new Uint8Array(16);
  new DataView(cacheInfo.buffer).setUint32(8, createdCs, true);
  new DataView(cacheInfo.buffer).setUint32(12, updatedCs, true);
  return encodeWithAttributes(header, [
    [1, new Uint8Array(family === 10 ? 16 : 4)],
    [11, protocol === null ? null : Uint8Array.of(protocol)],
    [6, cacheInfo],
  ]);
}

const MARK = 118;
const RENEWED = address(10, MARK, 100, 250);

Deno.test("a renewal that a socket requested with that sequence number is kept away", () => {
  for (const portId of [4711, 0xfffff001]) {
    const program = exceptRenewals(portId, 0, MARK);
    const comes = (sequence: number, from: number, type = RTM_NEWADDR, createdCs = 100) => {
      const payload = address(2, null, createdCs, 250);
      return passes(program, notification({ type, sequence, portId: from, payload }));
    };
    assert.equal(comes(0, portId), false);
    assert.equal(comes(0, portId, RTM_NEWADDR, 250), true, "one that added the address again");
    assert.equal(comes(0, portId, RTM_DELADDR), true, "what went with it");
    assert.equal(comes(1, portId), true, "another request of the same socket");
    assert.equal(comes(0, 0), true, "the kernel itself");
    assert.equal(comes(0, portId + 1), true, "another program");
  }
});

const FROM_A_WORKER: readonly (readonly [string, Notification, boolean])[] = [
  ["a renewed address of vipd's", { type: RTM_NEWADDR, payload: RENEWED }, false],
  ["a new one", { type: RTM_NEWADDR, payload: address(10, MARK, 100, 100) }, true],
  ["a removed one", { type: RTM_DELADDR, payload: RENEWED }, true],
  ["another program's", { type: RTM_NEWADDR, payload: address(10, 3, 100, 250) }, true],
  ["one without a mark", { type: RTM_NEWADDR, payload: address(10, null, 100, 250) }, true],
  ["an IPv4 address", { type: RTM_NEWADDR, payload: address(2, MARK, 100, 250) }, true],
  ["a link", { type: RTM_NEWLINK, payload: new Uint8Array(16) }, true],
];

for (const [what, message, wanted] of FROM_A_WORKER) {
  Deno.test(`of what the kernel reports by itself, ${what} ${wanted ? "comes" : "does not"}`, () => {
    assert.equal(passes(exceptRenewals(4711, 0, MARK), notification(message)), wanted);
  });
}

Deno.test("an address whose times or whose owner the kernel does not say comes", () => {
  const whole = (family: number) => address(family, MARK, 100, 250);
  // Without its last attribute, the times.
  const timeless = (family: number) => whole(family).subarray(0, -20);
  const program = exceptRenewals(4711, 0, MARK);
  const comes = (payload: Uint8Array<ArrayBuffer>, portId: number) =>
    passes(program, notification({ type: RTM_NEWADDR, portId, payload }));
  assert.deepEqual([comes(whole(2), 4711), comes(timeless(2), 4711)], [false, true]);
  assert.deepEqual([comes(whole(10), 0), comes(timeless(10), 0)], [false, true]);
  // The same number as the type of the message.
  const ownerless = address(10, null, 100, 250);
  const message = notification({ type: RTM_NEWADDR, payload: ownerless });
  assert.ok(passes(exceptRenewals(4711, 0, RTM_NEWADDR), message));
});

const OWN: RouteMessage = {
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  gateway: "192.168.31.1",
  table: 254,
  scope: 0,
  protocol: MARK,
};
const OWN_IPV6: RouteMessage = {
  ...OWN,
  family: "ipv6",
  to: { address: "2001:db8:1::", prefixLength: 48 },
  gateway: "2001:db8::1",
};
const BGP = { protocol: 186 };

function routing(destinations: Parameters<typeof routingChanges>[2]): FilterInstruction[] {
  return routingChanges(4711, MARK, destinations);
}

function route(type: number, message: RouteMessage, flags = 0, portId = 1): Uint8Array {
  return notification({ type, flags, portId, payload: encodeRoute(message) });
}

const ROUTES: readonly (readonly [string, Uint8Array, boolean])[] = [
  ["vipd's that another removes", route(RTM_DELROUTE, OWN), true],
  ["one with its mark", route(RTM_NEWROUTE, { ...OWN, to: null }), true],
  ["vipd's that it adds itself", route(RTM_NEWROUTE, OWN, 0, 4711), false],
  ["another in place of vipd's", route(RTM_NEWROUTE, { ...OWN, ...BGP }, NLM_F_REPLACE), true],
  ["the same over IPv6", route(RTM_NEWROUTE, { ...OWN_IPV6, ...BGP }, NLM_F_REPLACE), true],
  ["another beside it", route(RTM_NEWROUTE, { ...OWN, ...BGP }), false],
  ["another removed", route(RTM_DELROUTE, { ...OWN, ...BGP }), false],
  [
    "a replaced one of the same length",
    route(
      RTM_NEWROUTE,
      { ...OWN, ...BGP, to: { address: "10.2.0.0", prefixLength: 16 } },
      NLM_F_REPLACE,
    ),
    false,
  ],
  [
    "a replaced one of another length",
    route(
      RTM_NEWROUTE,
      { ...OWN, ...BGP, to: { address: "10.1.0.0", prefixLength: 24 } },
      NLM_F_REPLACE,
    ),
    false,
  ],
  ["a replaced default", route(RTM_NEWROUTE, { ...OWN, ...BGP, to: null }, NLM_F_REPLACE), false],
  ["a rule", notification({ type: RTM_NEWRULE, payload: new Uint8Array(12) }), true],
  ["a removed rule", notification({ type: RTM_DELRULE, payload: new Uint8Array(12) }), true],
  ["a link", notification({ type: RTM_NEWLINK, payload: new Uint8Array(16) }), false],
  [
    "a link with its mark where a route has it",
    notification({ type: RTM_NEWLINK, payload: Uint8Array.of(0, 0, 0, 0, 0, MARK, 0, 0) }),
    false,
  ],
];

for (const [what, message, wanted] of ROUTES) {
  Deno.test(`of changed routes, ${what} ${wanted ? "comes" : "does not"}`, () => {
    assert.equal(passes(routing([OWN, OWN_IPV6]), message), wanted);
  });
}

Deno.test("a default route that is replaced comes where one is vipd's, all do where there are too many", () => {
  const replaced = route(RTM_NEWROUTE, { ...OWN, ...BGP, to: null }, NLM_F_REPLACE);
  assert.equal(passes(routing([{ family: "ipv4", to: null }]), replaced), true);
  assert.equal(passes(routing([{ family: "ipv6", to: null }]), replaced), false);
  const many = Array.from({ length: 201 }, (_, n) => ({
    family: "ipv4" as const,
    to: { address: `10.9.${n}.0`, prefixLength: 24 },
  }));
  assert.equal(passes(routing(many), replaced), true);
  assert.equal(passes(routing(many.slice(1)), replaced), false, "200 are not too many");
  assert.ok(routing(many.slice(1)).length < 4096, "as long as the kernel takes (BPF_MAXINSNS)");
});
