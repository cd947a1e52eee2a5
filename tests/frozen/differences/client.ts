/**
 * The client check and the clocks of a pair.
 *
 * @module
 */

import type { AcceptedDifference } from "./difference.ts";

const KEY = "New key `client_check` of an instance, with the new diagnostic `invalid_client_check`";
const STATUS =
  "The status has the answer as `client_check` of an instance, this node's clock as `now`, how far " +
  "a peer's clock is ahead as `clock_offset_ms`, and of a peer's instances `since` and `client_check`";

function accepted(
  items: string,
  changelog: string,
  ...differences: readonly string[]
): AcceptedDifference[] {
  return differences.map((difference) => ({ items, difference, changelog }));
}

export const CLIENT: readonly AcceptedDifference[] = [
  ...accepted("configurations/*", KEY, '+ /effective/instances/*/clientCheck "auto"'),
  ...accepted("codes/diagnostics", KEY, "+ /invalid_client_check *"),
  ...accepted("codes/schema of the configuration", KEY, "+ /*/client_check *"),
  ...accepted(
    "codes/OpenAPI",
    STATUS,
    "+ /*/NodeStatus/properties/now *",
    "+ /*/PeerInstance/properties/since *",
    "+ /*/PeerInstance/properties/client_check *",
    "+ /paths/*/example/*client_check *",
    '+ /paths/*/example/*since "*"',
    "+ /paths/*/example/*clock_offset_ms *",
    '+ /paths/*/example/now "*"',
  ),
  // With a live vipd the values are those of its run.
  ...accepted(
    "api/*",
    STATUS,
    "+ /body/*client_check null",
    '+ /body/now "*"',
    '+ /body/peers/*/since "*"',
    "+ /body/peers/*/clock_offset_ms *",
  ),
];
