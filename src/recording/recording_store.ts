/**
 * A store of which is recorded what was found there, and when and how the disk answered.
 *
 * @module
 */

import type { HostError } from "../host/errors.ts";
import type { FoundState, StateStore } from "../host/state_store.ts";
import type { Heard, StoreName } from "./line.ts";
import type { Recorder } from "./recorder.ts";

export class RecordingStore implements StateStore {
  readonly #name: StoreName;
  readonly #store: StateStore;
  readonly #recorder: Recorder;

  constructor(name: StoreName, store: StateStore, recorder: Recorder) {
    this.#name = name;
    this.#store = store;
    this.#recorder = recorder;
  }

  get path(): string {
    return this.#store.path;
  }

  get found(): FoundState {
    return this.#store.found;
  }

  write(text: string): Promise<HostError | null> {
    const writing = this.#recorder.did(
      "write",
      [this.#name, text],
      () => this.#store.write(text),
      () => null,
    );
    return this.#answered(writing, (error) => ({ kind: "stored", store: this.#name, error }));
  }

  setAside(): Promise<string | HostError> {
    const moving = this.#recorder.did(
      "setAside",
      [this.#name],
      () => this.#store.setAside(),
      () => null,
    );
    return this.#answered(moving, (to) => ({ kind: "set_aside", store: this.#name, to }));
  }

  #answered<T>(answer: Promise<T>, heard: (value: T) => Heard): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    void answer.then((value) => this.#recorder.turn(heard(value), () => resolve(value)));
    return promise;
  }
}
