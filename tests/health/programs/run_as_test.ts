import assert from "node:assert/strict";
import type { ExecCheckConfig, UserConfig } from "../../../src/health/check_config.ts";
import { accountProblem, findAccount, hasOnly } from "../../../src/health/programs/accounts.ts";
import { COMMON, probeOnce } from "../probing.ts";

const ignore = Deno.uid() !== 0;

function shell(script: string, user: UserConfig): ExecCheckConfig {
  return { ...COMMON, type: "exec", command: ["/bin/sh", "-c", script], user };
}

Deno.test("root runs programs as anybody, another user only as itself", () => {
  const daemon = { uid: 1, gid: 1 };
  assert.equal(accountProblem(daemon, 0), null);
  assert.equal(accountProblem(daemon, 1), null);
  assert.match(accountProblem(daemon, 998) ?? "", /^only root can run programs as another user/);
  assert.match(accountProblem({ uid: 0, gid: 0 }, 998) ?? "", /^only root/);
});

Deno.test({
  name: "a check runs as the user that it names, without vipd's groups and powers",
  ignore,
  fn: async (t) => {
    const cases: readonly [UserConfig, string][] = [
      [{ name: "nobody" }, "65534 65534 65534"],
      [{ name: "nobody", group: "daemon" }, "65534 1 1"],
      [{ name: "65534", group: "65534" }, "65534 65534 65534"],
    ];
    for (const [user, expected] of cases) {
      await t.step(`${user.name}:${user.group ?? ""}`, async () => {
        const result = await probeOnce(shell("echo $(id -u) $(id -g) $(id -G)", user));
        assert.equal(result.detail, `exit code 0: ${expected}`);
      });
    }
    const powers = await probeOnce(
      shell(
        "grep -E '^Cap(Prm|Eff|Amb)' /proc/self/status | tr -d '[:alpha:]\\n\\t'",
        cases[0]![0],
      ),
    );
    assert.match(powers.detail, /^exit code 0: [:0]+$/);
  },
});

Deno.test({
  name: "a check whose user is not known, or must not run it, fails",
  ignore,
  fn: async () => {
    const unknown = await probeOnce(shell("exit 0", { name: "no-such-user" }));
    assert.deepEqual(
      [unknown.ok, unknown.detail],
      [false, "cannot run /bin/sh: there is no user no-such-user"],
    );
    const folder = await Deno.makeTempDir();
    const command = [`${folder}/program`] as const;
    await Deno.writeTextFile(command[0], "#!/bin/sh\n", { mode: 0o700 });
    const refused = await probeOnce({ ...COMMON, type: "exec", command, user: { name: "nobody" } });
    assert.equal(refused.ok, false);
    assert.match(refused.detail, /cannot run .*: user nobody may not enter /);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("a program starts with no descriptors but its own three", async () => {
  // Those that this process was given by others and that stay open across execve(2) are not vipd's.
  const inherited = await new Deno.Command("/bin/ls", { args: ["/proc/self/fd"] }).output();
  const held = await Deno.open("/dev/null");
  const check: ExecCheckConfig = {
    ...COMMON,
    type: "exec",
    command: ["/bin/sh", "-c", "echo $(ls /proc/self/fd)"],
  };
  const { detail } = await probeOnce(check);
  held.close();
  const before = new TextDecoder().decode(inherited.stdout).trim().split("\n").join(" ");
  assert.equal(detail, `exit code 0: ${before}`);
});

Deno.test("users and groups are found by name and by number, or it is said what is missing", async () => {
  assert.deepEqual(await findAccount({ name: "root" }), { uid: 0, gid: 0 });
  assert.deepEqual(await findAccount({ name: "0" }), { uid: 0, gid: 0 });
  assert.deepEqual(await findAccount({ name: "4711", group: "4712" }), { uid: 4711, gid: 4712 });
  assert.equal(await findAccount({ name: "4711" }), "user 4711 has no group of its own: name one");
  assert.equal(await findAccount({ name: "root", group: "no-such" }), "there is no group no-such");
  assert.equal(
    await findAccount({ name: "4294967295", group: "0" }),
    "there is no user 4294967295",
  );
});

Deno.test("a group that others are in is not one's own", async () => {
  assert.equal(await hasOnly(0, new Set([0])), true);
  assert.equal(await hasOnly(65_534, new Set([0])), false, "user nobody's own");
  assert.equal(await hasOnly(987_654, new Set([0])), false, "nobody knows who is in it");
});
