/** Which own address adverts come from, over time. */

import assert from "node:assert/strict";
import { ADDRESS_GRACE_MS } from "../../../../src/node/resources/lost_addresses.ts";
import type { Sender } from "../../../../src/config/values/source_address.ts";
import type { InterfaceAddress, InterfaceState } from "../../../../src/host/interfaces.ts";
import { AdvertSource } from "../../../../src/node/instance/adverts/advert_source.ts";
import { VirtualTime } from "../../../../src/sim/time.ts";

const VIP = "192.168.31.5";
const IPV4: Sender = { interface: "eth1", family: "ipv4" };
const IPV6: Sender = { interface: "eth1", family: "ipv6" };

type Shown = string | InterfaceAddress;

/** A source with an interface whose addresses a test sets; `fe80::1 tentative` is one that is. */
class Bench {
  readonly time = new VirtualTime();
  addresses: readonly Shown[] = [];
  up = true;
  readBefore: readonly Shown[] | null = null;
  looks = 0;
  readonly #source: AdvertSource;

  constructor(public sender: Sender = IPV4) {
    this.#source = new AdvertSource({
      nowMs: () => this.time.nowMs,
      setTimer: (atMs, fire) => this.time.schedule(atMs, fire),
      readInterfaces: () => {
        this.addresses = this.readBefore ?? this.addresses;
      },
    }, () => this.looks++);
  }

  /** What it says with these addresses on the interface: the source, and behind it what is wrong. */
  look(...addresses: readonly Shown[]): string {
    this.addresses = addresses;
    return this.again();
  }

  again(): string {
    const shown = this.addresses.map((it): InterfaceAddress => {
      if (typeof it !== "string") return it;
      const [address, why] = it.split(" ") as [string, "tentative" | "dadfailed" | undefined];
      return { address, prefixLength: 24, ...(why && { unusable: why }) };
    });
    const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
    const state: InterfaceState = {
      name: "eth1",
      index: 2,
      enabled: true,
      up: this.up,
      mac,
      addresses: shown,
    };
    const isVirtual = (address: string) => address === VIP || address === "fe80::5";
    const own = shown.filter((it) => !isVirtual(it.address));
    const { address, problem } = this.#source.look(state, this.sender, isVirtual, own);
    return [address, problem].filter((it) => it !== null).join(": ");
  }

  wait(ms: number): void {
    this.time.runUntil(this.time.nowMs + ms);
  }
}

const A = "192.168.31.11";
const B = "192.168.31.21";
const NONE = "interface eth1 has no IPv4 address of its own (virtual ones do not count)";

Deno.test("the source stays while the interface has it, whatever the list's order", () => {
  const bench = new Bench();
  assert.equal(bench.look(VIP, A, B), A);
  assert.equal(bench.look(B, VIP, A), A);
  const six = new Bench(IPV6);
  assert.equal(six.look("2001:db8::1", "fe80::1", "fe80::2"), "fe80::1");
  assert.equal(six.look("fe80::5", "fe80::2", "fe80::1"), "fe80::1");
});

Deno.test("a moment without the source changes nothing, and is looked at when it is over", () => {
  const bench = new Bench();
  bench.look(A);
  assert.equal(bench.look(), A);
  bench.wait(ADDRESS_GRACE_MS - 1);
  assert.equal(bench.again(), A);
  assert.equal(bench.look(A), A);
  bench.wait(ADDRESS_GRACE_MS);
  assert.equal(bench.looks, 0, "it was back");
  bench.look();
  bench.wait(ADDRESS_GRACE_MS);
  assert.equal(bench.looks, 1);
  assert.equal(bench.again(), `${A}: ${NONE}`, "the last source remains, to say goodbye from");
});

Deno.test("without any address from the start nothing is waited for", () => {
  const bench = new Bench();
  assert.equal(bench.look(VIP), NONE);
  assert.equal(bench.look(VIP, A), A);
});

