/**
 * The machine's part of a support bundle: kernel, interfaces, addresses, neighbours, routes, settings, and the daemon's
 * share of the machine. It contains no environments and command lines of processes, because they may contain secrets.
 *
 * @module
 */

import { join } from "node:path";
import type { KernelFiles } from "../../../linux/kernel_reader.ts";
import { kernelSettings } from "../../../linux/kernel_settings.ts";
import type { InterfaceState } from "../../../host/interfaces.ts";
import { readRegular } from "../../../runtime/regular_file.ts";
import { formatMac } from "../../../wire/address.ts";
import { programOutput } from "../../machine/programs.ts";

/** Access to the machine. */
export interface SupportedHost extends KernelFiles {
  interfaceNames(): readonly string[];
  interfaceState(name: string): InterfaceState | null;
}

/** A missing part of a bundle, and why it is missing. */
export interface Missing {
  readonly error: string;
}

type Texts = Readonly<Record<string, string | Missing>>;

/** proc(5): the kernel, its load, and its knowledge of the network. */
const MACHINE_FILES = [
  "/proc/version",
  "/proc/uptime",
  "/proc/loadavg",
  "/proc/meminfo",
  "/proc/pressure/cpu",
  "/proc/net/dev",
  "/proc/net/fib_trie",
  "/proc/net/route",
  "/proc/net/if_inet6",
  "/proc/net/ipv6_route",
  "/proc/net/arp",
  "/proc/net/igmp",
  "/proc/net/igmp6",
  "/proc/net/raw",
  "/proc/net/snmp",
  "/proc/net/snmp6",
] as const;

/** proc_pid(5): capabilities, limits and cgroup of the daemon, and how long it had to wait for a processor. */
const DAEMON_FILES = ["status", "limits", "cgroup", "schedstat", "oom_score"] as const;
/** The limits of a cgroup, and how often they applied; Documentation/admin-guide/cgroup-v2.rst of the kernel. */
const CGROUP_FILES = [
  "cpu.max",
  "cpu.stat",
  "memory.max",
  "memory.current",
  "memory.events",
  "pids.max",
] as const;

/**
 * Documentation/ABI/testing/sysfs-class-net of the kernel; files that a kind of interface does not have are omitted.
 */
const LINK_FILES = [
  "operstate",
  "carrier",
  "carrier_changes",
  "mtu",
  "speed",
  "duplex",
  "flags",
] as const;
const LINK_COUNTERS = [
  "rx_packets",
  "tx_packets",
  "rx_bytes",
  "tx_bytes",
  "rx_errors",
  "tx_errors",
  "rx_dropped",
  "tx_dropped",
  "rx_missed_errors",
  "rx_crc_errors",
  "multicast",
  "collisions",
] as const;

/** Facts that other programs show best, if they are installed. Nothing that vipd does depends on them. */
const PROGRAMS: readonly (readonly [name: string, ...args: string[]])[] = [
  ["ip", "rule"],
  ["ip", "-6", "rule"],
  ["ip", "neighbour"],
  ["nft", "list", "ruleset"],
  ["iptables-save"],
  ["ip6tables-save"],
  ["nginx", "-t"],
  [
    "systemctl",
    "show",
    "vipd.service",
    "vipd-front.service",
    "--property=Id,ActiveState,SubState,Result,ExecMainStatus,NRestarts,WatchdogUSec,FragmentPath,DropInPaths",
  ],
];

/** Longer files are cut, in characters. */
const FILE_MAX_CHARS = 256 * 1024;
/** More than the number of a process, in octets. */
const LOCK_MAX_OCTETS = 4096;

/** All facts about this machine; `runDir` is the daemon's. */
export async function hostParts(
  host: SupportedHost,
  runDir: string,
): Promise<Record<string, unknown>> {
  const names = host.interfaceNames();
  const pid = await daemonPid(runDir);
  return {
    files: {
      "/etc/os-release": await osRelease(),
      ...texts(MACHINE_FILES.map((path) => [path, path]), host),
    },
    daemon: pid === null
      ? { error: `no vipd has run with ${runDir}, or only root may see which: run this with sudo` }
      : { pid, ...daemonTexts(pid, host) },
    interfaces: names.map((name) => interfaceFacts(name, host)),
    sysctls: texts(
      kernelSettings("shown", ["all", "default", ...names]).map((
        setting,
      ) => [`net/${setting}`, `/proc/sys/net/${setting}`]),
      host,
    ),
    programs: await programTexts(),
  };
}

/** The text of each file, by the name that it gets. */
function texts(
  files: readonly (readonly [name: string, path: string])[],
  host: KernelFiles,
): Texts {
  return Object.fromEntries(files.map(([name, path]) => [name, textOf(path, host)]));
}

function textOf(path: string, host: KernelFiles): string | Missing {
  const text = host.readKernelFile(path);
  return text === null
    ? { error: "this kernel has it not, or not for this user" }
    : cut(text.trim());
}

function cut(text: string): string {
  return text.length > FILE_MAX_CHARS ? `${text.slice(0, FILE_MAX_CHARS)}\n(cut)` : text;
}

async function osRelease(): Promise<string | Missing> {
  try {
    return await Deno.readTextFile("/etc/os-release");
  } catch (error) {
    return { error: String(error) };
  }
}

/** The process that has written its number into the lock of its run directory; it may have ended since. */
async function daemonPid(runDir: string): Promise<number | null> {
  const text = await readRegular(join(runDir, "lock"), LOCK_MAX_OCTETS).catch(() => "");
  const pid = parseInt(text, 10);
  return pid > 0 ? pid : null;
}

function daemonTexts(pid: number, host: KernelFiles): Texts {
  const own = texts(DAEMON_FILES.map((file) => [file, `/proc/${pid}/${file}`]), host);
  // `0::/system.slice/vipd.service`, cgroups(7); version 1 has other files.
  const group = /^0::(\/.*)$/m.exec(typeof own["cgroup"] === "string" ? own["cgroup"] : "")?.[1];
  if (group === undefined) return own;
  return {
    ...own,
    ...texts(CGROUP_FILES.map((file) => [file, join("/sys/fs/cgroup", group, file)]), host),
  };
}

function interfaceFacts(name: string, host: SupportedHost): Record<string, unknown> {
  const state = host.interfaceState(name);
  const folder = `/sys/class/net/${name}`;
  return {
    name,
    index: state?.index ?? null,
    up: state?.up ?? null,
    mac: state && formatMac(state.mac),
    addresses: state?.addresses ?? [],
    ...present(LINK_FILES, folder, host),
    counters: present(LINK_COUNTERS, join(folder, "statistics"), host),
  };
}

function present(
  files: readonly string[],
  folder: string,
  host: KernelFiles,
): Record<string, string> {
  return Object.fromEntries(files.flatMap((file) => {
    const text = host.readKernelFile(join(folder, file));
    return text === null ? [] : [[file, text.trim()]];
  }));
}

async function programTexts(): Promise<Texts> {
  const output = await Promise.all(PROGRAMS.map(async ([name, ...args]) => {
    const output = await programOutput(name, args);
    const text = output === null
      ? { error: "not installed" }
      : cut(`${output.stdout}${output.stderr}`.trim());
    return [[name, ...args].join(" "), text] as const;
  }));
  return Object.fromEntries(output);
}
