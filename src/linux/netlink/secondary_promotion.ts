/**
 * Keeps the other addresses of an IPv4 network when its primary one goes (`promote_secondaries` in the kernel's
 * ip-sysctl). If the setting is on, as systemd sets it, one of them becomes primary; by the kernel's own default it
 * removes all of them. A virtual address that is removed with the host's own for a moment would cost its clients a
 * second.
 *
 * @module
 */

import { decodeIpv4Setting, encodeIpv4Setting } from "../../wire/netlink/link_settings.ts";
import { RTM_GETLINK, RTM_SETLINK } from "../../wire/netlink/netlink.ts";
import { encodeLinkQuery } from "../../wire/netlink/rtnetlink.ts";
import type { NetlinkRequester } from "./netlink_socket.ts";

export class SecondaryPromotion {
  readonly #requester: NetlinkRequester;
  /** Interfaces that carry virtual addresses -> whether vipd has switched the setting on. */
  readonly #kept = new Map<number, boolean>();

  constructor(requester: NetlinkRequester) {
    this.#requester = requester;
  }

  /**
   * Switches it on for as long as the interface carries virtual addresses. If the kernel refuses, its default stays.
   */
  keep(index: number): void {
    if (this.#kept.has(index)) return;
    this.#kept.set(index, this.#switchOn(index));
  }

  /** Restores it on the interfaces that carry none any more. */
  retain(carries: (index: number) => boolean): void {
    for (const [index, switchedOn] of this.#kept) {
      if (carries(index)) continue;
      this.#kept.delete(index);
      if (switchedOn) this.#set(index, 0);
    }
  }

  /** Performs `remove` while it is on, whatever it is before and after. */
  during<T>(index: number, remove: () => T): T {
    const switchedOn = this.#switchOn(index);
    try {
      return remove();
    } finally {
      if (switchedOn) this.#set(index, 0);
    }
  }

  /** False if it was on already, or cannot be switched on. */
  #switchOn(index: number): boolean {
    let setting: number | null = null;
    this.#requester.request(RTM_GETLINK, 0, encodeLinkQuery(index), (message) => {
      setting = decodeIpv4Setting(message.payload, "promote_secondaries");
    });
    return setting === 0 && this.#set(index, 1);
  }

  #set(index: number, value: 0 | 1): boolean {
    const payload = encodeIpv4Setting(index, "promote_secondaries", value);
    return this.#requester.request(RTM_SETLINK, 0, payload).errno === 0;
  }
}
