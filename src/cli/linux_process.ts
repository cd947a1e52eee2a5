/**
 * The daemon's surroundings on Linux.
 *
 * @module
 */

import { LinuxHost } from "../linux/host.ts";
import { keepWatchdog, watchdogIntervalMs } from "../linux/watchdog.ts";
import type { HostError } from "../node/host.ts";
import { LoadBalancer } from "../node/load_balancer.ts";
import { VERSION } from "../version.ts";
import type { DaemonProcess } from "./daemon.ts";
import { rehearseTakeover } from "./rehearsal.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const satisfies Deno.Signal[];

/** The machine, for commands that look at it without being its load balancer. */
export function openLinuxHost(failed: (error: unknown) => void): LinuxHost {
  return LinuxHost.open({ onError: failed });
}

export const linuxProcess: DaemonProcess = {
  open(config, store, failed) {
    const host = LinuxHost.open({ onError: failed });
    const { status: process, problems } = host.tuneProcess(config.process);
    const node = new LoadBalancer(config, host, { version: VERSION, store, process });
    for (const problem of problems) node.journal.record("warning", "process_not_tuned", problem);
    const tell = (error: HostError | null) => {
      if (error) node.journal.record("warning", "notify_failed", error.message);
    };
    const notify = (state: string) => tell(host.notifySystemd(state));
    const intervalMs = watchdogIntervalMs((name) => Deno.env.get(name), Deno.pid);
    if (intervalMs !== null) keepWatchdog(host, intervalMs, () => notify("WATCHDOG=1"));
    return {
      node,
      timers: host,
      notify,
      notifyReloading: () => tell(host.notifyReloading()),
      rehearse: () => rehearseTakeover(config, host),
      shutDown: host.shutDown,
      close: () => host.close(),
    };
  },

  onSignal(listener) {
    const listeners = SIGNALS.map((signal) => [signal, () => listener(signal)] as const);
    for (const [signal, heard] of listeners) Deno.addSignalListener(signal, heard);
    return () => {
      for (const [signal, heard] of listeners) Deno.removeSignalListener(signal, heard);
    };
  },

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
