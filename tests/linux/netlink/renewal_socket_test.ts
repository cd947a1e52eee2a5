/** Renewals on a thread of the pool and the real kernel: whatever they wait for, none undoes a later removal. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import { encodePut, LeaseRenewals } from "../../../src/linux/netlink/lease_renewals.ts";
import { NetlinkRequester } from "../../../src/linux/netlink/netlink_socket.ts";
import { RENEWAL_SEQUENCE, RenewalSocket } from "../../../src/linux/netlink/renewal_socket.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import {
  encodeMessage,
  NLM_F_CREATE,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "../../../src/wire/netlink/netlink.ts";
import { encodeAddress } from "../../../src/wire/netlink/rtnetlink.ts";
import { delay, ip, namespaceTest, until } from "../namespace.ts";

const VIP: VirtualAddress = { address: "192.168.31.5", prefixLength: 24, device: "eth0" };
const LEASE_SECONDS = 60;

/** A kernel with eth0, a socket for renewals, and the threads that its calls wait for. */
function open() {
  ip("link add eth0 type veth peer name far0");
  ip("link set eth0 up");
  const [{ ifindex: index }] = JSON.parse(ip("-j link show dev eth0"));
  const libc = Libc.open();
  const requester = new NetlinkRequester(libc);
  /** Calls that no thread has begun. */
  const waiting: (() => void)[] = [];
  const pool = { isFull: false };
  const socket = new RenewalSocket(libc, async (...call) => {
    if (pool.isFull) await new Promise<void>((begin) => waiting.push(begin));
    return await libc.sendManyPooled(...call);
  });
  const renewalOf = (leaseSeconds: number) =>
    encodeMessage(
      RTM_NEWADDR,
      NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE,
      RENEWAL_SEQUENCE,
      encodePut(VIP, index, leaseSeconds),
    );
  const remove = () => requester.request(RTM_DELADDR, 0, encodeAddress({ ...VIP, index }));
  const close = async () => {
    await socket.close();
    requester.close();
    libc.close();
  };
  return { index, socket, pool, waiting, renewalOf, remove, close };
}

/** The lifetimes of the addresses on eth0, in seconds. */
function lifetimes(): number[] {
  const [shown] = JSON.parse(ip("-j -4 address show dev eth0"));
  return (shown?.addr_info ?? []).map((it: { readonly valid_life_time: number }) =>
    it.valid_life_time
  );
}

namespaceTest(
  import.meta.url,
  "a renewal is done once its promise settles; one among several that is rejected is known",
  async () => {
    const { socket, renewalOf, close } = open();
    strictEqual(await socket.post([renewalOf(LEASE_SECONDS)]), true);
    deepStrictEqual(lifetimes(), [LEASE_SECONDS]);
    // The kernel refuses a lifetime of nothing.
    strictEqual(await socket.post([renewalOf(90), renewalOf(0), renewalOf(600)]), false);
    ok(lifetimes()[0]! > 598, "the others are renewed");
    strictEqual(socket.postNow([renewalOf(0)])?.errno, 22);
    strictEqual(socket.postNow([renewalOf(90)]), null);
    strictEqual(await socket.post([renewalOf(90)]), true, "an earlier rejection is forgotten");
    strictEqual(socket.busy, false);
    await close();
  },
);

namespaceTest(
  import.meta.url,
  "a call that no thread has begun when it is recalled changes nothing, however late it begins",
  async () => {
    const { socket, pool, waiting, renewalOf, remove, close } = open();
    socket.postNow([renewalOf(LEASE_SECONDS)]);
    pool.isFull = true;
    // More than one datagram.
    const call = socket.post(new Array(600).fill(renewalOf(LEASE_SECONDS)));
    strictEqual(socket.hasBegun(), false);
    socket.recall();
    strictEqual(remove().errno, 0);
    waiting.forEach((begin) => begin());
    strictEqual(await call, true);
    deepStrictEqual(lifetimes(), []);
    await close();
  },
);

namespaceTest(
  import.meta.url,
  "a call that is recalled at any moment puts back nothing that is removed then",
  async () => {
    const { socket, renewalOf, remove, close } = open();
    const datagrams = new Array(400).fill(renewalOf(LEASE_SECONDS));
    let begun = 0;
    for (let round = 0; round < 400; round++) {
      strictEqual(socket.postNow([renewalOf(LEASE_SECONDS)]), null);
      const call = socket.post(datagrams);
      const endMs = performance.now() + round / 200;
      while (performance.now() < endMs);
      if (socket.hasBegun()) begun++;
      socket.recall();
      strictEqual(remove().errno, 0, `round ${round}`);
      await call;
      strictEqual(remove().errno, 99, `round ${round}: there is nothing to remove`);
    }
    ok(begun > 20 && begun < 400, `begun before the recall in ${begun} rounds of 400`);
    await close();
  },
);

namespaceTest(
  import.meta.url,
  "while all threads are taken, leases are renewed all the same; what is asked meanwhile is not lost",
  async () => {
    const { index, socket, pool, waiting, remove, close } = open();
    const clock = { nowMs: 0 };
    const host = { indexOf: () => index, isForeign: () => false, foreignChanges: () => 0 };
    const renewals = new LeaseRenewals(socket, host, () => clock.nowMs);
    const addresses = [VIP];
    const told: string[] = [];
    const renew = (leaseSeconds: number) => {
      renewals.add({ addresses, leaseSeconds, failed: ({ code }) => told.push(code) });
      renewals.begin();
    };
    renew(60);
    await until("the first", () => !socket.busy);
    ok(lifetimes()[0]! >= 59);
    pool.isFull = true;
    renew(90);
    renew(200);
    deepStrictEqual(lifetimes(), [60], "the caller does not wait");
    clock.nowMs = 300;
    renew(600);
    ok(lifetimes()[0]! >= 599, "no thread has begun for too long");
    pool.isFull = false;
    // A removal in the meantime stands.
    strictEqual(remove().errno, 0);
    waiting.forEach((begin) => begin());
    await delay(50);
    deepStrictEqual(lifetimes(), []);
    renew(90);
    await until("the next is as before", () => lifetimes()[0]! >= 89);
    deepStrictEqual(told, []);
    await renewals.close();
    await close();
  },
);
