/**
 * VRRP on the links of Linux: raw sockets for adverts, packet sockets for frames and taps.
 *
 * @module
 */

import { isHostError } from "../../host/errors.ts";
import type { Vrrp } from "../../host/vrrp.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { SysContext } from "../sys/context.ts";
import { missingInterface } from "../sys/errors.ts";
import type { VrrpFrames } from "../vrrp/vrrp_frames.ts";
import { VrrpLinuxPort } from "../vrrp/vrrp_port.ts";
import { VrrpTapSocket } from "../vrrp/vrrp_tap.ts";
import type { OpenPorts } from "./open_ports.ts";

export function linuxVrrp(
  context: SysContext,
  netlink: Netlink,
  frames: VrrpFrames,
  ports: OpenPorts,
): Vrrp {
  return {
    openVrrp(interfaceName, family, receive, options) {
      const port = ports.open(
        `open VRRP on ${interfaceName}`,
        interfaceName,
        (state) => VrrpLinuxPort.open(context, state, family, receive, options),
      );
      if (isHostError(port)) return port;
      return {
        send: (payload, source, destination, ttl) => port.send(payload, source, destination, ttl),
        expect: (routers) => port.expect(routers),
        close: ports.closer(port),
      };
    },

    sendVrrpAs(mac, interfaceName, payload, source, destination) {
      const state = netlink.interfaceState(interfaceName);
      if (!state) return missingInterface(`send VRRP on ${interfaceName}`, interfaceName);
      return frames.send(state, mac, payload, source, destination);
    },

    openVrrpTap(interfaceName, family, heard) {
      const port = ports.open(
        `listen for VRRP on ${interfaceName}`,
        interfaceName,
        (state) => new VrrpTapSocket(context, state, family, heard),
      );
      if (isHostError(port)) return port;
      return { listen: (listening) => port.listen(listening), close: ports.closer(port) };
    },
  };
}
