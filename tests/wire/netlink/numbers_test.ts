/** Numbers that the kernel's headers give, and that no packet of a test shows: linux/netlink.h, linux/rtnetlink.h. */

import { deepStrictEqual } from "node:assert/strict";
import * as netlink from "../../../src/wire/netlink/netlink.ts";
import { ROUTE_OPTIONS, ROUTE_TYPES } from "../../../src/wire/netlink/route_attributes.ts";
import * as rtnetlink from "../../../src/wire/netlink/rtnetlink.ts";

Deno.test("the metrics and types of routes have the kernel's numbers", () => {
  deepStrictEqual(ROUTE_OPTIONS, {
    mtu: 2,
    window: 3,
    ssthresh: 6,
    cwnd: 7,
    advmss: 8,
    reordering: 9,
    hoplimit: 10,
    initcwnd: 11,
    initrwnd: 14,
    quickack: 15,
  });
  deepStrictEqual(ROUTE_TYPES, {
    unicast: 1,
    blackhole: 6,
    unreachable: 7,
    prohibit: 8,
    throw: 9,
  });
});

const NUMBERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "linux/netlink.h": {
    NLM_F_REQUEST: 1,
    NLM_F_ACK: 4,
    NLM_F_DUMP_INTR: 16,
    NLM_F_REPLACE: 256,
    NLM_F_EXCL: 512,
    NLM_F_DUMP: 768,
    NLM_F_CREATE: 1024,
    NLM_F_CAPPED: 256,
    NLM_F_ACK_TLVS: 512,
    NLMSG_NOOP: 1,
    NLMSG_ERROR: 2,
    NLMSG_DONE: 3,
  },
  "linux/rtnetlink.h, messages": {
    RTM_NEWLINK: 16,
    RTM_DELLINK: 17,
    RTM_GETLINK: 18,
    RTM_SETLINK: 19,
    RTM_NEWADDR: 20,
    RTM_DELADDR: 21,
    RTM_GETADDR: 22,
    RTM_NEWROUTE: 24,
    RTM_DELROUTE: 25,
    RTM_GETROUTE: 26,
    RTM_NEWRULE: 32,
    RTM_DELRULE: 33,
    RTM_GETRULE: 34,
  },
  "linux/rtnetlink.h, groups": {
    RTMGRP_LINK: 1,
    RTMGRP_IPV4_IFADDR: 16,
    RTMGRP_IPV4_ROUTE: 64,
    RTMGRP_IPV4_RULE: 128,
    RTMGRP_IPV6_IFADDR: 256,
    RTMGRP_IPV6_ROUTE: 1024,
    RTMGRP_IPV6_RULE: 262144,
  },
  "linux/if.h and linux/if_addr.h": {
    IFF_UP: 1,
    IFF_RUNNING: 64,
    IFA_F_SECONDARY: 1,
    IFA_F_NODAD: 2,
    IFA_F_OPTIMISTIC: 4,
    IFA_F_DADFAILED: 8,
    IFA_F_HOMEADDRESS: 16,
    IFA_F_DEPRECATED: 32,
    IFA_F_TENTATIVE: 64,
    IFA_F_PERMANENT: 128,
    IFA_F_MANAGETEMPADDR: 256,
    IFA_F_NOPREFIXROUTE: 512,
  },
};

for (const [header, numbers] of Object.entries(NUMBERS)) {
  Deno.test(`the numbers are those of ${header}`, () => {
    const own: Readonly<Record<string, unknown>> = { ...netlink, ...rtnetlink };
    const found = Object.keys(numbers).map((name) => [name, own[name]]);
    deepStrictEqual(Object.fromEntries(found), numbers);
  });
}
