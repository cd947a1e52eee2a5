/**
 * The port to VRRP on the host's links: adverts sent, received and heard.
 *
 * @module
 */

import type { Family, IpAddress, MacAddress } from "../wire/address.ts";
import type { ExpectedRouter } from "../wire/filters/advert_filter.ts";
import type { HostError } from "./errors.ts";

export type { ExpectedRouter };

/** One received IP datagram of protocol 112. */
export interface VrrpDatagram {
  readonly interface: string;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL or hop limit of the received datagram. */
  readonly ttl: number;
  /** The VRRP message, without IP header. Valid only during the call. */
  readonly payload: Uint8Array;
}

/** Sends and receives protocol 112 on one interface: traffic class 0xc0, no loopback. */
export interface VrrpPort {
  /**
   * Sends one message from `source` to `destination`, a group or one host; `ttl` is 255 if it is not said. The
   * payload must not be changed afterwards: what was made of it may be sent again.
   */
  send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl?: number,
  ): HostError | null;
  /** From now on the adverts of these are read first, and of all others only some when there are many. */
  expect(routers: readonly ExpectedRouter[]): HostError | null;
  close(): void;
}

export interface VrrpPortOptions {
  /** Joins the family's multicast group, whose datagrams are not received otherwise. @default {true} */
  readonly multicast?: boolean;
  /** The groups that it joins instead of the one of the RFC. */
  readonly groups?: readonly IpAddress[];
  /** As for `VrrpPort.expect`; without it everything is read. */
  readonly expected?: readonly ExpectedRouter[];
  /** Called if datagrams were not read because too many came, with at most how many since the last time. */
  readonly unread?: (count: number) => void;
}

/** Something that listens until it is closed. */
export interface Tap {
  close(): void;
}

/** Hears VRRP; is opened once, because that and closing cost the machine much more than to listen now and then. */
export interface VrrpTap extends Tap {
  /** Hears from now on, or nothing more until it is called again. */
  listen(listening: boolean): HostError | null;
}

/** Opens protocol 112 on interfaces. */
export interface Vrrp {
  /** Opens protocol 112 on an interface; every datagram that arrives there is given to `receive`. */
  openVrrp(
    interfaceName: string,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    options?: VrrpPortOptions,
  ): VrrpPort | HostError;

  /**
   * Sends one multicast message of protocol 112 out of an interface, in a frame whose source is `mac` instead of the
   * interface's own MAC address.
   */
  sendVrrpAs(
    mac: MacAddress,
    interfaceName: string,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null;

  /**
   * Calls `heard` with every VRRP datagram that arrives at an interface and the MAC address it comes from, before the
   * machine's firewall has seen it: what `openVrrp` does not deliver may be heard here. It listens from the start. When
   * very many arrive, only some are heard.
   */
  openVrrpTap(
    interfaceName: string,
    family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap | HostError;
}
