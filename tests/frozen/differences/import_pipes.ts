/**
 * Named pipes, multicast groups, and what `vipd import` says about scripts, labels and large files.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const PIPE = "New type `fifo` of `notify`: a named pipe gets a line for each event, as " +
  "keepalived's `notify_fifo` writes it";
const PIPE_CODE = "New code of the configuration: `notify_pipe_unusable`";
const GROUP =
  "New key `multicast_group` of an instance: adverts in another group than the one of the RFC";
const GROUP_CODE = "New code of the configuration: `invalid_multicast_group`";

export const IMPORT_PIPES: readonly AcceptedDifference[] = [
  ...of(
    "codes/diagnostics",
    ["+ /notify_pipe_unusable *", PIPE_CODE],
    ["+ /invalid_multicast_group *", GROUP_CODE],
  ),
  ...of(
    "codes/schema of the configuration",
    ["+ /properties/instances/items/properties/multicast_group *", GROUP],
    ["+ /properties/notify/items/oneOf/* *", PIPE],
  ),
];