Deno.test("another own address takes the source's place after a moment, and gives it back", () => {
  const bench = new Bench();
  bench.look(A, B);
  assert.equal(bench.look(B), A);
  bench.wait(ADDRESS_GRACE_MS);
  assert.equal(bench.again(), B);
  bench.wait(60_000);
  assert.equal(bench.look(B, A), A);
  assert.equal(bench.look(B, A), A, "and stays again");
});

Deno.test("the configured source is not replaced by another own address", () => {
  const bench = new Bench({ ...IPV4, sourceAddress: A });
  assert.equal(bench.look(B, A), A);
  assert.equal(bench.look(B), A);
  bench.wait(ADDRESS_GRACE_MS);
  const missing = `interface eth1 does not have ${A}, the configured source_address`;
  assert.equal(bench.again(), `${A}: ${missing}`);
  assert.equal(bench.look(B, A), A);
});

Deno.test("the configured source may be an address that another instance adds", () => {
  const bench = new Bench({ ...IPV4, sourceAddress: VIP });
  assert.equal(bench.look(A, VIP), VIP);
});

Deno.test("a reload that names another source takes it at once, or is a fault at once", () => {
  const bench = new Bench();
  bench.look(A, B);
  bench.sender = { ...IPV4, sourceAddress: B };
  assert.equal(bench.again(), B);
  bench.sender = { ...IPV4, sourceAddress: "192.168.31.31" };
  assert.match(bench.again(), /^192\.168\.31\.21: .* does not have 192\.168\.31\.31/);
});

Deno.test("a link that comes up without the source has no moment to spare", () => {
  const bench = new Bench();
  bench.look(A);
  bench.up = false;
  assert.equal(bench.look(), A, "what is wrong is the link");
  bench.up = true;
  assert.equal(bench.look(), `${A}: ${NONE}`);
  bench.up = false;
  bench.look(A);
  bench.up = true;
  assert.equal(bench.look(B), B, "and what there is, is taken");
});

Deno.test("an address that is tentative or failed its check is no source, and is named", () => {
  const bench = new Bench(IPV6);
  assert.equal(bench.look("fe80::1 dadfailed", "fe80::2"), "fe80::2");
  const failed = new Bench(IPV6);
  assert.equal(
    failed.look("fe80::1 dadfailed"),
    "fe80::1 on eth1 is in use by another machine (dadfailed), so adverts have no source",
  );
  const tentative = new Bench(IPV6);
  assert.equal(
    tentative.look("fe80::1 tentative"),
    "fe80::1 on eth1 is not usable yet (tentative), so adverts have no source",
  );
  assert.equal(tentative.look("fe80::1"), "fe80::1");
  const configured = new Bench({ ...IPV6, sourceAddress: "fe80::1" });
  assert.match(configured.look("fe80::1 dadfailed", "fe80::2"), /^fe80::1 .*\(dadfailed\)/);
});

Deno.test("a source that is back and tentative stays it until its check fails", () => {
  const bench = new Bench(IPV6);
  bench.look("fe80::1", "fe80::2");
  bench.look("fe80::2");
  // Of a tentative address the kernel notifies nobody.
  bench.readBefore = ["fe80::2", "fe80::1 tentative"];
  bench.wait(ADDRESS_GRACE_MS);
  assert.equal(bench.again(), "fe80::1");
  bench.wait(2000);
  assert.equal(bench.look("fe80::2", "fe80::1 dadfailed"), "fe80::1", "for a moment more");
  bench.readBefore = null;
  bench.wait(ADDRESS_GRACE_MS);
  assert.equal(bench.again(), "fe80::2");
});

Deno.test("unicast peers that are global need a global source", () => {
  const bench = new Bench({
    ...IPV6,
    unicast: { peers: ["2001:db8::12"], ttl: 255, minTtl: 255 },
  });
  assert.equal(bench.look("fe80::1", "2001:db8::11"), "2001:db8::11");
});
