import assert from "node:assert/strict";
import {
  type ActualAddress,
  addressIdentity,
  advertisedAddresses,
  changedInPlace,
  findAddress,
  isAlike,
  ownPlaceOf,
  sameAddress,
  type VirtualAddress,
} from "../../src/vip/addresses.ts";

const DESIRED: VirtualAddress = { address: "192.168.31.5", prefixLength: 24, device: "eth1" };
const FULL: VirtualAddress = {
  ...DESIRED,
  label: "eth1:1",
  scope: "link",
  broadcast: "192.168.31.255",
};
const SHOWN: ActualAddress = { address: "192.168.31.5", prefixLength: 24 };
const SHOWN_FULL: ActualAddress = {
  ...SHOWN,
  label: "eth1:1",
  scope: "link",
  broadcast: "192.168.31.255",
};

const FINDINGS: readonly (readonly [
  string,
  VirtualAddress,
  readonly ActualAddress[],
  ReturnType<typeof findAddress>,
])[] = [
  ["nothing there", DESIRED, [], { kind: "absent" }],
  ["another address", DESIRED, [{ ...SHOWN, address: "192.168.31.6" }], { kind: "absent" }],
  ["as it is desired", DESIRED, [SHOWN], { kind: "present" }],
  ["with all attributes", FULL, [SHOWN_FULL], { kind: "present" }],
  ["labelled with the device", { ...DESIRED, label: "eth1" }, [SHOWN], { kind: "present" }],
  ["global said and not said", { ...DESIRED, scope: "global" }, [SHOWN], { kind: "present" }],
  [
    "another prefix length",
    DESIRED,
    [{ ...SHOWN, prefixLength: 32 }],
    { kind: "altered", attributes: ["prefix length"] },
  ],
  [
    "no label",
    FULL,
    [{ ...SHOWN, scope: "link", broadcast: "192.168.31.255" }],
    { kind: "altered", attributes: ["label"] },
  ],
  [
    "another scope",
    FULL,
    [{ ...SHOWN_FULL, scope: "host" }],
    { kind: "altered", attributes: ["scope"] },
  ],
  [
    "a scope that cannot be configured",
    DESIRED,
    [{ ...SHOWN, scope: "other" }],
    { kind: "altered", attributes: ["scope"] },
  ],
  [
    "a broadcast address where none is",
    DESIRED,
    [{ ...SHOWN, broadcast: "192.168.31.255" }],
    { kind: "altered", attributes: ["broadcast"] },
  ],
  ["everything else", FULL, [SHOWN], {
    kind: "altered",
    attributes: ["label", "scope", "broadcast"],
  }],
  ["the host's own", DESIRED, [{ ...SHOWN, foreign: true }], { kind: "own" }],
  [
    "the host's own in another form",
    FULL,
    [{ ...SHOWN, prefixLength: 16, foreign: true }],
    { kind: "own" },
  ],
  [
    "one end of a line",
    DESIRED,
    [{ ...SHOWN, peer: "192.168.31.6" }],
    { kind: "altered", attributes: ["peer"] },
  ],
  [
    "flags that vipd does not give",
    DESIRED,
    [{ ...SHOWN, unlike: ["preferred lifetime", "flags"] }],
    { kind: "altered", attributes: ["preferred lifetime", "flags"] },
  ],
  [
    "vipd's next to the host's own",
    DESIRED,
    [{ ...SHOWN, prefixLength: 32, foreign: true }, SHOWN],
    { kind: "present" },
  ],
];

Deno.test("a desired address is compared in every attribute with what its device has", async (t) => {
  for (const [what, desired, actual, expected] of FINDINGS) {
    await t.step(what, () => assert.deepEqual(findAddress(desired, actual), expected));
  }
});

Deno.test("a link-local address is another one on each link, any other is one on its host", () => {
  assert.equal(addressIdentity("fe80::5", "eth1") === addressIdentity("fe80::5", "eth2"), false);
  for (const address of ["192.168.31.5", "2001:db8::5", "169.254.1.1"]) {
    assert.equal(addressIdentity(address, "eth1"), addressIdentity(address, "eth2"), address);
  }
});

Deno.test("a lifetime is compared where it is said whether the address has a lease", () => {
  const ending: ActualAddress = { ...SHOWN, ends: true };
  const altered = { kind: "altered", attributes: ["valid lifetime"] } as const;
  const cases = [
    [ending, undefined, { kind: "present" }],
    [ending, true, { kind: "present" }],
    [ending, false, altered],
    [SHOWN, true, altered],
    [SHOWN, false, { kind: "present" }],
  ] as const;
  for (const [actual, leased, expected] of cases) {
    assert.deepEqual(findAddress(DESIRED, [actual], leased), expected);
  }
});

Deno.test("only lifetimes and flags are changed while the address stays", () => {
  assert.equal(changedInPlace([]), true);
  assert.equal(changedInPlace(["valid lifetime", "preferred lifetime", "flags"]), true);
  assert.equal(changedInPlace(["flags", "label"]), false);
});

