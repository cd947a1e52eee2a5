/** The script files of a source, which the import looks at. */

import { deepStrictEqual } from "node:assert/strict";
import { scriptFiles } from "../../../../src/keepalived/keywords/scripts/script_offer.ts";
import { linesOf } from "../../support.ts";

const SOURCE = `
  script "/etc/a.sh 1"
  notify_master /etc/b.sh
  script "/usr/bin/killall -0 nginx"
  script "/etc/a.sh 2"
  notify "/bin/sh /etc/c.sh"
  notify_fault /etc/d.sh
`;

/** So many are wanted, these are named: each once, without programs of the system. */
const FILES: readonly [most: number, files: readonly string[]][] = [
  [100, ["/etc/a.sh", "/etc/b.sh", "/etc/c.sh", "/etc/d.sh"]],
  [4, ["/etc/a.sh", "/etc/b.sh", "/etc/c.sh", "/etc/d.sh"]],
  [3, ["/etc/a.sh", "/etc/b.sh", "/etc/c.sh"]],
  [1, ["/etc/a.sh"]],
];

for (const [most, files] of FILES) {
  Deno.test(`of the script files of a source ${most} at most are named`, () => {
    deepStrictEqual(scriptFiles(linesOf(SOURCE), most), files);
  });
}
