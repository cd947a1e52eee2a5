/**
 * The configuration as the program uses it: all defaults filled in, durations in the unit of their name. `build/` makes
 * it of the file.
 *
 * A key that is optional here has no default: if it is absent, there is no such thing, such as no `unicast`.
 *
 * @module
 */

import type { CheckConfig } from "../health/check_config.ts";
import type { VirtualAddress } from "../vip/addresses.ts";
import type { AnnounceTimings } from "../vip/announcements.ts";
import type { RoutingEntry } from "../vip/routing.ts";
import type { HmacPolicy } from "../vrrp/hmac.ts";
import type { Family, IpAddress } from "../wire/address.ts";
import type { ChecksumForm, VrrpVersion } from "../wire/vrrp.ts";
import type { NotifyConfig } from "./notify_model.ts";

/** The daemon's run directory if no configuration names one. */
export const DEFAULT_RUN_DIR = "/run/vipd";

/** The daemon's folder for what outlives a boot, if no configuration names one. */
export const DEFAULT_STATE_DIR = "/var/lib/vipd";

export interface Config {
  /** Name of this load balancer. */
  readonly node: string;
  readonly api: ApiConfig;
  /** Folder for what lives as long as the daemon. */
  readonly runDir: string;
  /** Folder for what outlives the daemon. */
  readonly stateDir: string;
  /** How long after its start the daemon takes no part in elections, in milliseconds. */
  readonly startDelayMs: number;
  readonly process: ProcessConfig;
  /** The interfaces that the file names, in its order. */
  readonly interfaces: readonly LinkDelays[];
  readonly checks: readonly CheckConfig[];
  readonly instances: readonly InstanceConfig[];
  readonly syncGroups: readonly SyncGroupConfig[];
  /** How the daemon reports events to people. */
  readonly notify: readonly NotifyConfig[];
  readonly rehearse: RehearseConfig;
  /** The other load balancers whose API this one polls. */
  readonly peers: readonly PeerConfig[];
}

/** The questions of a rehearsal to this node's nginx, and their times. */
export interface RehearseConfig {
  /** In addition to those in nginx's files: a name, or name and port. */
  readonly names: readonly string[];
  /** Names of this node alone, or such a name and port. */
  readonly except: readonly string[];
  /** At least one. */
  readonly paths: readonly string[];
  readonly warnBeforeMs: number;
  /** 0 for never by itself. */
  readonly everyMs: number;
}

/** Of a node without nginx, such as a simulated one. */
export const NO_REHEARSAL: RehearseConfig = {
  ...{ names: [], except: [], paths: ["/"], warnBeforeMs: 0, everyMs: 0 },
};

/** How the kernel schedules the daemon in relation to other programs. */
export interface ProcessConfig {
  /** 1 to 99, sched(7); without it its threads are ordinary ones. */
  readonly realtimePriority?: number;
  /** -20 to 19, setpriority(2); without it as it was started. */
  readonly nice?: number;
}

/** How long a change of an interface's link must last until it counts, in milliseconds; 0 for not at all. */
export interface LinkDelays {
  /** Of the interface. */
  readonly name: string;
  readonly upDelayMs: number;
  readonly downDelayMs: number;
}

/** Another load balancer's API. */
export interface PeerConfig {
  readonly name: string;
  /** `http://192.168.31.12:9112`, `https://lb02:9112` or `unix:/run/lb02/api.sock`. */
  readonly url: string;
  /** File with the token that it wants to see for reading; read whenever it is asked. */
  readonly tokenFile?: string;
  /** Certificates in PEM that are trusted in addition to those of the system. */
  readonly ca?: string;
}

/** Instances that are master on the same node or not at all. */
export interface SyncGroupConfig {
  readonly name: string;
  /** Names of two or more instances, none of them in another group. */
  readonly instances: readonly string[];
}

export interface ApiConfig {
  readonly listen: readonly ListenAddress[];
  /** The files with the certificate and key of TLS. */
  readonly tls?: TlsFilePaths;
  /** Names under which a reverse proxy offers the API, in small letters; with a port if it is not 443. */
  readonly hosts: readonly string[];
  /** File with the bearer token; made with a random token at first start where it is missing. */
  readonly tokenFile: string;
  /** File with the token that may read only. */
  readonly readTokenFile?: string;
  /** Whether reading needs a token on this machine; from other machines it always does. */
  readonly localReading: "open" | "token";
}

export interface TlsFilePaths {
  readonly cert: string;
  readonly key: string;
}

/** Certificate and key in PEM; or why there are none that serve, with the remedy: then nothing listens. */
export type ListenTls =
  | { readonly cert: string; readonly key: string }
  | { readonly problem: string };

