/**
 * One question to one host, by whichever protocol.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";

/** One way to ask one host whether it is there. */
export interface Question {
  /**
   * Sends a request; `answered` is called once when it is answered, never during the call.
   *
   * @param target the interface out of which it goes, as it is now; `null` for the one of the route.
   */
  ask(target: InterfaceState | null, answered: () => void): HostError | null;
  close(): void;
}
