/**
 * Two load balancers that are whole machines, and a host of the lab in the same network: the client, which is their
 * switch as well.
 *
 * @module
 */

import type { BalancerName } from "../cluster.ts";
import { LabHost } from "../host.ts";
import { Guest, type GuestPlan } from "./guest.ts";
import { machineImage } from "./image.ts";

const PLANS: Readonly<Record<BalancerName, GuestPlan>> = {
  lb01: { name: "lb01", address: "192.168.31.11", mac: "52:54:00:00:00:11", tap: "tap1" },
  lb02: { name: "lb02", address: "192.168.31.12", mac: "52:54:00:00:00:12", tap: "tap2" },
};

const SWITCH = [
  // No snooping, because it would hold back the first adverts to 224.0.0.18.
  "link add front type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
  "address add 192.168.31.100/24 dev front",
  "link set front up",
  ...Object.values(PLANS).flatMap(({ tap }) => [
    `tuntap add ${tap} mode tap`,
    `link set ${tap} master front`,
    `link set ${tap} up`,
  ]),
];

/** Two running machines; disposing of them ends everything. */
export class Machines implements AsyncDisposable {
  readonly client: LabHost;
  readonly guests: Readonly<Record<BalancerName, Guest>>;
  readonly #folder: string;

  private constructor(client: LabHost, guests: Record<BalancerName, Guest>, folder: string) {
    this.client = client;
    this.guests = guests;
    this.#folder = folder;
  }

  /**
   * Makes two new machines and boots them.
   *
   * @param lab Marks every process of the lab in its environment.
   * @param say gets a line before each long step
   * @throws {LabError} If this machine does not allow it.
   */
  static async open(lab: string, say: (line: string) => void): Promise<Machines> {
    const image = await machineImage(say);
    await using made = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "vipd-machines-" });
    made.defer(() => Deno.remove(folder, { recursive: true }));
    const host = made.use(await LabHost.open({ name: "client", lab, within: null }));
    await host.run(["ip", "-batch", "-"], { stdin: SWITCH.join("\n") });
    const options = { host, image, folder };
    const guests = {
      lb01: await Guest.make(PLANS.lb01, options),
      lb02: await Guest.make(PLANS.lb02, options),
    };
    await Promise.all(Object.values(guests).map((guest) => guest.boot()));
    made.move();
    return new Machines(host, guests, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
