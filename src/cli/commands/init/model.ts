/**
 * The answers of a person to `vipd init`, and the facts about the machine: all that its decisions need.
 *
 * @module
 */

import type { InterfaceState } from "../../../host/interfaces.ts";
import type { IpAddress } from "../../../wire/address.ts";
import type { Role } from "../../role.ts";

/** The answers of the user. */
export interface Answers {
  /** With or without a prefix length. */
  readonly addresses: readonly string[];
  readonly vrid: number;
  readonly role: Role;
  /** Empty: the interface that can reach the first address. */
  readonly interface: string;
  /** The other nodes, if multicast does not pass. */
  readonly peers: readonly IpAddress[];
}

/** The facts about this machine. */
export interface MachineFacts {
  readonly hostname: string;
  readonly interfaces: readonly InterfaceState[];
  /** keepalived runs. */
  readonly keepalived: boolean;
  readonly nginx: boolean;
  /** Whether `GET http://127.0.0.1/` succeeds. */
  readonly nginxAnswers: boolean;
}
