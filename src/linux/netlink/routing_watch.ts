/**
 * Notices that another program removed, changed or replaced a route or policy rule of vipd's (rtnetlink(7)). It does
 * not read the details from the notifications: the listener asks the kernel afterwards.
 *
 * @module
 */

import { routingChanges } from "../../wire/filters/notification_filter.ts";
import type { RouteDestination } from "../../wire/netlink/routing.ts";
import {
  RTMGRP_IPV4_ROUTE,
  RTMGRP_IPV4_RULE,
  RTMGRP_IPV6_ROUTE,
  RTMGRP_IPV6_RULE,
} from "../../wire/netlink/rtnetlink.ts";
import { MSG_DONTWAIT } from "../sys/constants.ts";
import { EAGAIN, EINTR, ENOBUFS, SysError } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import type { Reactor } from "../sys/reactor.ts";
import { attachFilter } from "../sys/socket_options.ts";
import { openNetlink } from "./netlink_socket.ts";

const ACTION = "watch routes";
const GROUPS = RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE | RTMGRP_IPV6_ROUTE | RTMGRP_IPV6_RULE;

export interface RoutingWatchOptions {
  /** The port id of the socket whose own changes are ignored. */
  readonly ownPortId: number;
  /** rtm_protocol of the watched routes. */
  readonly protocol: number;
  readonly changed: () => void;
}

export class RoutingWatch {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #options: RoutingWatchOptions;
  readonly #octets: Octets = new Uint8Array(8192);
  readonly #destinations = new Map<string, RouteDestination>();

  /** @throws {SysError} */
  constructor(libc: Libc, reactor: Reactor, options: RoutingWatchOptions) {
    this.#libc = libc;
    this.#options = options;
    this.#fd = openNetlink(libc, GROUPS);
    this.#filter();
    reactor.register(this.#fd, () => this.#read());
  }

  /** From now on it also notices that a route to this destination is replaced. */
  add({ family, to }: RouteDestination): void {
    const key = JSON.stringify([family, to]);
    if (this.#destinations.has(key)) return;
    this.#destinations.set(key, { family, to });
    this.#filter();
  }

  /** The reactor must have been closed. */
  close(): void {
    this.#libc.closeFd(this.#fd);
  }

  #filter(): void {
    const { ownPortId, protocol } = this.#options;
    const destinations = Array.from(this.#destinations.values());
    attachFilter(this.#libc, this.#fd, ACTION, routingChanges(ownPortId, protocol, destinations));
  }

  #read(): void {
    for (;;) {
      const length = this.#libc.recv(this.#fd, this.#octets, MSG_DONTWAIT);
      if (length === -EAGAIN) break;
      // ENOBUFS: some were lost (netlink(7)). Here it only matters that something has changed.
      if (length < 0 && length !== -EINTR && length !== -ENOBUFS) {
        throw new SysError(ACTION, "recv", -length);
      }
    }
    this.#options.changed();
  }
}
