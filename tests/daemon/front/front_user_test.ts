import assert from "node:assert/strict";
import { chooseFrontUser, type UserSources } from "../../../src/daemon/front/front_user.ts";

const ALL_IDS = "         0          0 4294967295\n";
const OWN = { uid: 998, gid: 997 };
const NOBODY = { uid: 65534, gid: 65534 };

/** The unit's two capabilities, and the three that a change of user needs as well. */
const TWO = "CapEff:\t0000000000003000\n";
const FIVE = "CapEff:\t00000000000030c1\n";

interface Machine {
  readonly engineUid?: number;
  readonly files?: Readonly<Record<string, string | null>>;
  readonly accounts?: Readonly<Record<string, { uid: number; gid: number }>>;
  readonly taken?: readonly number[];
}

function sources({ engineUid = 0, files, accounts = {}, taken = [] }: Machine): UserSources {
  const known: Record<string, string | null> = {
    "/proc/self/status": `Name:\tvipd\n${FIVE}`,
    "/proc/self/uid_map": ALL_IDS,
    "/proc/self/gid_map": ALL_IDS,
    ...files,
  };
  return {
    engineUid,
    readKernelFile: (path) => known[path] ?? null,
    account: (name) => Promise.resolve(accounts[name] ?? null),
    isFree: (id) => Promise.resolve(!taken.includes(id)),
  };
}

async function chosen(machine: Machine, runDir = "/run/vipd") {
  const choice = await chooseFrontUser(runDir, sources(machine));
  return choice.ok ? choice : assert.fail(choice.problem);
}

async function problemOf(machine: Machine): Promise<string> {
  const choice = await chooseFrontUser("/run/vipd", sources(machine));
  return choice.ok ? assert.fail(`it is ${choice.user?.uid}`) : choice.problem;
}

Deno.test("the front of an engine that is root is vipd-front", async () => {
  const { user, warning } = await chosen({ accounts: { "vipd-front": OWN, nobody: NOBODY } });
  assert.deepEqual([user, warning], [OWN, null]);
});

Deno.test("without that account it is a number of its own, which no account and no group has", async () => {
  const first = await chosen({ accounts: { nobody: NOBODY } });
  assert.ok(first.user);
  const { uid, gid } = first.user;
  assert.equal(uid, gid);
  assert.ok(uid >= 60706 && uid <= 61183, `${uid} is given away by nobody`);
  assert.equal(first.warning, null);
  assert.deepEqual(await chosen({}), first, "the same at each start");
  const next = await chosen({ taken: [uid] });
  assert.notEqual(next.user?.uid, uid);
  const other = await chosen({}, "/run/vipd-2");
  assert.notEqual(other.user?.uid, uid, "two engines on one machine have two");
});

Deno.test("nobody, whom other programs may be, is the last choice and worth a warning", async () => {
  const few = "0 100000 1000\n65534 65534 1\n";
  const files = { "/proc/self/uid_map": few, "/proc/self/gid_map": few };
  const { user, warning } = await chosen({ files, accounts: { nobody: NOBODY } });
  assert.deepEqual(user, NOBODY);
  assert.match(warning ?? "", /as other programs may.*make a user vipd-front/);
});

Deno.test("no front is root: without the capabilities for another user there is none", async (t) => {
  const accounts = { "vipd-front": OWN, nobody: NOBODY };
  await t.step("the unit's two capabilities alone", async () => {
    const problem = await problemOf({ accounts, files: { "/proc/self/status": TWO } });
    assert.match(
      problem,
      /no front runs as root: give it CAP_SETUID, CAP_SETGID, CAP_CHOWN and CAP_KILL, too/,
    );
  });
  await t.step("accounts that are root's", async () => {
    const root = { uid: 0, gid: 0 };
    const few = "0 0 2\n";
    const files = { "/proc/self/uid_map": few, "/proc/self/gid_map": few };
    assert.match(
      await problemOf({ files, accounts: { "vipd-front": root, nobody: root } }),
      /no front runs as root/,
    );
  });
});

for (const file of ["status", "uid_map", "gid_map"]) {
  Deno.test(`as long as /proc/self/${file} cannot be read, nobody knows whether the front can be another user`, async () => {
    const files = { [`/proc/self/${file}`]: null };
    assert.match(await problemOf({ files }), /the kernel does not say.*ulimit -n/);
  });
}

Deno.test("where there is no other user, the front is the engine's, with a warning", async (t) => {
  await t.step("an engine that is not root", async () => {
    const { user, warning } = await chosen({ engineUid: 998 });
    assert.equal(user, null);
    assert.match(warning ?? "", /the engine's own user.*or vipd as root/);
  });
  await t.step("a user namespace of one id", async () => {
    const one = "         0       1000          1\n";
    const files = { "/proc/self/uid_map": one, "/proc/self/gid_map": one };
    const { user, warning } = await chosen({ files });
    assert.equal(user, null);
    assert.match(warning ?? "", /this user namespace has no other/);
  });
});
