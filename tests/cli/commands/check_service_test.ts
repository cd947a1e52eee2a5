import assert from "node:assert/strict";
import { mayNotExecute, onlyOf, readingCommand } from "../../../src/cli/commands/check_service.ts";
import type { Diagnostic } from "../../../src/config/diagnostics.ts";
import { inFolder } from "../captured_context.ts";

const UNIT = { name: "vipd.service", user: "vipd" };
const problem = (code: Diagnostic["code"], message: string): Diagnostic => ({
  ...{ severity: "error", code, file: "/etc/vipd/vipd.yaml", line: null, column: null },
  ...{ key: null, message, hint: "sudo", excerpt: null },
});

Deno.test("of a vipd that the unit's user may not execute, the message has the command that permits it", () => {
  const { message, hint } = mayNotExecute("/etc/vipd/vipd.yaml", UNIT, ["/opt/our vipd", "run"]);
  assert.equal(message, "for vipd, the user of vipd.service: it may not execute /opt/our vipd");
  assert.equal(hint, "chmod 755 '/opt/our vipd'");
});

Deno.test("what only the unit's user finds says whose it is; a file that it may not read, the command", () => {
  const own = [problem("program_missing", "/bin/no is not there")];
  const unread = { ...problem("invalid_tls", "it cannot be read"), unreadable: "/etc/vipd/key" };
  const key = problem("invalid_key", "it is too short");
  const commands = new Map([["/etc/vipd/key", "chgrp vipd /etc/vipd/key"]]);
  const found = onlyOf([...own, unread, key], own, UNIT, commands);
  assert.deepEqual(found.map(({ message, hint }) => [message, hint]), [
    ["for vipd, the user of vipd.service: it cannot be read", "chgrp vipd /etc/vipd/key"],
    ["for vipd, the user of vipd.service: it is too short", "sudo"],
  ]);
});

Deno.test({
  name:
    "the command that lets a user read a file does so, and another one where the folder is closed",
  ignore: Deno.uid() !== 0,
  fn: () =>
    inFolder(async (folder) => {
      const nobody = { uid: 65534, gid: 65534 };
      const key = `${folder}/api's.key`;
      const isRead = async () =>
        (await new Deno.Command("cat", { args: [key], ...nobody, stderr: "null" }).output())
          .success;
      await Deno.writeTextFile(key, "secret", { mode: 0o600 });
      await Deno.chmod(folder, 0o755);
      assert.equal(await isRead(), false);
      const command = await readingCommand(key, "nogroup", nobody);
      await new Deno.Command("sh", { args: ["-c", command] }).output();
      assert.equal(await isRead(), true, command);
      await Deno.chmod(folder, 0o700);
      assert.match(
        await readingCommand(key, "nogroup", nobody),
        /^install -m 640 -g nogroup .* '\/etc\/vipd\/api'\\''s\.key', and name that file: /,
      );
    }),
});
