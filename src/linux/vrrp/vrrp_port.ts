/**
 * A VRRP port: one socket that sends, one for the expected adverts on an interface, and one for all other VRRP that
 * arrives there.
 *
 * A host that floods the link with other protocols or virtual routers then fills only the small buffer of the second
 * socket, which is read now and then. The adverts that an election depends on wait behind none of it.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { VrrpDatagram, VrrpPort, VrrpPortOptions } from "../../host/vrrp.ts";
import type { Family, IpAddress } from "../../wire/address.ts";
import { VRRP_GROUP } from "../../wire/vrrp.ts";
import { advertFilter, type ExpectedRouter } from "../../wire/filters/advert_filter.ts";
import type { SysContext } from "../sys/context.ts";
import { asHostError } from "../sys/errors.ts";
import type { SocketTarget } from "./ip_layer.ts";
import { VrrpSender } from "./vrrp_sender.ts";
import { type Intake, VrrpSocket } from "./vrrp_socket.ts";

/**
 * More datagrams than the buffer holds (the kernel charges some 768 octets for a short one), so that all that waited
 * before a timer are delivered; few enough, at some 5 us each, that a flood does not starve the rest.
 */
const OWN: Intake = { bufferOctets: 512 * 1024, datagramsPerWake: 1500, pauseMs: 0 };
/** Enough to name every other router in a normal network, at a hundredth of a core if there are many. */
const OTHERS: Intake = { bufferOctets: 32 * 1024, datagramsPerWake: 32, pauseMs: 100 };

export class VrrpLinuxPort implements VrrpPort {
  readonly #family: Family;
  readonly #sender: VrrpSender;
  readonly #own: VrrpSocket;
  /** `null` if everything is expected. */
  readonly #others: VrrpSocket | null;

  private constructor(
    family: Family,
    sender: VrrpSender,
    own: VrrpSocket,
    others: VrrpSocket | null,
  ) {
    this.#family = family;
    this.#sender = sender;
    this.#own = own;
    this.#others = others;
  }

  /** Opens a port on the interface that has this name and index now; it stays with that interface. */
  static open(
    context: SysContext,
    target: SocketTarget,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    { multicast = true, groups = [VRRP_GROUP[family]], expected, unread = () => {} }:
      VrrpPortOptions = {},
  ): VrrpLinuxPort | HostError {
    const options = { groups: multicast ? groups : [], receive, unread };
    const open = (intake: Intake, pass: "expected" | "others") =>
      VrrpSocket.open(context, target, family, {
        ...options,
        intake,
        ...(expected && { filter: advertFilter(family, expected, pass) }),
      });
    const opened: { close(): void }[] = [];
    const keep = <T extends { close(): void }>(socket: T): T => {
      opened.push(socket);
      return socket;
    };
    try {
      const own = keep(open(OWN, "expected"));
      const sender = keep(new VrrpSender(context.libc, target, family));
      const others = expected ? open(OTHERS, "others") : null;
      return new VrrpLinuxPort(family, sender, own, others);
    } catch (error) {
      for (const socket of opened) socket.close();
      return asHostError(error);
    }
  }

  send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl?: number,
  ): HostError | null {
    return this.#sender.send(payload, source, destination, ttl);
  }

  expect(routers: readonly ExpectedRouter[]): HostError | null {
    try {
      this.#own.setFilter(advertFilter(this.#family, routers, "expected"));
      this.#others?.setFilter(advertFilter(this.#family, routers, "others"));
      return null;
    } catch (error) {
      return asHostError(error);
    }
  }

  close(): void {
    this.#sender.close();
    this.#own.close();
    this.#others?.close();
  }
}
