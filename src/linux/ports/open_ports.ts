/**
 * The sockets that users of the host have open: one that its user has not closed is closed with the host.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";
import type { Tap } from "../../host/vrrp.ts";
import type { Netlink } from "../netlink/netlink.ts";
import { asHostError, missingInterface } from "../sys/errors.ts";

export class OpenPorts {
  readonly #netlink: Pick<Netlink, "interfaceState">;
  readonly #open = new Set<Tap>();

  constructor(netlink: Pick<Netlink, "interfaceState">) {
    this.#netlink = netlink;
  }

  /**
   * Opens one on an interface as it is now.
   *
   * @param action what is tried, in words for an error: `listen for VRRP on eth0`
   */
  open<T extends Tap>(
    action: string,
    interfaceName: string,
    open: (state: InterfaceState) => T | HostError,
  ): T | HostError {
    const state = this.#netlink.interfaceState(interfaceName);
    if (!state) return missingInterface(action, interfaceName);
    try {
      return open(state);
    } catch (error) {
      return asHostError(error);
    }
  }

  /** Closes it; its user calls this. */
  closer(port: Tap): () => void {
    this.#open.add(port);
    return () => {
      this.#open.delete(port);
      port.close();
    };
  }

  close(): void {
    for (const port of this.#open) port.close();
  }
}
