/**
 * The disk of a simulated machine.
 *
 * @module
 */

import type { HostError } from "../host/errors.ts";
import type { FoundState, StateStore } from "../host/state_store.ts";

export interface SimDisk {
  /** The stored text; `null` if there is none. */
  text: string | null;
  /** Refuses every write. */
  broken: boolean;
  /** Never answers. */
  hung: boolean;
}

export class SimStore implements StateStore {
  readonly path: string;
  readonly found: FoundState;
  readonly #disk: SimDisk;

  constructor(disk: SimDisk, name = "state.json") {
    this.path = `/var/lib/vipd/${name}`;
    this.#disk = disk;
    this.found = disk.text === null ? { kind: "nothing" } : { kind: "text", text: disk.text };
  }

  write(text: string): Promise<HostError | null> {
    if (this.#disk.hung) return new Promise(() => {});
    if (this.#disk.broken) {
      return Promise.resolve({ code: "EROFS", message: "read-only file system" });
    }
    this.#disk.text = text;
    return Promise.resolve(null);
  }

  setAside(): Promise<string | HostError> {
    if (this.#disk.hung) return new Promise(() => {});
    this.#disk.text = null;
    return Promise.resolve(`${this.path}.aside`);
  }
}