Deno.test("two addresses are alike when the kernel sees no difference", async (t) => {
  const rows: [string, VirtualAddress, VirtualAddress, boolean][] = [
    ["itself", FULL, { ...FULL }, true],
    ["the device as label, and none", { ...DESIRED, label: "eth1" }, DESIRED, true],
    ["global, and no scope", { ...DESIRED, scope: "global" }, DESIRED, true],
    ["advertised or not", { ...DESIRED, advertise: false }, DESIRED, true],
    ["another address", { ...FULL, address: "192.168.31.6" }, FULL, false],
    ["another device", { ...FULL, device: "eth2" }, FULL, false],
    ["another prefix length", { ...FULL, prefixLength: 32 }, FULL, false],
    ["another label", { ...FULL, label: "eth1:2" }, FULL, false],
    ["another scope", { ...FULL, scope: "host" }, FULL, false],
    ["another broadcast address", { ...FULL, broadcast: "192.168.31.127" }, FULL, false],
    ["a label, and none", { ...DESIRED, label: "eth1:1" }, DESIRED, false],
    ["a scope, and none", { ...DESIRED, scope: "link" }, DESIRED, false],
    ["a broadcast address, and none", { ...DESIRED, broadcast: "192.168.31.255" }, DESIRED, false],
  ];
  for (const [what, one, other, alike] of rows) {
    await t.step(what, () => {
      assert.equal(isAlike(one, other), alike);
      assert.equal(isAlike(other, one), alike, "the other way round");
    });
  }
});

Deno.test("two addresses are the same by address and device, alike by what the kernel shows of them", () => {
  const rows: [other: VirtualAddress, same: boolean, alike: boolean][] = [
    [FULL, true, true],
    [{ ...FULL, device: "eth2" }, false, false],
    [{ ...FULL, address: "192.168.31.6" }, false, false],
    [{ ...FULL, prefixLength: 25 }, true, false],
    [{ ...FULL, label: "eth1" }, true, false],
    [{ ...FULL, scope: "global" }, true, false],
    [DESIRED, true, false],
  ];
  for (const [other, same, alike] of rows) {
    assert.equal(sameAddress(FULL, other), same, JSON.stringify(other));
    assert.equal(isAlike(FULL, other), alike, JSON.stringify(other));
    assert.equal(isAlike(other, FULL), alike, JSON.stringify(other));
  }
  assert.ok(isAlike(DESIRED, { ...DESIRED, label: "eth1", scope: "global" }));
});

Deno.test("adverts name the addresses that are not kept out of them", () => {
  const silent = { ...DESIRED, address: "192.168.31.7", advertise: false } as const;
  assert.deepEqual(advertisedAddresses([DESIRED, silent, { ...DESIRED, address: "10.0.0.1" }]), [
    "192.168.31.5",
    "10.0.0.1",
  ]);
});

const OWN = { ...SHOWN, foreign: true } as const;
const LINK_LOCAL = { address: "fe80::5", prefixLength: 64 } as const;
const OWN_LINK_LOCAL = { ...LINK_LOCAL, foreign: true } as const;
const PLACES: readonly (readonly [
  name: string,
  on: Readonly<Record<string, readonly ActualAddress[]>>,
  desired: VirtualAddress,
  place: ReturnType<typeof ownPlaceOf>,
])[] = [
  ["nobody has it", { eth1: [] }, DESIRED, null],
  ["vipd alone has added it", { eth1: [SHOWN] }, DESIRED, null],
  ["another program has", { eth1: [OWN] }, DESIRED, { device: "eth1", prefixLength: 24 }],
  ["with another prefix", { eth1: [{ ...OWN, prefixLength: 32 }] }, DESIRED, {
    device: "eth1",
    prefixLength: 32,
  }],
  ["both have", { eth1: [SHOWN, { ...OWN, prefixLength: 32 }] }, DESIRED, null],
  ["vipd here, another program elsewhere", { eth1: [SHOWN], lo: [OWN] }, DESIRED, {
    device: "lo",
    prefixLength: 24,
  }],
  [
    "on the interface below that of a virtual MAC address",
    { eth1: [OWN] },
    { ...DESIRED, device: "vrrp.55" },
    { device: "eth1", prefixLength: 24 },
  ],
  ["a link-local one of another link", { eth2: [OWN_LINK_LOCAL] }, {
    ...LINK_LOCAL,
    device: "eth1",
  }, null],
  ["a link-local one of this link", { eth1: [OWN_LINK_LOCAL] }, { ...LINK_LOCAL, device: "eth1" }, {
    device: "eth1",
    prefixLength: 64,
  }],
];
for (const [name, on, desired, place] of PLACES) {
  Deno.test(`the machine's own place of a virtual address: ${name}`, () => {
    const interfaces = Object.entries(on).map(([name, addresses]) => ({ name, addresses }));
    assert.deepEqual(ownPlaceOf(desired, interfaces), place);
  });
}
