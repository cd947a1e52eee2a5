/**
 * Finds adverts that arrive at an interface and do not reach programs: a firewall drops them. A packet socket hears
 * them before netfilter, a raw socket after it.
 *
 * @module
 */

import type { VrrpDatagram } from "../host/vrrp.ts";
import type { IpAddress } from "../wire/address.ts";
import { peekVrid } from "../wire/vrrp.ts";
import { change, type MonitorChange } from "./change.ts";

/** vipd may read either socket first. A datagram that the second one does not get for so long never comes, in milliseconds. */
const DELIVERY_MS = 100;

/** How many flows are known at most. A bound, so that forged ones cannot fill the memory. */
const MAX_FLOWS = 256;

/** A flow that does not reach programs. */
export interface Undelivered {
  readonly interface: string;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** If it can be read. */
  readonly vrid: number | null;
  /** How many looks in a row have found nothing delivered. */
  readonly count: number;
}

/** The adverts of one sender for one virtual router. */
interface Flow extends Undelivered {
  count: number;
  /** Monotonic: the first datagram that is not known to be delivered. */
  waitingMs: number | null;
  deliveredMs: number;
}

export class Delivery {
  readonly #flows = new Map<string, Flow>();

  /** A datagram arrived at the interface. */
  arrived(datagram: VrrpDatagram, nowMs: number): MonitorChange[] {
    const flow = this.#flow(datagram);
    const changes = this.#look(flow, nowMs);
    if (nowMs - flow.deliveredMs > DELIVERY_MS) flow.waitingMs ??= nowMs;
    return changes;
  }

  /** A datagram reached this program. */
  delivered(datagram: VrrpDatagram, nowMs: number): MonitorChange[] {
    const flow = this.#flow(datagram);
    flow.deliveredMs = nowMs;
    flow.waitingMs = null;
    if (flow.count === 0) return [];
    flow.count = 0;
    return [
      change(placeOf(flow), "finding_ended", nowMs, flow.source, {
        finding: "firewall_drops",
        message: `over: what ${flow.source} sends reaches this machine's programs again`,
      }),
    ];
  }

  /** Lets time pass. */
  tick(nowMs: number): MonitorChange[] {
    return [...this.#flows.values()].flatMap((flow) => this.#look(flow, nowMs));
  }

  undelivered(): Undelivered[] {
    return [...this.#flows.values()].filter(({ count }) => count > 0);
  }

  #look(flow: Flow, nowMs: number): MonitorChange[] {
    if (flow.waitingMs === null || nowMs - flow.waitingMs <= DELIVERY_MS) return [];
    flow.waitingMs = null;
    flow.count++;
    if (flow.count > 1) return [];
    const message = undeliveredText(flow);
    return [
      change(placeOf(flow), "finding_began", nowMs, flow.source, {
        finding: "firewall_drops",
        message,
      }),
    ];
  }

  #flow({ interface: name, source, destination, payload }: VrrpDatagram): Flow {
    const vrid = peekVrid(payload);
    const key = `${name} ${source} ${destination} ${vrid}`;
    const flow = this.#flows.get(key) ??
      {
        interface: name,
        source,
        destination,
        vrid,
        count: 0,
        waitingMs: null,
        deliveredMs: -Infinity,
      };
    // As the newest: what was heard longest ago goes first.
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    const [oldest] = this.#flows.keys();
    if (this.#flows.size > MAX_FLOWS) this.#flows.delete(oldest!);
    return flow;
  }
}

/** The problem, and its remedy. */
export function undeliveredText({ source, destination }: Undelivered): string {
  return `what ${source} sends to ${destination} arrives, but the firewall of this machine drops ` +
    "it: `vipd doctor` names the rule and the command that helps";
}

function placeOf({ interface: name, vrid }: Flow): { interface: string; vrid: number | null } {
  return { interface: name, vrid };
}
