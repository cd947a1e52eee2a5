import { deepStrictEqual } from "node:assert/strict";
import { InterfaceTable } from "../../../src/linux/netlink/interface_table.ts";
import { VIPD_ADDRESS_PROTOCOL } from "../../../src/linux/netlink/lease_renewals.ts";
import {
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "../../../src/wire/netlink/netlink.ts";
import { encodeAddress } from "../../../src/wire/netlink/rtnetlink.ts";

const ADDRESS = { index: 2, address: "192.168.31.5", prefixLength: 24 };

/** As a kernel before Linux 5.18 reports it, which keeps no mark. */
function notification(type: number): NetlinkMessage {
  return [...decodeMessages(encodeMessage(type, 0, 0, encodeAddress(ADDRESS)))][0]!;
}

/** What vipd has of an interface to which it has added the address. */
function withAddress(): InterfaceTable {
  const table = new InterfaceTable(VIPD_ADDRESS_PROTOCOL);
  table.replace([{ index: 2, name: "eth1", flags: 0, mac: new Uint8Array(6) }], [], false);
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
