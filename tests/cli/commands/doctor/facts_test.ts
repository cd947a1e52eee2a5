/** Facts for `vipd doctor` from what a check as the service's user has found. */

import assert from "node:assert/strict";
import { problemOf } from "../../../../src/cli/commands/doctor/facts.ts";
import type { Diagnostic } from "../../../../src/config/diagnostics.ts";

const FILE = "/etc/vipd/vipd.yaml";

Deno.test("of a configuration that is closed to the service's user, --fix runs what opens file and folders", () => {
  const fixable = (unreadable: string, command: string) => {
    const diagnostic: Diagnostic = {
      ...{ severity: "error", code: "file_unreadable", file: FILE, line: null, column: null },
      ...{ key: null, message: "it cannot be read", hint: command, excerpt: null, unreadable },
    };
    const remedies = new Map([[unreadable, { command, then: null }]]);
    return problemOf(diagnostic, { remedies }).fixable;
  };
  const grant = `chgrp vipd ${FILE} && chmod 640 ${FILE}`;
  for (const command of [grant, "chmod o+x /etc/vipd", `chmod g+x /etc /etc/vipd && ${grant}`]) {
    assert.equal(fixable(FILE, command), true, command);
  }
  assert.equal(fixable("/etc/vipd/api.key", "chmod o+x /etc/vipd"), false);
  assert.equal(fixable(FILE, "chmod o+x '/etc/our vipd'"), false);
  assert.equal(fixable(FILE, "chown -R vipd /var/lib/vipd"), false);
});
