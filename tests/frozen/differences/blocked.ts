/**
 * Adverts that a node's own firewall drops, and what a status always has.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const BLOCKED = "The verdict says if a node's own firewall drops its adverts on their way out " +
  "(`adverts_blocked`, also a new key of the status)";
const DROPPED_BY = "New key `adverts_dropped_by` of an instance in the status, here and of peers";
const STRAY =
  "`address_on_backup` of an instance in the status says which address is on a node that is not " +
  "master, and on which device";
const QUESTIONS = "A backup over IPv4 multicast asks the kernel once a second, with an advert of " +
  "TTL 0 that does not leave the machine";
const REQUIRED =
  "A command's answer has the verdict on the pair; `pair` and `client_check` of an instance, and " +
  "`now`, are required in the OpenAPI document";

export const BLOCKED_ADVERTS: readonly AcceptedDifference[] = [
  ...of(
    "codes/OpenAPI",
    ["+ /components/schemas/*Instance/properties/adverts_blocked *", BLOCKED],
    ["+ /components/schemas/*Instance/properties/adverts_dropped_by *", DROPPED_BY],
    ["+ /components/schemas/Instance/properties/address_on_backup *", STRAY],
    ["+ /paths/*/example/*pair {*", REQUIRED],
    ['+ /components/schemas/Instance/required/* "pair"', REQUIRED],
    ['+ /components/schemas/Instance/required/* "client_check"', REQUIRED],
    ['+ /components/schemas/NodeStatus/required/* "now"', REQUIRED],
  ),
  ...of("traces/*", ["+ /adverts | * send * 0", QUESTIONS]),
  ...of("packets/*", ["+ /adverts | * send * 0", QUESTIONS]),
];
