/**
 * Ping checks: one socket for each, opened at the first request, and again whenever its interface changes.
 *
 * @module
 */

import type { PingCheckConfig } from "../../health/check_config.ts";
import type { Pinger, PingPort } from "../../health/probes/ping.ts";
import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";
import { type IpAddress, isInNetwork } from "../../wire/address.ts";
import type { SysContext } from "../sys/context.ts";
import { asHostError } from "../sys/errors.ts";
import { EchoQuestion } from "./echo_question.ts";
import { NeighbourQuestion } from "./neighbour_question.ts";
import type { Question } from "./question.ts";

const LOOPBACK = "lo";

/** The present interfaces of the machine. */
export interface Interfaces {
  interfaceNames(): string[];
  interfaceState(name: string): InterfaceState | null;
}

export class LinuxPinger implements Pinger {
  readonly #context: SysContext;
  readonly #interfaces: Interfaces;
  readonly #open = new Set<LinuxPingPort>();

  constructor(context: SysContext, interfaces: Interfaces) {
    this.#context = context;
    this.#interfaces = interfaces;
  }

  open(check: PingCheckConfig): PingPort {
    const port = new LinuxPingPort(check, this.#context, this.#interfaces);
    this.#open.add(port);
    return {
      ask: (answered) => port.ask(answered),
      close: () => {
        this.#open.delete(port);
        port.close();
      },
    };
  }

  /** Closes all open sockets. */
  close(): void {
    for (const port of this.#open) port.close();
    this.#open.clear();
  }
}

class LinuxPingPort {
  readonly #check: PingCheckConfig;
  readonly #context: SysContext;
  readonly #interfaces: Interfaces;
  #question: Question | null = null;
  /**
   * Index and MAC address of the interface. The pinger closes a socket only if needed: closing a packet socket takes 10
   * ms and more.
   */
  #openedFor = "";

  constructor(check: PingCheckConfig, context: SysContext, interfaces: Interfaces) {
    this.#check = check;
    this.#context = context;
    this.#interfaces = interfaces;
  }

  ask(answered: () => void): string | null {
    const target = this.#target();
    if (typeof target === "string") return target;
    const problem = this.#openOn(target) ?? this.#question?.ask(target, answered) ?? null;
    if (problem === null) return null;
    // The socket may have caused the error; a new one costs little.
    this.close();
    return problem.message;
  }

  close(): void {
    this.#question?.close();
    this.#question = null;
  }

  /** The interface, `null` for the one of the route; or why there is none. */
  #target(): InterfaceState | null | string {
    const { interface: name, method, address } = this.#check;
    if (name === undefined) {
      if (method === "echo") return null;
      return onLink(address, this.#interfaces) ??
        `no interface has an address in the network of ${address}: name one with \`interface\``;
    }
    return this.#interfaces.interfaceState(name) ?? `interface ${name} does not exist`;
  }

  #openOn(target: InterfaceState | null): HostError | null {
    const { method, address } = this.#check;
    const openedFor = target ? [target.index, ...target.mac].join(" ") : "";
    if (this.#question && this.#openedFor === openedFor) return null;
    this.close();
    this.#openedFor = openedFor;
    try {
      this.#question = method === "neighbour" && target
        ? new NeighbourQuestion(this.#context, address, target)
        : new EchoQuestion(this.#context, address, target);
      return null;
    } catch (error) {
      return asHostError(error);
    }
  }
}

/** The interface with the narrowest network that the address is in. */
function onLink(address: IpAddress, interfaces: Interfaces): InterfaceState | null {
  let narrowest: { readonly state: InterfaceState; readonly prefixLength: number } | null = null;
  for (const name of interfaces.interfaceNames()) {
    const state = name === LOOPBACK ? null : interfaces.interfaceState(name);
    for (const own of state?.addresses ?? []) {
      if (!state || !isInNetwork(address, own.address, own.prefixLength)) continue;
      if (narrowest && narrowest.prefixLength >= own.prefixLength) continue;
      narrowest = { state, prefixLength: own.prefixLength };
    }
  }
  return narrowest?.state ?? null;
}
