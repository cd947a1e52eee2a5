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
const GROUP_DEFAULT =
  "The effective configuration has the group of each instance, the RFC's own if the file names none";
const GROUP_CODE = "New code of the configuration: `invalid_multicast_group`";

const GROUP_DROP =
  "An advert to another group is discarded as `multicast_group`, no longer as `unicast_mode`";
const SHARED =
  "An address that stands in two instances of a keepalived.conf is a loss, and a label " +
  "of an IPv6 address a note; both were errors";
const OFFER =
  "`vipd import` names one that asks much the same, also for a script whose file is there";

/** The other choices of `type` are named together with the new one. */
function otherChoices(name: string): AcceptedDifference[] {
  return of(
    `configurations/tests ${name}`,
    ["- /check/err | * exec*webhook*email*", PIPE],
    ["+ /check/err | * exec*webhook*email*fifo*", PIPE],
  );
}

export const IMPORT_PIPES: readonly AcceptedDifference[] = [
  ...of(
    "codes/diagnostics",
    ["+ /notify_pipe_unusable *", PIPE_CODE],
    ["+ /invalid_multicast_group *", GROUP_CODE],
  ),
  ...of("codes/discarded adverts", ["+ /multicast_group *", GROUP_DROP]),
  ...of("configurations/*", ['+ /effective/instances/*/multicastGroup "*"', GROUP_DEFAULT]),
  ...of(
    "codes/OpenAPI",
    ['+ /components/schemas/DropCounters/propertyNames/enum/* "multicast_group"', GROUP_DROP],
    ['+ /components/schemas/Notification/properties/type/enum/* "fifo"', PIPE],
  ),
  ...of(
    "codes/schema of the configuration",
    ["+ /properties/instances/items/properties/multicast_group *", GROUP],
    // A list that has grown is compared entry by entry, and each has had changes of other sentences.
    ["- /properties/notify/items/oneOf/* *", PIPE],
    ["+ /properties/notify/items/oneOf/* *", PIPE],
  ),
  ...otherChoices("457"),
  ...otherChoices("478"),
  ...of(
    "configurations/import duplicates.conf",
    ...["check", "import"].flatMap((command) =>
      [
        [`+ /${command}/err | *addresses: its adverts name no address: *`, SHARED],
        [`- /${command}/err | *10.0.0.100 stands at instances[0].addresses[0] already*`, SHARED],
        [`+ /${command}/err | *the address stands in "VI_1" already*`, SHARED],
      ] as const
    ),
  ),
  ...of(
    "configurations/import other_scripts.conf",
    ["+ /check/err | *warning: script: instead of *", OFFER],
    ["+ /import/err | *note: script: instead of *", OFFER],
  ),
];
