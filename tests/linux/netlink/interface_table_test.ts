import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { InterfaceTable } from "../../../src/linux/netlink/interface_table.ts";
import { VIPD_ADDRESS_PROTOCOL } from "../../../src/linux/netlink/lease_renewals.ts";
import {
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "../../../src/wire/netlink/netlink.ts";
import { type AddressRequest, encodeAddress } from "../../../src/wire/netlink/rtnetlink.ts";

const LINK = { index: 2, name: "eth1", flags: 0, mac: new Uint8Array(6) };
const ADDRESS = { index: 2, address: "192.168.31.5", prefixLength: 24 };

/** As a kernel before Linux 5.18 reports it, which keeps no mark. */
function notification(type: number, address: AddressRequest = ADDRESS): NetlinkMessage {
  return [...decodeMessages(encodeMessage(type, 0, 0, encodeAddress(address)))][0]!;
}

/** What vipd has of an interface to which it has added the address. */
function withAddress(): InterfaceTable {
  const table = new InterfaceTable(VIPD_ADDRESS_PROTOCOL);
  table.replace([LINK], [], false);
  table.apply(notification(RTM_NEWADDR), false);
  table.recordAdded(ADDRESS);
  return table;
}

Deno.test("without marks, an address that a renewal adds again is vipd's, one that another program adds is not", () => {
  const table = withAddress();
  const carried = () => {
    const { own, foreign } = table.carried(2, ADDRESS.address);
    return { own: own.length, foreign };
  };
  deepStrictEqual(carried(), { own: 1, foreign: false });
  table.apply(notification(RTM_DELADDR), false);
  deepStrictEqual(carried(), { own: 0, foreign: false });
  table.apply(notification(RTM_NEWADDR), true);
  deepStrictEqual(carried(), { own: 1, foreign: false });
  table.apply(notification(RTM_DELADDR), false);
  table.apply(notification(RTM_NEWADDR), false);
  deepStrictEqual(carried(), { own: 0, foreign: true });
});

const OTHER = { index: 2, address: "192.168.31.6", prefixLength: 24 };

Deno.test("an address that stays is shown as before when another one of the interface changes", () => {
  const table = withAddress();
  const before = table.state("eth1")!.addresses[0]!;
  table.apply(notification(RTM_NEWADDR, OTHER), false);
  const after = table.state("eth1")!.addresses;
  deepStrictEqual(after.map(({ address }) => address), [ADDRESS.address, OTHER.address]);
  strictEqual(after[0], before);
});

Deno.test("an address is shown otherwise if the kernel's message stays and what it means does not", () => {
  const table = withAddress();
  table.apply(notification(RTM_NEWADDR, { ...OTHER, label: "eth1:1" }), false);
  const shown = (name = "eth1") => table.state(name)!.addresses.map(({ address: _, ...it }) => it);
  const own = { prefixLength: 24, ends: true };
  const foreign = { prefixLength: 24, label: "eth1:1", foreign: true };
  deepStrictEqual(shown(), [own, foreign]);
  table.recordAdded(OTHER);
  deepStrictEqual(shown(), [own, { prefixLength: 24, label: "eth1:1", ends: true }]);
  const marked = { ...OTHER, address: "192.168.31.7", protocol: VIPD_ADDRESS_PROTOCOL };
  table.apply(notification(RTM_NEWADDR, marked), false);
  const unlike = ["vipd's mark"];
  deepStrictEqual(shown()[0], { ...own, unlike }, "the kernel keeps marks, and it has none");
});
