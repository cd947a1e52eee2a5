/**
 * The daemon's surroundings on Linux.
 *
 * @module
 */

import { findAccount, userName } from "../health/programs/accounts.ts";
import type { HostError } from "../host/errors.ts";
import { LinuxHost } from "../linux/host.ts";
import { keepWatchdog, watchdogIntervalMs } from "../linux/process/watchdog.ts";
import { BOOT_ID_FILE, readKernelFile } from "../linux/sys/kernel_files.ts";
import { Libc } from "../linux/sys/libc.ts";
import { LoadBalancer } from "../node/load_balancer.ts";
import { collectGarbage } from "../runtime/garbage.ts";
import { type Build, VERSION } from "../version.ts";
import type { FrontCharge } from "./front/front_care.ts";
import type { DaemonProcess, NodeMaker } from "./machine.ts";
import { warmUpTakeover } from "./warm_up.ts";
import { ManagerMessages } from "./service/manager_messages.ts";
import { FRONT } from "./service/unit.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const satisfies Deno.Signal[];

/** The machine, for commands that look at it without being its load balancer. */
export function openLinuxHost(failed: (error: unknown) => void): LinuxHost {
  return LinuxHost.open({ onError: failed });
}

/** Calls `listener` for each signal that ends or reloads a daemon; returns how to stop that. */
export function onLinuxSignal(listener: (signal: Deno.Signal) => void): () => void {
  const listeners = SIGNALS.map((signal) => [signal, () => listener(signal)] as const);
  for (const [signal, heard] of listeners) Deno.addSignalListener(signal, heard);
  return () => {
    for (const [signal, heard] of listeners) Deno.removeSignalListener(signal, heard);
  };
}

/** `service`: a unit of its own runs the front, vipd-front.service. */
const FRONT_VARIABLE = "VIPD_FRONT";

/** The daemon's surroundings for a program that was built so. `make`: another node than an ordinary one. */
export function linuxDaemonProcess(build: Build, make: NodeMaker = ordinaryNode): DaemonProcess {
  const readFile = kernelFiles();
  return {
    ...PROCESS,
    ...bootOf(readFile),
    front: (runDir) => frontCharge(build, runDir, readFile),
    open: opener(make),
  };
}

const ordinaryNode: NodeMaker = (config, host, options) => ({
  node: new LoadBalancer(config, host, options),
});

function frontCharge(build: Build, runDir: string, readFile: ReadKernelFile): FrontCharge {
  if (Deno.env.get(FRONT_VARIABLE) !== "service") {
    const key = crypto.randomUUID();
    return { kind: "child", program: { build, runDir, key, readKernelFile: readFile } };
  }
  const gid = async () => {
    const account = await findAccount({ name: FRONT.user });
    return typeof account === "string" ? account : account.gid;
  };
  return { kind: "service", gid };
}

/** Reads a file of /proc. */
type ReadKernelFile = (path: string) => string | null;

/** Reads them for as long as the process runs. To open libc takes 5 ms of a start, so it is opened once for all of them. */
function kernelFiles(): ReadKernelFile {
  let libc: Libc | null = null;
  return (path) => readKernelFile(libc ??= Libc.open(), path);
}

function bootOf(readFile: ReadKernelFile): Pick<DaemonProcess, "bootedAtMs" | "bootId"> {
  return {
    // proc(5): btime, in seconds since the epoch.
    bootedAtMs: () => Number(/^btime (\d+)$/m.exec(readFile("/proc/stat") ?? "")?.[1] ?? 0) * 1000,
    bootId: () => (readFile(BOOT_ID_FILE) ?? "").trim(),
  };
}

const PROCESS: Pick<DaemonProcess, "user" | "onSignal" | "onUncaught"> = {
  user: () => userName(Deno.uid() ?? 0),

  onSignal: onLinuxSignal,

  onUncaught(listener) {
    const thrown = (event: ErrorEvent) => {
      event.preventDefault();
      listener(event.error);
    };
    const rejected = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      listener(event.reason);
    };
    globalThis.addEventListener("error", thrown);
    globalThis.addEventListener("unhandledrejection", rejected);
    return () => {
      globalThis.removeEventListener("error", thrown);
      globalThis.removeEventListener("unhandledrejection", rejected);
    };
  },
};

function opener(make: NodeMaker): DaemonProcess["open"] {
  return (config, { processes, ...stores }, failed) => {
    const host = LinuxHost.open({ onError: failed });
    const { status: process, problems } = host.tuneProcess(config.process);
    const { node, close } = make(config, host, {
      ...{ version: VERSION, process, processes, ...stores },
    });
    for (const problem of problems) node.journal.record("warning", "process_not_tuned", problem);
    const report = (error: HostError | null) => {
      if (error) node.journal.record("warning", "notify_failed", error.message);
    };
    const messages = new ManagerMessages({
      send: (state) => host.notifySystemd(state),
      timers: host,
      failed: report,
    });
    const notify = (state: string) => messages.send(state);
    const intervalMs = watchdogIntervalMs((name) => Deno.env.get(name), Deno.pid);
    if (intervalMs !== null) keepWatchdog(host, intervalMs, () => notify("WATCHDOG=1"));
    return {
      node,
      timers: host,
      notify,
      // A manager that does not learn of the beginning needs no end.
      notifyReloading: () => {
        const error = host.notifyReloading();
        if (error?.code !== "EAGAIN") report(error);
      },
      warmUp: () => {
        warmUpTakeover(config, host);
        // The start has left some, and nothing is urgent yet.
        collectGarbage();
      },
      openPipe: (path, owner) => host.openPipe(path, owner),
      shutDown: host.shutDown,
      readKernelFile: host.readKernelFile,
      trialHost: host,
      close: async () => {
        await host.close();
        await close?.();
      },
    };
  };
}
