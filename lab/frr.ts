/**
 * FRR's vrrpd in the lab: a third implementation of the protocol.
 *
 * It adds no address. Each virtual router has a macvlan interface that carries the addresses all the time. A backup
 * keeps that interface's carrier down (`protodown`), so only the master answers for the addresses.
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

/** Debian keeps the daemons off the usual search path. */
const PROGRAMS = "/usr/lib/frr";
const FOLDER = "/run/frr";

/** The settings of a virtual router of FRR. */
export interface FrrRouter {
  /** Interface of the adverts. */
  readonly device: string;
  readonly vrid: number;
  readonly version: 2 | 3;
  readonly intervalMs: number;
  /** With prefix lengths, all of one family. */
  readonly addresses: readonly string[];
}

/** zebra and vrrpd on one host; vrrpd can be stopped, killed and started again. */
export class Frr {
  readonly host: LabHost;
  readonly #router: FrrRouter;
  readonly #zebra: LabProcess;
  #vrrpd: LabProcess | null = null;

  private constructor(host: LabHost, router: FrrRouter, zebra: LabProcess) {
    this.host = host;
    this.#router = router;
    this.#zebra = zebra;
  }

  /** Makes the virtual router's interface, its carrier down, and starts zebra. */
  static async prepare(host: LabHost, router: FrrRouter): Promise<Frr> {
    await host.write(`${FOLDER}/zebra.conf`, "");
    await host.run(["sh", "-c", PREPARE, ...macvlan(router), router.device, ...router.addresses]);
    const zebra = host.start("zebra", command("zebra"));
    const frr = new Frr(host, router, zebra);
    await frr.#exists("zserv.api", zebra);
    return frr;
  }

  /** The interface whose carrier shows whether this host has the addresses. */
  static carrier(router: FrrRouter): string {
    return macvlan(router)[0];
  }

  /** Starts vrrpd; resolves when it accepts commands. */
  async start(priority: number): Promise<void> {
    const { device, vrid, version, intervalMs, addresses } = this.#router;
    const config = [
      `interface ${device}`,
      ` vrrp ${vrid} version ${version}`,
      ` vrrp ${vrid} priority ${priority}`,
      ` vrrp ${vrid} advertisement-interval ${intervalMs}`,
      ...addresses.map((it) => {
        const address = it.split("/")[0]!;
        return ` vrrp ${vrid} ${isIpv6(address) ? "ipv6" : "ip"} ${address}`;
      }),
      "",
    ];
    await this.host.write(`${FOLDER}/vrrpd.conf`, config.join("\n"));
    await this.host.run(["rm", "-f", `${FOLDER}/vrrpd.vty`, `${FOLDER}/vrrpd.pid`]);
    this.#vrrpd = this.host.start("vrrpd", command("vrrpd"));
    await this.#exists("vrrpd.vty", this.#vrrpd);
  }

  get lastLines(): readonly string[] {
    return [...this.#zebra.lastLines, ...this.#vrrpd?.lastLines ?? []]
      // vrrpd logs this ten times a second if a virtual router has only one family.
      .filter((line) => !line.includes("Refusing to start Virtual Router"))
      .sort();
  }

  /** Changes the priority as a person does in vtysh(1). */
  async setPriority(priority: number): Promise<void> {
    const { device, vrid } = this.#router;
    await this.host.run([
      ...["vtysh", "--vty_socket", FOLDER, "-d", "vrrpd"],
      ...["configure terminal", `interface ${device}`, `vrrp ${vrid} priority ${priority}`]
        .flatMap((line) => ["-c", line]),
    ]);
  }

  /** A clean stop of vrrpd: it sends priority 0 and takes the carrier down. */
  async stop(): Promise<void> {
    await this.#vrrpd?.stop();
  }

  /** kill -9 of vrrpd: the interface keeps its carrier. */
  async crash(): Promise<void> {
    await this.#vrrpd?.signal("SIGKILL");
    await this.#vrrpd?.ended;
  }

  async #exists(socket: string, process: LabProcess): Promise<void> {
    await waitFor(process.name, async () => {
      const { code } = await this.host.run(["test", "-S", `${FOLDER}/${socket}`], { check: false });
      return code === 0;
    }, { timeoutMs: 10_000, explain: () => process.lastLines.join("\n") });
  }
}

/**
 * - /sys as this host's network sees it, for the carrier; crash logs stay in the lab.
 * - Root as a member of the group that FRR requires, and that only exists if the package is installed.
 * - The interface with the MAC address by which vrrpd finds it (RFC 9568 section 7.3), without a link-local address
 * made of it, because both hosts would have the same.
 */
const PREPARE = `
set -e
name=$0 mac=$1 device=$2
shift 2
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /var/tmp
sed 's/^frrvty:.*:$/&root/; s/^frrvty:.*[^:]$/&,root/' /etc/group >/run/group
mount --bind /run/group /etc/group
ip link add "$name" link "$device" type macvlan mode bridge
ip link set "$name" address "$mac" addrgenmode none protodown on
for address; do ip address add "$address" dev "$name"; done
ip link set "$name" up
`;

function command(program: "zebra" | "vrrpd"): string[] {
  return [
    `${PROGRAMS}/${program}`,
    ...["-u", "root", "-g", "root", "-A", "127.0.0.1", "--log", "stdout"],
    ...["-f", `${FOLDER}/${program}.conf`, "-i", `${FOLDER}/${program}.pid`],
    ...["-z", `${FOLDER}/zserv.api`, "--vty_socket", FOLDER],
  ];
}

/** Name and MAC address of the virtual router's interface. */
function macvlan({ vrid, addresses }: FrrRouter): [name: string, mac: string] {
  const octet = vrid.toString(16).padStart(2, "0");
  return addresses.some(isIpv6)
    ? [`vrrp6-${vrid}`, `00:00:5e:00:02:${octet}`]
    : [`vrrp4-${vrid}`, `00:00:5e:00:01:${octet}`];
}

function isIpv6(address: string): boolean {
  return address.includes(":");
}
