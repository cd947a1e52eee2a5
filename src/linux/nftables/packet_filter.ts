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
  #blocked: ReadonlyMap<string, BlockedAddress> = new Map();

  constructor(libc: Libc) {
    this.#socket = new NftSocket(libc, "refuse packets to virtual addresses (accept: false)");
  }

  /** From now on packets to these addresses are dropped, and to no others; on an error nothing has changed. */
  block(addresses: readonly VirtualAddress[]): HostError | null {
    const desired = new Map(addresses.map((address) => [keyOf(address), address] as const));
    const block = [...desired].filter(([key]) => !this.#blocked.has(key)).map(([, it]) => it);
    const accept = [...this.#blocked].filter(([key]) => !desired.has(key)).map(([, it]) => it);
    if (desired.size === 0) {
      this.close();
      return null;
    }
    if (block.length + accept.length === 0) return null;
    const create = this.#blocked.size === 0;
    const error = this.#socket.change(
      (suffix) => filterChange({ create, block, accept }, suffix),
      create,
    );
    if (!error) this.#blocked = desired;
    // Without a table the socket owns nothing.
    else if (create) this.close();
    return error;
  }

  /** Removes the table with its owner. */
  close(): void {
    this.#socket.close();
    this.#blocked = new Map();
  }
}

function keyOf({ address, device }: BlockedAddress): string {
  return `${address} ${device}`;
}