export type ListenAddress =
  | {
    readonly kind: "tcp";
    readonly host: IpAddress;
    readonly port: number;
    /** Without it HTTP is spoken in clear text. */
    readonly tls?: ListenTls;
  }
  | {
    readonly kind: "unix";
    readonly path: string;
    /** Permission bits of the socket; by default owner and group may talk to it. */
    readonly mode?: number;
    /** vipd's own commands use it: it has places of its own, which nobody at another listener can take. */
    readonly forCommands?: true;
  };

/** The part of a listen address that says where it listens. */
export type ListenPlace =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls?: unknown }
  | { readonly kind: "unix"; readonly path: string };

/** `pass` for version 2 only; `hmac` for both. */
export type AuthenticationConfig =
  | { readonly type: "none" }
  | { readonly type: "pass"; readonly password: string }
  | ({ readonly type: "hmac" } & HmacPolicy);

/**
 * A thing that an instance watches. Without a weight a failure means fault, or that it serves only if nobody else does; with
 * one it moves the priority.
 */
export type TrackConfig = TrackTarget & {
  readonly weight?: number;
  /** The meaning of a failure without a weight; with one it says nothing. */
  readonly whenDown: "fault" | "last_resort";
  /** Turns the meaning: without a weight success is the failure; with one the change has the other sign. */
  readonly reverse: boolean;
};

export type TrackTarget =
  | { readonly kind: "check"; readonly check: string }
  | { readonly kind: "interface"; readonly interface: string };

/** Adverts go to each peer instead of to the multicast group, and come from peers only. */
export interface UnicastConfig {
  /** At least one, of the instance's family. */
  readonly peers: readonly IpAddress[];
  /** TTL or hop limit of sent adverts. */
  readonly ttl: number;
  /** Least TTL or hop limit of received adverts. */
  readonly minTtl: number;
}

/** The question of a client: whether a port accepts connections, or whether a path is answered, whatever the status. */
export interface ClientQuestion {
  readonly type: "tcp" | "http" | "https";
  readonly port: number;
  /** Path and query; `/` for tcp, which has none. */
  readonly path: string;
  /** Sent as Host header, and as the server's name in TLS, instead of the address. */
  readonly host?: string;
}

/** When a node is held back because the addresses come and go too often. */
export interface DampingConfig {
  /** Number of moves within the window that is too many; 0 for never. */
  readonly moves: number;
  readonly withinMs: number;
  /** How long it is held back, from the last move on. */
  readonly holdAfterMs: number;
}

export interface InstanceConfig {
  readonly name: string;
  readonly interface: string;
  /** False if a lost link of `interface` does not take the instance out of the election. */
  readonly trackInterface: boolean;
  /** Source of the adverts, an address of the interface; without it the interface's own first one. */
  readonly sourceAddress?: IpAddress;
  /** Without it adverts are multicast. */
  readonly unicast?: UnicastConfig;
  /** The multicast group of the adverts, without `unicast`. */
  readonly multicastGroup: IpAddress;
  readonly vrid: number;
  readonly family: Family;
  readonly version: VrrpVersion;
  /** 1 to 254, or 255 for the owner of the addresses. */
  readonly priority: number;
  /** Centiseconds; version 2 in whole seconds. */
  readonly advertIntervalCs: number;
  /** How many adverts must be missing until the master counts as gone. */
  readonly downTimerAdverts: number;
  readonly preempt: boolean;
  /** How long this node leaves a weaker master alone after that master's first advert, in milliseconds. */
  readonly preemptDelayMs: number;
  /** When moves are too many. */
  readonly damping: DampingConfig;
  /** Whether it takes over at once, as backup, when its master says goodbye; `auto`: if it knows one other node. */
  readonly soleBackup: "auto" | boolean;
  readonly authentication: AuthenticationConfig;
  /** The octets that the checksum of a sent advert of version 3 over IPv4 covers. */
  readonly checksumForm: ChecksumForm;
  readonly addresses: readonly VirtualAddress[];
  /** False if packets to the addresses are refused (Accept_Mode, RFC 9568 section 6.1). */
  readonly accept: boolean;
  /** Name of the interface with the virtual router's MAC address; without it the addresses have the interface's own. */
  readonly virtualInterface?: string;
  /** Routes and policy rules of the master, in the order in which they are added. */
  readonly routing: readonly RoutingEntry[];
  readonly track: readonly TrackConfig[];
  /** How the weaker of two masters that do not hear each other reacts, in addition to the alarm. */
  readonly splitBrain: "alarm" | "yield";
  readonly announce: AnnounceTimings;
  /** How long the addresses outlast the last advert of a dead daemon; `null`: for ever. */
  readonly leaseSeconds: number | null;
  /** How long TCP connections outlive a hand-over, in milliseconds; 0 for not at all. */
  readonly drainMs: number;
  /** The question of this node, as backup, to the virtual address; `auto`: that of its checks to this node's own server. */
  readonly clientCheck: "auto" | "off" | ClientQuestion;
}
