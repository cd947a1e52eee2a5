/**
 * Asks a host for an echo: ICMP and ICMPv6 through a raw socket (raw(7), RFC 3542 section 3).
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";
import { type Family, familyOf, formatIp, type IpAddress, parseIp } from "../../wire/address.ts";
import {
  answersEcho,
  type Echo,
  echoReplyFilter,
  encodeEchoRequest,
  ICMP_PROTOCOL,
} from "../../wire/icmp.ts";
import {
  AF_INET,
  AF_INET6,
  MSG_DONTWAIT,
  SO_BINDTODEVICE,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from "../sys/constants.ts";
import type { SysContext } from "../sys/context.ts";
import { hostError, must } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import { ReceivedMessage } from "../sys/received_message.ts";
import { attachFilter } from "../sys/socket_options.ts";
import { WatchedSocket } from "../sys/watched_socket.ts";
import type { SocketTarget } from "../vrrp/ip_layer.ts";
import type { Question } from "./question.ts";

/** The length of the nonce that an answer must repeat, in octets. Only a host that sees the request knows the nonce. */
const NONCE_OCTETS = 16;
/** How many answers one wake-up reads; one answer is expected. */
const ANSWERS_PER_WAKE = 8;
/** How long the socket is not read if more came, in milliseconds. */
const PAUSE_MS = 100;
/** Size of the receive buffer, in octets; the kernel doubles it. */
const BUFFER_OCTETS = 8192;
const SEQUENCES = 0x10000;

/** Offset of the address in struct sockaddr_in and struct sockaddr_in6, and the length of each. */
const SOCKET_ADDRESS = {
  ipv4: { domain: AF_INET, octets: 16, at: 4 },
  ipv6: { domain: AF_INET6, octets: 28, at: 8 },
} as const;

export class EchoQuestion implements Question {
  readonly #context: SysContext;
  readonly #address: IpAddress;
  readonly #family: Family;
  readonly #destination: Octets;
  readonly #identifier = crypto.getRandomValues(new Uint16Array(1))[0]!;
  readonly #message = new ReceivedMessage();
  #sequence = 0;
  #asked: { readonly echo: Echo; readonly answered: () => void } | null = null;
  readonly #socket: WatchedSocket;

  /**
   * @param target the interface that sends the request; `null` for the one of the route.
   * @throws {SysError}
   */
  constructor(context: SysContext, address: IpAddress, target: SocketTarget | null) {
    const { libc } = context;
    this.#context = context;
    this.#address = address;
    this.#family = familyOf(address);
    this.#destination = socketAddress(address, target?.index ?? 0);
    const action = `ping ${address}`;
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const { domain } = SOCKET_ADDRESS[this.#family];
    const protocol = ICMP_PROTOCOL[this.#family];
    const fd = must(action, "socket", libc.socket(domain, type, protocol));
    try {
      // First, so that nothing arrives unfiltered.
      attachFilter(libc, fd, action, echoReplyFilter(this.#family, this.#identifier));
      libc.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_OCTETS);
      if (target) bindToDevice(libc, fd, action, target.name);
    } catch (error) {
      libc.closeFd(fd);
      throw error;
    }
    this.#socket = new WatchedSocket(context, fd, () => this.#readWaiting());
  }

  ask(_: InterfaceState | null, answered: () => void): HostError | null {
    this.#sequence = (this.#sequence + 1) % SEQUENCES;
    const data = crypto.getRandomValues(new Uint8Array(NONCE_OCTETS));
    const echo = { identifier: this.#identifier, sequence: this.#sequence, data };
    this.#asked = { echo, answered };
    const request = encodeEchoRequest(this.#family, echo);
    const sent = this.#context.libc.sendto(
      this.#socket.fd,
      request,
      MSG_DONTWAIT,
      this.#destination,
    );
    return sent < 0 ? hostError(`ping ${this.#address}`, "sendto", -sent) : null;
  }

  close(): void {
    this.#socket.close();
  }

  #readWaiting(): void {
    for (let count = 0; count < ANSWERS_PER_WAKE; count++) {
      const { fd } = this.#socket;
      if (fd < 0 || this.#message.receive(this.#context.libc, fd) < 0) return;
      this.#heard();
    }
    this.#socket.pause(performance.now() + PAUSE_MS);
  }

  #heard(): void {
    const { at } = SOCKET_ADDRESS[this.#family];
    const { payload, sender } = this.#message;
    // An IPv4 raw socket gets the IP header too.
    const message = this.#family === "ipv4"
      ? payload.subarray(((payload[0] ?? 0) & 0x0f) * 4)
      : payload;
    const asked = this.#asked;
    const octets = sender.subarray(at, at + (this.#family === "ipv4" ? 4 : 16));
    if (!asked || formatIp(octets) !== this.#address) return;
    if (!answersEcho(this.#family, message, asked.echo)) return;
    this.#asked = null;
    asked.answered();
  }
}

function bindToDevice(libc: Libc, fd: number, action: string, name: string): void {
  const octets = new TextEncoder().encode(`${name}\0`);
  const bound = libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, octets);
  must(action, "setsockopt(SO_BINDTODEVICE)", bound);
}

function socketAddress(address: IpAddress, interfaceIndex: number): Octets {
  const family = familyOf(address);
  const { domain, octets: length, at } = SOCKET_ADDRESS[family];
  const octets = new Uint8Array(length);
  const view = new DataView(octets.buffer);
  view.setUint16(0, domain, true);
  octets.set(parseIp(address) ?? [], at);
  if (family === "ipv6") view.setUint32(24, interfaceIndex, true);
  return octets;
}
