/**
 * Raw VRRP sockets over IPv4 (raw(7), ip(7)).
 *
 * @module
 */

import { type IpAddress, parseIp } from "../../wire/address.ts";
import { encodeIpv4Datagram, parseIpv4Datagram } from "../../wire/ipv4.ts";
import { VRRP_GROUP, VRRP_PROTOCOL } from "../../wire/vrrp.ts";
import {
  AF_INET,
  IP_ADD_MEMBERSHIP,
  IP_HDRINCL,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_RECVERR,
  IPPROTO_IP,
  MSG_DONTWAIT,
  MSG_TRUNC,
} from "../sys/constants.ts";
import { must } from "../sys/errors.ts";
import type { Octets } from "../sys/libc.ts";
import { type IpLayer, TRAFFIC_CLASS } from "./ip_layer.ts";

/** Largest IP datagram. */
const RECEIVE_OCTETS = 65536;

export const IPV4_LAYER: IpLayer = {
  title: "IPv4",
  domain: AF_INET,

  configureReceiver(libc, fd, action, target, groups) {
    // Not those of groups that other programs have joined.
    const restricted = libc.setsockoptInt(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
    must(action, "setsockopt(IP_MULTICAST_ALL)", restricted);
    for (const group of groups) {
      const membership = multicastRequest(group, target.index);
      const joined = libc.setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership);
      must(action, "setsockopt(IP_ADD_MEMBERSHIP)", joined);
    }
  },

  configureSender(libc, fd, action, target) {
    const set = (optionName: string, option: number, value: number) =>
      must(action, optionName, libc.setsockoptInt(fd, IPPROTO_IP, option, value));
    set("setsockopt(IP_HDRINCL)", IP_HDRINCL, 1);
    set("setsockopt(IP_RECVERR)", IP_RECVERR, 1);
    // Our own adverts must not come back.
    set("setsockopt(IP_MULTICAST_LOOP)", IP_MULTICAST_LOOP, 0);
    const way = multicastRequest(VRRP_GROUP.ipv4, target.index);
    const interfaceSet = libc.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, way);
    must(action, "setsockopt(IP_MULTICAST_IF)", interfaceSet);
  },

  encode(payload, { source, destination, ttl }) {
    const address = socketAddress(destination);
    if (!address) return null;
    // With an explicit header, so that the source is the caller's: the kernel would choose by route and scope, and may
    // choose a virtual address.
    const octets = encodeIpv4Datagram({
      source,
      destination,
      ttl,
      typeOfService: TRAFFIC_CLASS,
      protocol: VRRP_PROTOCOL,
    }, payload);
    return { octets, address };
  },

  reader(libc) {
    const octets: Octets = new Uint8Array(RECEIVE_OCTETS);
    return (fd) => {
      const length = libc.recv(fd, octets, MSG_DONTWAIT | MSG_TRUNC);
      if (length < 0) return null;
      const datagram = parseIpv4Datagram(octets.subarray(0, length));
      // The kernel delivers only IPv4 datagrams.
      if (!datagram) return undefined;
      const { source, destination, ttl, payload } = datagram;
      return { source, destination, ttl, payload };
    };
  },
};

/** struct ip_mreqn { struct in_addr imr_multiaddr; struct in_addr imr_address; int imr_ifindex; } */
function multicastRequest(group: IpAddress, interfaceIndex: number): Octets {
  const octets = new Uint8Array(12);
  octets.set(parseIp(group)!, 0);
  new DataView(octets.buffer).setInt32(8, interfaceIndex, true);
  return octets;
}

/** struct sockaddr_in { sa_family_t sin_family; in_port_t sin_port; struct in_addr sin_addr; char pad[8]; } */
function socketAddress(address: IpAddress): Octets | null {
  const value = parseIp(address);
  if (value?.length !== 4) return null;
  const octets = new Uint8Array(16);
  new DataView(octets.buffer).setUint16(0, AF_INET, true);
  octets.set(value, 4);
  return octets;
}
