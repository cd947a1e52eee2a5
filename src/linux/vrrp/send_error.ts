/**
 * Why the kernel refuses an advert, with the cause of the error in this place.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import { EMSGSIZE, ENOBUFS, EPERM, errnoName } from "../sys/errors.ts";

/** `octets`: the length of the advert, headers included. */
export function sendError(interfaceName: string, errno: number, octets: number): HostError {
  const code = errnoName(errno);
  return { code, message: `Cannot send VRRP on ${interfaceName}: sendto: ${code}${cause()}` };

  function cause(): string {
    // A process that has opened a raw or packet socket had the capability; from then on only netfilter causes EPERM.
    if (errno === EPERM) {
      return ", a firewall drops it on its way out (an OUTPUT or postrouting chain)";
    }
    if (errno === ENOBUFS) {
      return ", the interface drops it on its way out (an egress chain of nft or tc, or a full queue)";
    }
    if (errno === EMSGSIZE) {
      return `, an advert of ${octets} octets is larger than the interface's MTU`;
    }
    return "";
  }
}
