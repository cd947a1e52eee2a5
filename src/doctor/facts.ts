/**
 * The facts about a machine that an examination judges. `null` means that vipd could not find out.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import type { InterfaceState } from "../host/interfaces.ts";
import type { MonitoredRouter, Rejected } from "../monitor/findings.ts";
import type { IpAddress } from "../wire/address.ts";
import type { SysctlFile } from "./sysctl_files.ts";

export interface Facts {
  /** Bits of capabilities(7) that this process has. */
  readonly capabilities: bigint | null;
  readonly instances: readonly InstanceFacts[];
  readonly interfaces: readonly InterfaceState[];
  readonly filters: readonly FilterFacts[];
  /** Settings below /proc/sys/net by path: `ipv4/ip_nonlocal_bind`. */
  readonly settings: ReadonlyMap<string, string>;
  /** The files that set the kernel at boot, in the order in which they are read. */
  readonly sysctlFiles: readonly SysctlFile[];
  readonly keepalived: { readonly running: boolean; readonly enabled: boolean };
  /** `null` if no nginx is installed. */
  readonly nginx: NginxFacts | null;
  /** The local addresses and ports on which a TCP socket listens. */
  readonly listeners: readonly Listener[] | null;
  readonly clockSynchronised: boolean | null;
  /** `null` if systemd does not run this machine. */
  readonly unit: UnitFacts | null;
  /**
   * The unit's user, and the problems that only this user has with the configuration; `null` if that was not tried.
   */
  readonly service: { readonly user: string; readonly problems: readonly ServiceProblem[] } | null;
  /** Folders that the daemon writes and this user can look into, each with its problem if it has one. */
  readonly folders: readonly { readonly path: string; readonly problem: string | null }[];
  /** The existing files with the API's tokens, each with the command that restricts reading to the permitted users. */
  readonly tokens: readonly {
    readonly path: string;
    /** Permission bits. */
    readonly mode: number;
    /** `null` if the file's permissions are correct. */
    readonly remedy: string | null;
  }[];
  /** Why the daemon does not answer; `null` if it does. */
  readonly daemonProblem: string | null;
  /** The API does not answer, but its engine runs. */
  readonly apiDown: boolean;
}

export interface UnitFacts {
  readonly installed: boolean;
  readonly enabled: boolean;
  /** The path of the front's unit, which is missing although that of the engine leaves the front to it; else `null`. */
  readonly missingFront: string | null;
}

export interface ServiceProblem {
  readonly message: string;
  /** The command that lets this user read a file; absent if something else is wrong. */
  readonly command?: string;
  /** It is the configuration itself, so that `--fix` may run the command. */
  readonly fixable?: boolean;
}

/** The facts about the interface of one instance. */
export interface InstanceFacts {
  readonly config: InstanceConfig;
  readonly state: InterfaceState | null;
  /** IFF_MULTICAST, netdevice(7). */
  readonly multicast: boolean | null;
  /** Why vipd cannot open VRRP there. */
  readonly openProblem: string | null;
  /** Other hosts that answer for the virtual addresses. */
  readonly claims: readonly { readonly address: IpAddress; readonly mac: string }[];
  /** The routers that send there with the same VRID and family. */
  readonly heard: MonitoredRouter | null;
  /** The routers that send there with another VRID. */
  readonly others: readonly MonitoredRouter[];
  readonly rejected: readonly Rejected[];
}

/** The rules of one packet filter; without text the filter exists and could not be read. */
export interface FilterFacts {
  readonly tool: "nft" | "iptables" | "ip6tables";
  /** The program that changes these rules: `nft`, `iptables`, or `iptables-legacy` if `iptables` is another one. */
  readonly program: string;
  readonly text: string | null;
}

export interface NginxFacts {
  readonly running: boolean;
  /** The output of `nginx -T`; `null` if it could not be run. */
  readonly test: { readonly ok: boolean; readonly said: string } | null;
  /** The addresses and ports of its `listen` directives. */
  readonly listens: readonly Listener[];
}

export interface Listener {
  /** `0.0.0.0` and `::` for all of their family. */
  readonly address: IpAddress;
  readonly port: number;
}
