/**
 * One request to one host, by any protocol.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";

/** One way to ask one host whether it is there. */
export interface Question {
  /**
   * Sends a request; calls `answered` once when it is answered, never during the call.
   *
   * @param target the present state of the interface that sends the request; `null` for the one of the route.
   */
  ask(target: InterfaceState | null, answered: () => void): HostError | null;
  close(): void;
}
