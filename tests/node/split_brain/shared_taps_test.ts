/** One tap for all who listen on an interface. */

import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import type { VrrpDatagram, VrrpTap } from "../../../src/host/vrrp.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { SharedTaps } from "../../../src/node/split_brain/shared_taps.ts";
import type { MacAddress } from "../../../src/wire/address.ts";

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 0x0b);
const DATAGRAM: VrrpDatagram = {
  interface: "eth1",
  source: "192.168.31.11",
  destination: "224.0.0.18",
  ttl: 255,
  payload: new Uint8Array(8),
};

/** What a shared tap needs of an instance. */
const instanceOn = (name: string) =>
  ({ config: { interface: name, family: "ipv4" } }) as unknown as Instance;

class FakeHost implements Pick<Host, "interfaceState" | "openVrrpTap"> {
  readonly steps: string[] = [];
  index = 7;
  refuses = false;
  heard: (datagram: VrrpDatagram, from: MacAddress) => void = () => {};

  interfaceState(name: string) {
    return { name, index: this.index, enabled: true, up: true, mac: MAC, addresses: [] };
  }

  openVrrpTap(
    name: string,
    _family: "ipv4" | "ipv6",
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap | HostError {
    const tap = `${name}/${this.index}`;
    if (this.refuses) {
      this.steps.push(`refuse ${tap}`);
      return { code: "EMFILE", message: "too many open files" };
    }
    this.steps.push(`open ${tap}`);
    this.heard = heard;
    return {
      listen: (listening) => {
        this.steps.push(`${listening ? "listen" : "rest"} ${tap}`);
        return null;
      },
      close: () => void this.steps.push(`close ${tap}`),
    };
  }
}

function setUp() {
  const host = new FakeHost();
  const taps = new SharedTaps(host as unknown as Host);
  const take = () => host.steps.splice(0);
  return { host, taps, take };
}

Deno.test("a tap is opened once, and rests while nobody listens", () => {
  const { host, taps, take } = setUp();
  const [first, second] = [instanceOn("eth1"), instanceOn("eth1")];
  const heard: string[] = [];
  const endFirst = taps.open(first, (_, from) => heard.push(`first ${from}`));
  const endSecond = taps.open(second, (_, from) => heard.push(`second ${from}`));
  host.heard(DATAGRAM, MAC);
  endFirst();
  host.heard(DATAGRAM, MAC);
  endSecond();
  host.heard(DATAGRAM, MAC);
  assert.deepEqual(heard, [
    ...["first 02:00:00:00:00:0b", "second 02:00:00:00:00:0b", "second 02:00:00:00:00:0b"],
  ]);
  taps.open(first, () => {})();
  assert.deepEqual(take(), [
    ...["open eth1/7", "listen eth1/7", "rest eth1/7", "listen eth1/7", "rest eth1/7"],
  ]);
});

Deno.test("an interface that is another one by now gets a tap of its own, for all who listen", () => {
  const { host, taps, take } = setUp();
  const heard: string[] = [];
  taps.open(instanceOn("eth1"), () => heard.push("first"));
  host.index = 8;
  taps.open(instanceOn("eth1"), () => heard.push("second"));
  host.heard(DATAGRAM, MAC);
  assert.deepEqual(heard, ["first", "second"]);
  assert.deepEqual(take(), ["open eth1/7", "listen eth1/7", "close eth1/7", "open eth1/8"]);
});

Deno.test("a tap that the host refuses is asked for again by the next who wants to listen", () => {
  const { host, taps, take } = setUp();
  host.refuses = true;
  taps.open(instanceOn("eth1"), () => {})();
  assert.deepEqual(take(), ["refuse eth1/7"]);
  host.refuses = false;
  taps.open(instanceOn("eth1"), () => {})();
  assert.deepEqual(take(), ["open eth1/7", "listen eth1/7", "rest eth1/7"]);
});

Deno.test("taps of interfaces that no instance is on are closed", () => {
  const { taps, take } = setUp();
  const [one, other] = [instanceOn("eth1"), instanceOn("eth2")];
  for (const instance of [one, other]) taps.open(instance, () => {});
  take();
  taps.keepFor([other]);
  assert.deepEqual(take(), ["close eth1/7"]);
  taps.keepFor([]);
  assert.deepEqual(take(), ["close eth2/7"]);
});
