/**
 * What is known of a machine when it is examined. `null` stands for what could not be found out.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import type { InterfaceState } from "../host/interfaces.ts";
import type { MonitoredRouter, Rejected } from "../monitor/findings.ts";
import type { IpAddress } from "../wire/address.ts";

export interface Facts {
  /** Bits of capabilities(7) that this process has. */
  readonly capabilities: bigint | null;
  readonly instances: readonly InstanceFacts[];
  readonly interfaces: readonly InterfaceState[];
  readonly filters: readonly FilterFacts[];
  /** Settings below /proc/sys/net by path: `ipv4/ip_nonlocal_bind`. */
  readonly settings: ReadonlyMap<string, string>;
  readonly keepalived: { readonly running: boolean; readonly enabled: boolean };
  /** `null` where no nginx is installed. */
  readonly nginx: NginxFacts | null;
  /** The local addresses and ports on which TCP listens. */
  readonly listeners: readonly Listener[] | null;
  readonly clockSynchronised: boolean | null;
  /** `null` where systemd is not what runs this machine. */
  readonly unit: { readonly installed: boolean; readonly enabled: boolean } | null;
  /** Folders that the daemon writes, each with what is wrong with it. */
  readonly folders: readonly { readonly path: string; readonly problem: string | null }[];
  /** The files with the API's tokens that exist, with the command after which only those read them who may. */
  readonly tokens: readonly {
    readonly path: string;
    /** Permission bits. */
    readonly mode: number;
    /** `null` where it is so. */
    readonly remedy: string | null;
  }[];
  /** Why the daemon does not answer; `null` when it does. */
  readonly daemonProblem: string | null;
  /** It does not, and its engine runs all the same. */
  readonly apiDown: boolean;
}

/** What was found where one instance is to run. */
export interface InstanceFacts {
  readonly config: InstanceConfig;
  readonly state: InterfaceState | null;
  /** IFF_MULTICAST, netdevice(7). */
  readonly multicast: boolean | null;
  /** Why VRRP cannot be opened there. */
  readonly openProblem: string | null;
  /** Who else answers for the virtual addresses. */
  readonly claims: readonly { readonly address: IpAddress; readonly mac: string }[];
  /** Who speaks there with the same VRID and family. */
  readonly heard: MonitoredRouter | null;
  readonly rejected: readonly Rejected[];
}

/** The rules of one packet filter; without text it is there and could not be read. */
export interface FilterFacts {
  readonly tool: "nft" | "iptables" | "ip6tables";
  readonly text: string | null;
}

export interface NginxFacts {
  readonly running: boolean;
  /** What `nginx -T` says; `null` when it could not be run. */
  readonly test: { readonly ok: boolean; readonly said: string } | null;
  /** The addresses and ports of its `listen` directives. */
  readonly listens: readonly Listener[];
}

export interface Listener {
  /** `*` for all of them. */
  readonly address: IpAddress | "*";
  readonly port: number;
}
