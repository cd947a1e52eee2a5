/**
 * The ports of a recorded host that hear something: VRRP, taps, claims to addresses.
 *
 * @module
 */

import type { ClaimPort, HeardClaim } from "../host/claims.ts";
import { type HostError, isHostError } from "../host/errors.ts";
import type { Host } from "../host/host.ts";
import type { VrrpDatagram, VrrpPort, VrrpPortOptions, VrrpTap } from "../host/vrrp.ts";
import type { Family, IpAddress, MacAddress } from "../wire/address.ts";
import type { Recorder } from "./recorder.ts";

export class RecordingPorts {
  readonly #host: Pick<Host, "openVrrp" | "openVrrpTap" | "openClaims">;
  readonly #recorder: Recorder;
  readonly #names = new PortNames();

  constructor(
    host: Pick<Host, "openVrrp" | "openVrrpTap" | "openClaims">,
    recorder: Recorder,
  ) {
    this.#host = host;
    this.#recorder = recorder;
  }

  openVrrp(
    interfaceName: string,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    options: VrrpPortOptions = {},
  ): VrrpPort | HostError {
    const recorder = this.#recorder;
    const name = this.#names.next(`vrrp ${interfaceName} ${family}`);
    const { unread, ...shown } = options;
    const opened = this.#open("openVrrp", [name, shown], () =>
      this.#host.openVrrp(
        interfaceName,
        family,
        (datagram) => {
          const heard = { kind: "datagram", port: name, datagram: this.#shown(datagram) } as const;
          recorder.turn(heard, () => receive(datagram));
        },
        {
          ...options,
          ...(unread && {
            unread: (count: number) =>
              recorder.turn({ kind: "unread", port: name, count }, () => unread(count)),
          }),
        },
      ));
    if (isHostError(opened)) return opened;
    return {
      send: (payload, source, destination, ttl) => {
        const masked = recorder.standIns.payload(payload, { source, destination });
        return recorder.did(
          "send",
          [name, masked, source, destination, ttl ?? null],
          () => opened.send(payload, source, destination, ttl),
        );
      },
      expect: (routers) => recorder.did("expect", [name, routers], () => opened.expect(routers)),
      close: () => recorder.did("closePort", [name], () => opened.close()),
    };
  }

  openVrrpTap(
    interfaceName: string,
    family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap | HostError {
    const recorder = this.#recorder;
    const port = this.#names.next(`tap ${interfaceName} ${family}`);
    const opened = this.#open(
      "openVrrpTap",
      [port],
      () =>
        this.#host.openVrrpTap(interfaceName, family, (datagram, from) => {
          const event = { kind: "frame", port, datagram: this.#shown(datagram), from } as const;
          recorder.turn(event, () => heard(datagram, from));
        }),
    );
    if (isHostError(opened)) return opened;
    return {
      listen: (listening) =>
        recorder.did("listen", [port, listening], () => opened.listen(listening)),
      close: () => recorder.did("closePort", [port], () => opened.close()),
    };
  }

  openClaims(
    interfaceName: string,
    family: Family,
    addresses: readonly IpAddress[],
    heard: (claim: HeardClaim) => void,
  ): ClaimPort | HostError {
    const recorder = this.#recorder;
    const port = this.#names.next(`claims ${interfaceName} ${family}`);
    const opened = this.#open(
      "openClaims",
      [port, addresses],
      () =>
        this.#host.openClaims(
          interfaceName,
          family,
          addresses,
          (claim) => recorder.turn({ kind: "claim", port, claim }, () => heard(claim)),
        ),
    );
    if (isHostError(opened)) return opened;
    return {
      probe: (address) => recorder.did("askClaim", [port, address], () => opened.probe(address)),
      close: () => recorder.did("closePort", [port], () => opened.close()),
    };
  }

  #open<T extends object>(
    call: string,
    args: readonly unknown[],
    open: () => T | HostError,
  ): T | HostError {
    return this.#recorder.did(call, args, open, (made) => isHostError(made) ? made : null);
  }

  #shown(datagram: VrrpDatagram): VrrpDatagram {
    return { ...datagram, payload: this.#recorder.standIns.payload(datagram.payload, datagram) };
  }
}

/** Names what is opened again and again, so that a recording can say of which one something was heard. */
export class PortNames {
  readonly #opened = new Map<string, number>();

  /** `eth1 ipv4`, then `eth1 ipv4 #2`. */
  next(name: string): string {
    const number = (this.#opened.get(name) ?? 0) + 1;
    this.#opened.set(name, number);
    return number === 1 ? name : `${name} #${number}`;
  }
}
