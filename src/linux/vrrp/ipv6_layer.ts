/**
 * Raw VRRP sockets over IPv6 (raw(7), ipv6(7)). The kernel gives such a socket only the payload; sender, destination
 * and hop limit come as separate data.
 *
 * @module
 */

import { formatIp, type IpAddress, isMulticast, parseIp } from "../../wire/address.ts";
import { encodeIpv6Datagram } from "../../wire/ipv6.ts";
import { VRRP_PROTOCOL } from "../../wire/vrrp.ts";
import {
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_HDRINCL,
  IPV6_HOPLIMIT,
  IPV6_JOIN_GROUP,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
} from "../sys/constants.ts";
import { must } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import { ReceivedMessage } from "../sys/received_message.ts";
import { type IncomingDatagram, type IpLayer, TRAFFIC_CLASS } from "./ip_layer.ts";

/** Offset of sin6_addr in struct sockaddr_in6. */
const SOCKET_ADDRESS_AT = 8;

export const IPV6_LAYER: IpLayer = {
  title: "IPv6",
  domain: AF_INET6,

  configureReceiver(libc, fd, action, target, groups) {
    const set = setter(libc, fd, action);
    set("setsockopt(IPV6_RECVHOPLIMIT)", IPV6_RECVHOPLIMIT, 1);
    set("setsockopt(IPV6_RECVPKTINFO)", IPV6_RECVPKTINFO, 1);
    for (const group of groups) {
      const membership = multicastRequest(group, target.index);
      const joined = libc.setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, membership);
      must(action, "setsockopt(IPV6_JOIN_GROUP)", joined);
    }
  },

  configureSender(libc, fd, action, target) {
    const set = setter(libc, fd, action);
    set("setsockopt(IPV6_HDRINCL)", IPV6_HDRINCL, 1);
    set("setsockopt(IPV6_RECVERR)", IPV6_RECVERR, 1);
    // Our own adverts must not come back.
    set("setsockopt(IPV6_MULTICAST_LOOP)", IPV6_MULTICAST_LOOP, 0);
    set("setsockopt(IPV6_MULTICAST_IF)", IPV6_MULTICAST_IF, target.index);
  },

  encode(payload, { source, destination, ttl }, target) {
    const address = socketAddress(destination, target.index);
    if (!address) return null;
    // With an explicit header, as over IPv4: the checksum was computed for this source.
    const octets = encodeIpv6Datagram({
      source,
      destination,
      hopLimit: ttl,
      trafficClass: TRAFFIC_CLASS,
      nextHeader: VRRP_PROTOCOL,
    }, payload);
    return { octets, address };
  },

  reader(libc, groups) {
    const message = new ReceivedMessage();
    return (fd) => {
      if (message.receive(libc, fd) < 0) return null;
      const datagram = incoming(message);
      // The kernel gives a raw IPv6 socket the datagrams of every group that any program has joined.
      const wanted = datagram &&
        (!isMulticast(datagram.destination) || groups.includes(datagram.destination));
      return wanted ? datagram : undefined;
    };
  },
};

function setter(libc: Libc, fd: number, action: string) {
  return (optionName: string, option: number, value: number) =>
    must(action, optionName, libc.setsockoptInt(fd, IPPROTO_IPV6, option, value));
}

/** A datagram without the requested ancillary data cannot be judged. */
function incoming(message: ReceivedMessage): IncomingDatagram | undefined {
  // struct in6_pktinfo { struct in6_addr ipi6_addr; unsigned ipi6_ifindex; }
  const packetInfo = message.control(IPPROTO_IPV6, IPV6_PKTINFO);
  const hopLimit = message.control(IPPROTO_IPV6, IPV6_HOPLIMIT);
  if (!packetInfo || packetInfo.length < 16 || !hopLimit || hopLimit.length < 4) return undefined;
  return {
    source: formatIp(message.sender.subarray(SOCKET_ADDRESS_AT, SOCKET_ADDRESS_AT + 16)),
    destination: formatIp(packetInfo.subarray(0, 16)),
    ttl: new DataView(hopLimit.buffer, hopLimit.byteOffset).getInt32(0, true),
    payload: message.payload,
  };
}

/** struct ipv6_mreq { struct in6_addr ipv6mr_multiaddr; int ipv6mr_ifindex; } */
function multicastRequest(group: IpAddress, interfaceIndex: number): Octets {
  const octets = new Uint8Array(20);
  octets.set(parseIp(group)!, 0);
  new DataView(octets.buffer).setInt32(16, interfaceIndex, true);
  return octets;
}

/**
 * struct sockaddr_in6 { sa_family_t sin6_family; in_port_t sin6_port; uint32_t sin6_flowinfo;
 *                       struct in6_addr sin6_addr; uint32_t sin6_scope_id; };
 */
function socketAddress(address: IpAddress, interfaceIndex: number): Octets | null {
  const value = parseIp(address);
  if (value?.length !== 16) return null;
  const octets = new Uint8Array(28);
  const view = new DataView(octets.buffer);
  view.setUint16(0, AF_INET6, true);
  octets.set(value, SOCKET_ADDRESS_AT);
  view.setUint32(24, interfaceIndex, true);
  return octets;
}
