/** Differences by machines that systemd does not run, and by whoever runs vipd there. */

import { type AcceptedDifference, of } from "./difference.ts";

const TOKEN = "`vipd check` warns of a `token_file` of `peers` that cannot be read";

export const WITHOUT_SYSTEMD: readonly AcceptedDifference[] = [
  ...of("codes/diagnostics", ["+ /peer_token_unreadable *", TOKEN]),
];
