/**
 * One run of `vipd listen`: ports, monitor, output; until a signal or the end of its time.
 *
 * @module
 */

import { CliError, EXIT } from "../../../exit.ts";
import { type HostError, isHostError } from "../../../host/errors.ts";
import type { Host } from "../../../host/host.ts";
import type { Tap } from "../../../host/vrrp.ts";
import type { MonitorChange } from "../../../monitor/change.ts";
import { Delivery } from "../../../monitor/delivery.ts";
import { VrrpMonitor } from "../../../monitor/monitor.ts";
import { type Family, isMulticast } from "../../../wire/address.ts";
import { VRRP_GROUP } from "../../../wire/vrrp.ts";
import type { Output } from "../../context.ts";
import {
  changeJson,
  changeLine,
  type ListenView,
  summaryJson,
  viewText,
} from "../../text/listen_text.ts";
import { drawing, ENTER_SCREEN, LEAVE_SCREEN } from "../../text/terminal/screen.ts";
import type { Style } from "../../text/terminal/style.ts";

/** The machine's services for listening. */
export type ListenHost = Pick<
  Host,
  | "nowMs"
  | "wallClockMs"
  | "setTimer"
  | "interfaceState"
  | "interfaceNames"
  | "watchInterfaces"
  | "openVrrp"
  | "openVrrpTap"
>;

export interface ListenOptions {
  /** Empty: all interfaces that are up, and those that come up later; but not the loopback. */
  readonly interfaces: readonly string[];
  readonly json: boolean;
  readonly showPasswords: boolean;
  readonly style: Style;
}

/** How often it checks for silence and draws the table, in milliseconds. */
const TICK_MS = 500;

export class Listening {
  readonly #host: ListenHost;
  readonly #output: Output;
  readonly #options: ListenOptions;
  readonly #monitor: VrrpMonitor;
  readonly #delivery = new Delivery();
  readonly #ports = new Map<string, Tap>();
  /** Kernel index of each interface when its ports were opened: a new interface with an old name has another. */
  readonly #indexes = new Map<string, number>();
  readonly #onScreen: boolean;
  #cancelTick = () => {};

  /**
   * Opens the interfaces and begins to show what it hears.
   *
   * @throws {CliError} if a named interface does not exist or VRRP cannot be opened on it.
   */
  constructor(host: ListenHost, output: Output, options: ListenOptions) {
    this.#host = host;
    this.#output = output;
    this.#options = options;
    this.#monitor = new VrrpMonitor(options);
    this.#onScreen = output.rows() !== null && !options.json;
    const named = options.interfaces.length > 0;
    const names = named
      ? options.interfaces
      : host.interfaceNames().filter((name) => name !== LOOPBACK && host.interfaceState(name)?.up);
    for (const name of names) this.#open(name, named);
    if (!named) host.watchInterfaces((name) => this.#interfaceChanged(name));
    output.err(`vipd: listens on ${names.join(", ") || "no interface yet: none is up"}\n`);
    if (this.#onScreen) output.out(ENTER_SCREEN);
    this.#tick();
  }

  /** Ends it, and shows a summary. */
  close(): void {
    this.#cancelTick();
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
    const { style, json } = this.#options;
    if (this.#onScreen) this.#output.out(LEAVE_SCREEN);
    this.#output.out(
      json
        ? summaryJson(this.#view(), this.#time(this.#host.nowMs()))
        : viewText(this.#view(), style),
    );
  }

  #open(name: string, named: boolean): void {
    if (named && this.#host.interfaceState(name) === null) {
      const known = this.#host.interfaceNames().join(", ");
      throw new CliError(EXIT.failure, `there is no interface ${name}; there are: ${known}`);
    }
    this.#indexes.set(name, this.#host.interfaceState(name)?.index ?? 0);
    for (const family of ["ipv4", "ipv6"] as const) {
      const port = this.#hear(name, family);
      if (!isHostError(port)) {
        this.#ports.get(`${name} ${family}`)?.close();
        this.#ports.set(`${name} ${family}`, port);
      } else if (family === "ipv4") {
        const code = port.code === "EPERM" || port.code === "EACCES"
          ? EXIT.notPermitted
          : EXIT.failure;
        if (named || code === EXIT.notPermitted) throw new CliError(code, port.message);
        this.#output.err(`vipd: ${port.message}\n`);
      }
    }
  }

  /** Hears before the firewall, and marks what does not pass it. Only the port joins the group. */
  #hear(name: string, family: Family): Tap | HostError {
    const port = this.#host.openVrrp(name, family, (datagram) => {
      this.#report(this.#delivery.delivered(datagram, this.#host.nowMs()));
    });
    if (isHostError(port)) return port;
    const tap = this.#host.openVrrpTap(name, family, (datagram) => {
      const nowMs = this.#host.nowMs();
      this.#report(this.#monitor.receive(datagram, nowMs));
      // The machine takes in no group that nobody has joined, with a firewall or without.
      const { destination } = datagram;
      if (isMulticast(destination) && destination !== VRRP_GROUP[family]) return;
      this.#report(this.#delivery.arrived(datagram, nowMs));
    });
    if (isHostError(tap)) {
      port.close();
      return tap;
    }
    return {
      close: () => {
        tap.close();
        port.close();
      },
    };
  }

  #interfaceChanged(name: string): void {
    const state = this.#host.interfaceState(name);
    if (name === LOOPBACK || !state?.up || this.#indexes.get(name) === state.index) return;
    this.#open(name, false);
  }

  #tick(): void {
    const nowMs = this.#host.nowMs();
    this.#report(this.#monitor.tick(nowMs));
    this.#report(this.#delivery.tick(nowMs));
    this.#draw();
    this.#cancelTick = this.#host.setTimer(nowMs + TICK_MS, () => this.#tick());
  }

  #draw(): void {
    const rows = this.#output.rows();
    if (!this.#onScreen || rows === null) return;
    const text = `${viewText(this.#view(), this.#options.style)}\nCtrl-C ends.`;
    this.#output.out(drawing(text, rows));
  }

  #report(changes: readonly MonitorChange[]): void {
    if (this.#onScreen) return;
    const { json, style } = this.#options;
    for (const change of changes) {
      const time = this.#time(change.atMs);
      this.#output.out(json ? changeJson(change, time) : changeLine(change, time, style));
    }
  }

  #view(): ListenView {
    return {
      routers: this.#monitor.routers(),
      rejected: this.#monitor.rejected(),
      undelivered: this.#delivery.undelivered(),
      nowMs: this.#host.nowMs(),
    };
  }

  /** A monotonic time in RFC 3339. */
  #time(atMs: number): string {
    return new Date(this.#host.wallClockMs() - (this.#host.nowMs() - atMs)).toISOString();
  }
}

const LOOPBACK = "lo";
