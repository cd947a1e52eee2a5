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
import { withKernelFiles } from "../linux/kernel_reader.ts";
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
  return { ...PROCESS, front: (runDir) => frontCharge(build, runDir), open: opener(make) };
}

const ordinaryNode: NodeMaker = (config, host, options) => ({
  node: new LoadBalancer(config, host, options),
});

function frontCharge(build: Build, runDir: string): FrontCharge {
  if (Deno.env.get(FRONT_VARIABLE) !== "service") {
    const key = crypto.randomUUID();
    return { kind: "child", program: { build, runDir, key, readKernelFile: kernelFiles() } };
  }
  const gid = async () => {
    const account = await findAccount({ name: FRONT.user });
    return typeof account === "string" ? account : account.gid;
  };
  return { kind: "service", gid };
}

/** Reads files of /proc for as long as the process runs. */
function kernelFiles(): (path: string) => string | null {
  const libc = Libc.open();
  return (path) => readKernelFile(libc, path);
}

const PROCESS: Omit<DaemonProcess, "front" | "open"> = {
  user: () => userName(Deno.uid() ?? 0),

  async bootedAtMs() {
    // proc(5): btime, in seconds since the epoch.
    const text = await withKernelFiles((files) => files.readKernelFile("/proc/stat")) ?? "";
    return Number(/^btime (\d+)$/m.exec(text)?.[1] ?? 0) * 1000;
  },

  bootId: async () =>
    (await withKernelFiles((files) => files.readKernelFile(BOOT_ID_FILE)) ?? "").trim(),

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
