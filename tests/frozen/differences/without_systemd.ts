/** Differences by machines that systemd does not run, and by the user that runs vipd there. */

import { type AcceptedDifference, of } from "./difference.ts";

const INIT =
  "If systemd does not run the machine, `vipd init` writes no units and makes no users, and says so";
const OWNER =
  "Without systemd, `vipd check` and `vipd doctor`, as root, try as the owner of `state_dir`";
const HINTS = '"is vipd running" names the log of vipd, too, for hosts without systemd';
const RESTART = "a change that needs a restart names the way without systemd";
const OWN_URL = "new code `own_peer_url`";
const TOKEN = "`vipd check` warns of a `token_file` of `peers` that cannot be read";

export const WITHOUT_SYSTEMD: readonly AcceptedDifference[] = [
  ...["cli/help init", "cli/init -*"].flatMap((items) =>
    of(
      items,
      ["+ /out | If systemd does not run this machine, it writes *", INIT],
      ["+ /out | person or another program starts vipd run.", INIT],
      ["- /out |   --no-unit          write no unit and make no user", INIT],
      ["+ /out |   --no-unit          write no unit and make no user (default *", INIT],
      ["+ /out |                      not run, unless --unit or --executable is given)", INIT],
    )
  ),
  ...["cli/help check", "cli/check -*"].flatMap((items) =>
    of(items, ["+ /out | without systemd as the owner of state_dir.", OWNER])
  ),
  ...of(
    "cli/manpage",
    ["+ /out | If systemd does not run this machine, it writes *", INIT],
    ["- /out | write no unit and make no user", INIT],
    ["+ /out | write no unit and make no user (default *", INIT],
  ),
  ...of(
    "cli/*, nobody listens*",
    ["- /err | *; is vipd running (systemctl status vipd), and is this its api.listen?", HINTS],
    ["+ /err | *; is vipd running (systemctl status vipd, or the log of *", HINTS],
  ),
  ...of("api/POST /v1/reload, that needs a restart", [
    "~ /body/diagnostics/0/hint * -> *; without systemd end vipd run and start it again)*",
    RESTART,
  ]),
  ...of("codes/diagnostics", ["+ /peer_token_unreadable *", TOKEN]),
  ...of("codes/diagnostics", ["+ /own_peer_url *", OWN_URL]),
];
