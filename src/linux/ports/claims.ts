/**
 * Claims to addresses, heard and asked for through packet sockets.
 *
 * @module
 */

import type { Claims } from "../../host/claims.ts";
import { isHostError } from "../../host/errors.ts";
import type { AddressClaim } from "../../wire/address.ts";
import { ClaimSocket } from "../link/claim_socket.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { SysContext } from "../sys/context.ts";
import type { OpenPorts } from "./open_ports.ts";

export function linuxClaims(
  context: SysContext,
  netlink: Netlink,
  ports: OpenPorts,
): Claims {
  return {
    openClaims(interfaceName, family, addresses, heard) {
      const options = {
        family,
        addresses,
        state: (name: string) => netlink.interfaceState(name),
        heard: (claim: AddressClaim) =>
          heard({ ...claim, interface: interfaceName, own: netlink.hasMac(claim.mac) }),
      };
      const port = ports.open(
        `listen for claims on ${interfaceName}`,
        interfaceName,
        (target) => new ClaimSocket(context, { target, ...options }),
      );
      if (isHostError(port)) return port;
      return { probe: (address) => port.probe(address), close: ports.closer(port) };
    },
  };
}
