/**
 * Requests that create and change links (rtnetlink(7), linux/if_link.h).
 *
 * @module
 */

import type { MacAddress } from "../address.ts";
import { concatenate } from "../octets.ts";
import { encodeAttribute, viewOf, zeroTerminated } from "./netlink.ts";
import {
  AF_INET6,
  encodeLinkQuery,
  IFF_UP,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MACVLAN_MODE,
  MACVLAN,
  MACVLAN_MODE_VEPA,
} from "./rtnetlink.ts";

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_LINK = 5;
const IFLA_IFALIAS = 20;
const IFLA_AF_SPEC = 26;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const IN6_ADDR_GEN_MODE_NONE = 1;

/** A link of kind macvlan to create; it starts down. */
export interface MacvlanRequest {
  readonly name: string;
  /** Kernel index of the link below. */
  readonly parentIndex: number;
  readonly mac: MacAddress;
}

/**
 * The payload of RTM_NEWLINK: `ip link add NAME link PARENT address MAC type macvlan mode vepa`.
 *
 * In mode vepa all frames leave through the link below, as in mode private. But a frame that arrives with the link's
 * own MAC address as its source still reaches the link below: with a virtual router's MAC address these are the adverts
 * of another master, which mode private hides from it.
 */
export function encodeMacvlan({ name, parentIndex, mac }: MacvlanRequest): Uint8Array<ArrayBuffer> {
  return concatenate([
    encodeLinkQuery(),
    encodeAttribute(IFLA_LINK, number(parentIndex)),
    encodeAttribute(IFLA_IFNAME, zeroTerminated(name)),
    encodeAttribute(IFLA_ADDRESS, mac),
    modeVepa(),
  ]);
}

/** The payload of RTM_NEWLINK, without NLM_F_CREATE: `ip link set INDEX type macvlan mode vepa`. */
export function encodeMacvlanMode(index: number): Uint8Array<ArrayBuffer> {
  return concatenate([encodeLinkQuery(index), modeVepa()]);
}

function modeVepa(): Uint8Array<ArrayBuffer> {
  const mode = encodeAttribute(IFLA_MACVLAN_MODE, number(MACVLAN_MODE_VEPA));
  return encodeAttribute(
    IFLA_LINKINFO,
    concatenate([
      encodeAttribute(IFLA_INFO_KIND, zeroTerminated(MACVLAN)),
      encodeAttribute(IFLA_INFO_DATA, mode),
    ]),
  );
}

/** The payload of RTM_SETLINK: `ip link set INDEX alias TEXT`. */
export function encodeAlias(index: number, alias: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(alias);
  return concatenate([encodeLinkQuery(index), encodeAttribute(IFLA_IFALIAS, text)]);
}

/** The payload of RTM_SETLINK: `ip link set INDEX address MAC`. */
export function encodeLinkAddress(index: number, mac: MacAddress): Uint8Array<ArrayBuffer> {
  return concatenate([encodeLinkQuery(index), encodeAttribute(IFLA_ADDRESS, mac)]);
}

/** The payload of RTM_SETLINK: `ip link set INDEX up` or `down`. */
export function encodeLinkUp(index: number, up: boolean): Uint8Array<ArrayBuffer> {
  const octets = encodeLinkQuery(index);
  const view = viewOf(octets);
  view.setUint32(8, up ? IFF_UP : 0, true);
  view.setUint32(12, IFF_UP, true);
  return octets;
}

/**
 * The payload of RTM_SETLINK: `ip link set INDEX addrgenmode none`, so that the kernel gives the link no IPv6 address.
 */
export function encodeNoAddressGeneration(index: number): Uint8Array<ArrayBuffer> {
  const mode = encodeAttribute(IFLA_INET6_ADDR_GEN_MODE, Uint8Array.of(IN6_ADDR_GEN_MODE_NONE));
  return concatenate([
    encodeLinkQuery(index),
    encodeAttribute(IFLA_AF_SPEC, encodeAttribute(AF_INET6, mode)),
  ]);
}

function number(value: number): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(4);
  viewOf(octets).setUint32(0, value, true);
  return octets;
}
