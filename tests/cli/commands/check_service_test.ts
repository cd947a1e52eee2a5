import assert from "node:assert/strict";
import { onlyOf } from "../../../src/cli/commands/check_service.ts";
import type { Diagnostic } from "../../../src/config/diagnostics.ts";

const UNIT = { name: "vipd.service", user: "vipd" };
const problem = (code: Diagnostic["code"], message: string): Diagnostic => ({
  ...{ severity: "error", code, file: "/etc/vipd/vipd.yaml", line: null, column: null },
  ...{ key: null, message, hint: "sudo", excerpt: null },
});

Deno.test("what only the unit's user finds says whose it is; a file that it may not read, the command", () => {
  const own = [problem("program_missing", "/bin/no is not there")];
  const unread = problem("file_unreadable", "reading it is not permitted");
  const key = problem("invalid_key", "it cannot be read");
  const found = onlyOf([...own, unread, key], own, UNIT);
  assert.deepEqual(found.map(({ message, hint }) => [message, hint]), [
    [
      "for vipd, the user of vipd.service: reading it is not permitted",
      "chgrp vipd /etc/vipd/vipd.yaml && chmod 640 /etc/vipd/vipd.yaml",
    ],
    ["for vipd, the user of vipd.service: it cannot be read", "sudo"],
  ]);
});
