import assert from "node:assert/strict";
import {
  keptReadable,
  mayNotExecute,
  ofUser,
  onlyOf,
  readingRemedy,
} from "../../../src/cli/machine/check_service.ts";
import type { Diagnostic } from "../../../src/config/diagnostics.ts";
import { inFolder } from "../captured_context.ts";

const NOBODY = { uid: 65534, gid: 65534 };
const RUNNER = { named: "vipd, the user of vipd.service", user: "vipd", account: NOBODY };
const problem = (code: Diagnostic["code"], message: string): Diagnostic => ({
  ...{ severity: "error", code, file: "/etc/vipd/vipd.yaml", line: null, column: null },
  ...{ key: null, message, hint: "sudo", excerpt: null },
});

Deno.test("of a vipd that its user may not execute, the message has the command that permits it", () =>
  inFolder(async (folder) => {
    const vipd = `${folder}/our vipd`;
    const remedy = () => {
      const { message, hint } = mayNotExecute("/etc/vipd/vipd.yaml", RUNNER, [vipd, "run"]);
      assert.equal(message, `for vipd, the user of vipd.service: it may not execute ${vipd}`);
      return hint;
    };
    await Deno.chmod(folder, 0o755);
    assert.equal(remedy(), `chmod 755 '${vipd}'`);
    await Deno.chmod(folder, 0o700);
    assert.equal(remedy(), `install -m 755 '${vipd}' '/usr/local/bin/our vipd'`);
  }));

Deno.test("what only the user that runs vipd finds says whose it is; a file that it may not read, the command", () => {
  const own = [problem("program_missing", "/bin/no is not there")];
  const unread = { ...problem("invalid_tls", "it cannot be read"), unreadable: "/etc/vipd/key" };
  const far = { ...problem("invalid_tls", "nor can it"), unreadable: "/root/key" };
  const key = problem("invalid_key", "it is too short");
  const remedies = new Map([
    ["/etc/vipd/key", { command: "chgrp vipd /etc/vipd/key", then: null }],
    ["/root/key", { command: "install /root/key /etc/vipd/key", then: "name /etc/vipd/key" }],
  ]);
  const found = onlyOf([...own, unread, far, key], own, RUNNER, remedies);
  assert.deepEqual(found.map(({ message, hint }) => [message, hint]), [
    ["for vipd, the user of vipd.service: it cannot be read", "chgrp vipd /etc/vipd/key"],
    [
      "for vipd, the user of vipd.service: nor can it",
      "name /etc/vipd/key: install /root/key /etc/vipd/key",
    ],
    ["for vipd, the user of vipd.service: it is too short", "sudo"],
  ]);
});

Deno.test({
  name: "a secret that is closed to others stays readable for the user that runs vipd",
  ignore: Deno.uid() !== 0,
  fn: () =>
    inFolder(async (folder) => {
      const secret = `${folder}/chat.url`;
      await Deno.chmod(folder, 0o755);
      await Deno.writeTextFile(secret, "secret", { mode: 0o644 });
      const hinted = async (hint: string, account = NOBODY) => {
        const open = { ...problem("notify_file_open", "every user can use it"), hint };
        return (await keptReadable(open, { user: "nobody", account }, `${folder}/state`)).hint;
      };
      const closed = `chgrp nogroup ${secret} && chmod 640 ${secret}`;
      assert.equal(await hinted(`chmod o= ${secret}`), closed);
      assert.equal(await hinted(`take the permission away: chmod o-r ${secret}`), closed);
      const [root, other] = [{ uid: 0, gid: 0 }, "write it as 1s"];
      assert.equal(await hinted(`chmod o= ${secret}`, root), `chmod o= ${secret}`);
      assert.equal(await hinted(other), other);
    }),
});

Deno.test("programs and pipes without a user are those of the user that runs vipd", () => {
  const entries = [
    { type: "exec", name: "script" },
    { type: "exec", name: "own", user: { name: "backup" } },
    { type: "fifo", name: "pipe" },
    { type: "webhook", name: "chat" },
  ];
  assert.deepEqual(ofUser(entries, RUNNER), [
    { type: "exec", name: "script", user: { name: "vipd" } },
    entries[1],
    { type: "fifo", name: "pipe", user: { name: "vipd" } },
    entries[3],
  ]);
  assert.deepEqual(ofUser(entries, { user: "root", account: { uid: 0, gid: 0 } }), entries);
});

Deno.test({
  name:
    "the command that lets a user read a file does so, and another one where the folder is closed, or is its own",
  ignore: Deno.uid() !== 0,
  fn: () =>
    inFolder(async (folder) => {
      const runner = { user: "nobody", account: NOBODY };
      const [key, stateDir] = [`${folder}/api's.key`, `${folder}/state`];
      const isRead = async (file: string) =>
        (await new Deno.Command("cat", { args: [file], ...NOBODY, stderr: "null" }).output())
          .success;
      const typed = async (command: string) =>
        (await new Deno.Command("sh", { args: ["-c", command] }).output()).success;
      await Deno.writeTextFile(key, "secret", { mode: 0o600 });
      await Deno.chmod(folder, 0o755);
      assert.equal(await isRead(key), false);
      const { command, then } = await readingRemedy(key, runner, stateDir);
      assert.deepEqual(
        [await typed(command), await isRead(key), then],
        [true, true, null],
        command,
      );

      await Deno.mkdir(`${stateDir}/pair`, { recursive: true, mode: 0o700 });
      const own = `${stateDir}/pair/api.key`;
      await Deno.writeTextFile(own, "secret", { mode: 0o600 });
      const given = await readingRemedy(own, runner, stateDir);
      assert.equal(given.command, `chown -R nobody ${stateDir}`);
      assert.deepEqual([await typed(given.command), await isRead(own)], [true, true]);

      const keys = `${folder}/vipd/keys`;
      await Deno.mkdir(keys, { recursive: true });
      for (const mode of [0o600, 0o644]) {
        await Deno.writeTextFile(`${keys}/vrrp.key`, "secret");
        await Deno.chown(`${keys}/vrrp.key`, 0, 0);
        for (
          const [path, bits] of [[`${keys}/vrrp.key`, mode], [keys, 0o700], [
            `${folder}/vipd`,
            0o700,
          ]] as const
        ) {
          await Deno.chmod(path, bits);
        }
        const opened = await readingRemedy(`${keys}/vrrp.key`, runner, stateDir, `${folder}/vipd`);
        const start = `chmod o+x ${folder}/vipd ${keys}`;
        const grant = ` && chgrp nogroup ${keys}/vrrp.key && chmod 640 ${keys}/vrrp.key`;
        assert.deepEqual(opened, { command: mode === 0o644 ? start : start + grant, then: null });
        assert.deepEqual([await typed(opened.command), await isRead(`${keys}/vrrp.key`)], [
          true,
          true,
        ]);
      }

      await Deno.chmod(folder, 0o700);
      const copied = await readingRemedy(key, runner, stateDir);
      const copy = `${folder}/copy.key`;
      const named = "'/etc/vipd/api'\\''s.key'";
      assert.ok(copied.command.endsWith(` ${named}`), copied.command);
      assert.match(
        copied.then!,
        /^name \/etc\/vipd\/api's\.key in its place, because nobody does not/,
      );
      await Deno.chmod(folder, 0o755);
      assert.ok(await typed(copied.command.replace(named, copy)), copied.command);
      assert.ok(await isRead(copy));
    }),
});
