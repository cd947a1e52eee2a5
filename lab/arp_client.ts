/**
 * A client that asks which host has some addresses, one question every millisecond, and believes the last answer or
 * announcement. Its belief at any moment is its ARP cache (RFC 826).
 *
 * @module
 */

import { LabError } from "./error.ts";
import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { clockMs, sleep, waitFor } from "./wait.ts";

/** From this moment on, in milliseconds since the epoch, the client believes that the address is at this MAC address. */
export interface ArpChange {
  readonly atMs: number;
  readonly address: string;
  readonly mac: string;
}

/** The output of the client's process, ten times a second. */
export interface ArpClientLine {
  /** The changes of its belief since the last line. */
  readonly changes: readonly ArpChange[];
  /** Everything that arrived before is in this line or an earlier one. */
  readonly untilMs: number;
}

/** A running client. */
export class ArpClient {
  readonly #changes: ArpChange[] = [];
  #untilMs = 0;

  private constructor(process: LabProcess) {
    process.onLine((text) => {
      if (!text.startsWith("{")) return;
      const { changes, untilMs } = JSON.parse(text) as ArpClientLine;
      this.#changes.push(...changes);
      this.#untilMs = untilMs;
    });
  }

  /**
   * Starts asking on `device` of `host`, for the last address and for one of all in turn; resolves when it believes
   * that all of them are at `mac`.
   */
  static async start(
    host: LabHost,
    device: string,
    addresses: readonly string[],
    mac: string,
  ): Promise<ArpClient> {
    const process = host.start("ARP client", [
      // At the highest priority if permitted, because the beat is the measure.
      ...["nice", "-n", "-20", Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all"],
      new URL("arp_client_process.ts", import.meta.url).pathname,
      ...[device, ...addresses],
    ]);
    const client = new ArpClient(process);
    await waitFor(
      `${addresses.length} addresses at ${mac}`,
      () => addresses.every((address) => client.#now(address) === mac),
      { timeoutMs: 20_000, explain: () => process.lastLines.slice(-3).join("\n") },
    );
    return client;
  }

  #now(address: string): string | undefined {
    return this.#changes.findLast((it) => it.address === address)?.mac;
  }

  /** Waits until the client has reported its belief at that moment. */
  async reportedUntil(atMs: number): Promise<void> {
    await sleep(Math.max(0, atMs - clockMs()));
    await waitFor("the ARP client's next line", () => this.#untilMs >= atMs, { timeoutMs: 10_000 });
  }

  /** The MAC addresses that it believed an address to be at, from one moment to another; none before it knew one. */
  believed(address: string, fromMs: number, untilMs: number): string[] {
    const changes = this.#changes.filter((it) => it.address === address && it.atMs <= untilMs);
    const first = changes.findLastIndex((it) => it.atMs <= fromMs);
    return changes.slice(Math.max(0, first)).map(({ mac }) => mac);
  }

  /**
   * When it first believed, from that moment on, that the address is at `mac`.
   *
   * @throws {LabError} If it never did.
   */
  foundAt(address: string, mac: string, fromMs: number): number {
    const found = this.#changes.find((it) =>
      it.address === address && it.mac === mac && it.atMs >= fromMs
    );
    if (found === undefined) throw new LabError(`The client never found ${address} at ${mac}`);
    return found.atMs;
  }
}
