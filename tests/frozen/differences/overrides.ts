/**
 * Who gave an override, and why; commands for several instances.
 *
 * @module
 */

import { type AcceptedDifference, of } from "./difference.ts";

const WHO_AND_WHY =
  "`--reason TEXT` of promote, demote, release and priority (`reason` in the API): why, in the journal and the status";
const SEVERAL =
  "Promote, demote, release and priority take several instances, sync groups and `--all`";
const UNTIL_WHEN = "A command says until when its override stands";
const RELEASE_OF_NOTHING = "A release of nothing says so, with exit code 0";
const CAUSE_FIRST =
  "The journal has a demote before the hand-over that it causes; new code `order_failed` for one " +
  "that came to nothing";

const CLOCK_SET =
  "An override for a time ends when that has passed, also if the clock is set meanwhile";

const CLOCK =
  "A start whose clock is behind the last event of the run before says so (`clock_set_back`)";

const REPLACED = "An override that replaces another one says which";

/** The seeds in which a command follows on a demote in the moment in which that takes effect. */
const SEEDS_WITH_A_PRIORITY_AFTER_A_DEMOTE = [96, 181, 283, 326, 362, 474];
const SEEDS_WITH_A_PRIORITY_INSTEAD = [283, 326];

export const OVERRIDES: readonly AcceptedDifference[] = [
  ...of("codes/journal", ["+ /order_failed *", CAUSE_FIRST], ["+ /clock_set_back *", CLOCK]),
  ...of(
    "codes/OpenAPI",
    ["+ /*/requestBody/*/properties/reason *", WHO_AND_WHY],
    ["+ /components/schemas/Override/properties/by *", WHO_AND_WHY],
    ["+ /components/schemas/Override/properties/reason *", WHO_AND_WHY],
    ["+ /components/schemas/JournalEntry/properties/by *", WHO_AND_WHY],
    ["+ /components/schemas/JournalEntry/properties/reason *", WHO_AND_WHY],
    ["+ /components/schemas/CommandClient *", WHO_AND_WHY],
  ),
  ...of(
    "api/*",
    ["+ /body/*override/by *", WHO_AND_WHY],
    ['* /body/* | data: {*"code":"order_given",*', WHO_AND_WHY],
  ),
  ...of("api/GET /metrics*", ['+ /body/*code="order_failed"} true', CAUSE_FIRST]),
  ...["packets/*", "traces/*"].flatMap((items) =>
    of(
      items,
      ["* /journal | * notice order_given * {}", CAUSE_FIRST],
      ["* /messages | * order_given *: demoted manually, *", CAUSE_FIRST],
    )
  ),
  ...of(
    "traces/*",
    ["+ /journal | * notice order_failed * {}", CAUSE_FIRST],
    ["+ /messages | * order_failed *: the demote had no effect*", CAUSE_FIRST],
    ["~ /messages | * order_given *: * manually, *{* -> *instead of *}*", REPLACED],
  ),
  ...SEEDS_WITH_A_PRIORITY_AFTER_A_DEMOTE.flatMap((seed) =>
    of(`traces/seed ${seed}`, ["> /journal | * notice priority_changed * {}", CAUSE_FIRST])
  ),
  // The entry about the demote is no longer in the moment of the one about the priority.
  ...SEEDS_WITH_A_PRIORITY_INSTEAD.flatMap((seed) =>
    of(
      `traces/seed ${seed}`,
      ["- /messages | * order_given *: priority set to * manually, until released", CAUSE_FIRST],
      ["~ /messages | * order_given *: {demoted manually, * -> priority set to *}", CAUSE_FIRST],
    )
  ),
  // These nodes start again with a clock that was set back.
  ...of("traces/seed 206", [
    "~ /messages | * order_resumed *, before the clock was set back,} *",
    CLOCK,
  ]),
  ...of("traces/seed 493", [
    "~ /messages | * order_resumed *, before the clock was set back, still stands, *",
    CLOCK_SET,
  ]),
  ...of(
    "cli/*",
    ["- /out | NAME may be left out where the node has one instance.", SEVERAL],
    ["+ /out | NAME is an instance or a sync group, *", SEVERAL],
    ["+ /out | names or --all for several.*", SEVERAL],
    ["+ /out | instance has its line; *", SEVERAL],
    ["+ /out | exit code is that of the first failure.", SEVERAL],
    ["+ /out |   --all              all instances of the node", SEVERAL],
    ["+ /out |   --reason TEXT *", WHO_AND_WHY],
    ["+ /out |                      200 characters", WHO_AND_WHY],
    ['+ /out |   vipd demote --all --for 2h --reason "kernel update"', SEVERAL],
    ["+ /out |   vipd release --all", SEVERAL],
    ["+ /out |   vipd priority --all --reset", SEVERAL],
  ),
  ...of(
    "cli/completion fish",
    ["+ /out | complete *' -l all -d 'all instances of the node'", SEVERAL],
    ["+ /out | complete *' -l reason *", WHO_AND_WHY],
  ),
  ...of(
    "cli/manpage",
    ["- /out | *NAME may be left out where the node has one instance.", SEVERAL],
    ["+ /out | *NAME is an instance or a sync group, *", SEVERAL],
    ["+ /out | *\\-\\-all*", SEVERAL],
    ["+ /out | all instances of the node", SEVERAL],
    ["+ /out | *\\-\\-reason*", WHO_AND_WHY],
    ["+ /out | why, for journal and status: *", WHO_AND_WHY],
  ),
  ...of("cli/mistake: promote a b", ["* /*", SEVERAL]),
  ...of("cli/promote, two instances", ["* /err | vipd: name *", SEVERAL]),
  ...of("cli/*, obeyed", ["* /out | VI_1: lb01 is * 612 ms*", UNTIL_WHEN]),
  ...of("cli/release, obeyed", ["* /out | VI_1: *rele*", RELEASE_OF_NOTHING]),
  ...of("cli/simulate *", ["+ /out | * demoted manually, *", CAUSE_FIRST]),
];
