/** Differences by machines that systemd does not run, and by whoever runs vipd there. */

import { type AcceptedDifference, of } from "./difference.ts";

const HINTS = '"is vipd running" are not systemd\'s alone';
const RESTART = "a change that needs a restart names the way without systemd";
const TOKEN = "`vipd check` warns of a `token_file` of `peers` that cannot be read";

export const WITHOUT_SYSTEMD: readonly AcceptedDifference[] = [
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
];
