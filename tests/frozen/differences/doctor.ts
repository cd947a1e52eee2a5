/** Differences of `vipd doctor`: the checklist, and what it fixes itself. */

import { type AcceptedDifference, of } from "./difference.ts";

const CHECKLIST =
  "`vipd doctor` is a checklist: it prints a line for each point that is right, then the findings. " +
  "`--json` has them under `passed`, and `fixable` of each finding";
const FIX =
  "`vipd doctor --fix` makes the fixes that last and concern vipd or the kernel alone, after a " +
  "question or with `--yes`";

const SERVICE =
  "`vipd doctor`, as root, tries the configuration as the user of `vipd.service`, too (`service_refused`)";

const OTHER_VRID =
  "`vipd doctor` names the router that advertises an instance's address under another VRID; it called " +
  'the pair\'s other node "another machine". The meaning of its code `address_in_use` says so';

const FRONT_UNIT = "new finding `front_unit_missing`";
const HELP = ["cli/help doctor", "cli/doctor --help", "cli/doctor -h"];

export const DOCTOR: readonly AcceptedDifference[] = [
  ...HELP.flatMap((items) =>
    of(
      items,
      ["* /out | changes nothing*", FIX],
      ["+ /out | see it all. Prints a line for each point *", CHECKLIST],
      ["+ /out | the command that fixes it.", CHECKLIST],
      ["* /out | *print an object: *, each with *", CHECKLIST],
      ["+ /out |                  findings, each with code, severity, subject, *", CHECKLIST],
      ["* /out |                  *command*", CHECKLIST],
      ["+ /out |   vipd doctor --fix", FIX],
      ["+ /out |   --fix          fix what vipd can fix itself, *", FIX],
      ["+ /out |                  kernel, its units, *", FIX],
      ["+ /out |                  time source, *", FIX],
      ["+ /out |                  copy of each file *", FIX],
      ["+ /out |   --yes          with --fix: ask nothing", FIX],
    )
  ),
  ...of(
    "cli/manpage",
    ["* /out | Examines what an address needs *", CHECKLIST],
    ["* /out | print an object: *, each with *", CHECKLIST],
    ["+ /out | vipd doctor *fix", FIX],
    ["+ /out | fix what vipd can fix itself, *", FIX],
    ["+ /out | with *fix: ask nothing", FIX],
  ),
  ...of("codes/findings of the doctor", ["+ /service_refused *", SERVICE]),
  ...of("codes/findings of the doctor", ["+ /front_unit_missing *", FRONT_UNIT]),
  ...of("codes/findings of the doctor", ["~ /address_in_use *", OTHER_VRID]),
  ...of(
    "cli/completion *",
    ["* /out | *print an object: *, each with *", CHECKLIST],
    ["+ /out | *fix what vipd can fix itself, *", FIX],
    ["+ /out | *with --fix: ask nothing*", FIX],
  ),
];
