/**
 * Blocks packets to addresses that this host carries but does not serve, through nf_tables.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { VirtualAddress } from "../../vip/addresses.ts";
import { type BlockedAddress, filterChange } from "../../wire/nftables/nft_packet_blocks.ts";
import type { Libc } from "../sys/libc.ts";
import { NftSocket } from "./nft_socket.ts";

export class PacketFilter {
  /** The owner of the table. */
  readonly #socket: NftSocket;
  #refused: ReadonlyMap<string, BlockedAddress> = new Map();

  constructor(libc: Libc) {
    this.#socket = new NftSocket(libc, "refuse packets to virtual addresses (accept: false)");
  }

  /** From now on packets to these addresses are dropped, and to no others; on an error nothing has changed. */
  refuse(addresses: readonly VirtualAddress[]): HostError | null {
    const wanted = new Map(addresses.map((address) => [keyOf(address), address] as const));
    const refuse = [...wanted].filter(([key]) => !this.#refused.has(key)).map(([, it]) => it);
    const accept = [...this.#refused].filter(([key]) => !wanted.has(key)).map(([, it]) => it);
    if (wanted.size === 0) {
      this.close();
      return null;
    }
    if (refuse.length + accept.length === 0) return null;
    const create = this.#refused.size === 0;
    const error = this.#socket.change(
      (suffix) => filterChange({ create, refuse, accept }, suffix),
      create,
    );
    if (!error) this.#refused = wanted;
    // Without a table the socket owns nothing.
    else if (create) this.close();
    return error;
  }

  /** Removes the table with its owner. */
  close(): void {
    this.#socket.close();
    this.#refused = new Map();
  }
}

function keyOf({ address, device }: BlockedAddress): string {
  return `${address} ${device}`;
}
