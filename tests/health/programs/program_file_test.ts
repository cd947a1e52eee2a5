import assert from "node:assert/strict";
import { join } from "node:path";
import { findProgram, type ProgramProblem } from "../../../src/health/programs/program_file.ts";
import { StartGate } from "../start_gate.ts";

const SCRIPT = "#!/bin/sh\nexit 0\n";
const me = Deno.uid()!;

/** A folder with what `make` puts there, and what is then said of a program. */
interface FileCase {
  readonly name: string;
  /** Makes files in the folder and returns the program's path, `program` if it returns nothing. */
  readonly make: (folder: string) => Promise<string | void>;
  /** `null` where it may be run. */
  readonly code: ProgramProblem["code"] | null;
  readonly says?: RegExp;
  /** True when files must be given to others. */
  readonly asRoot?: true;
}

const write = (path: string, text = SCRIPT, mode = 0o755) =>
  // The process's umask takes bits away from what is asked for.
  Deno.writeTextFile(path, text).then(() => Deno.chmod(path, mode));
const mkdir = (path: string, mode: number) => Deno.mkdir(path).then(() => Deno.chmod(path, mode));

const NOBODY = 65_534;

const CASES: readonly FileCase[] = [
  { name: "a script of one's own", make: (at) => write(`${at}/program`), code: null },
  { name: "a binary", make: () => Promise.resolve("/bin/true"), code: null },
  { name: "a system's program by its name", make: () => Promise.resolve("sh"), code: null },
  {
    name: "a link to a script",
    make: async (at) => {
      await write(`${at}/real`);
      await Deno.symlink("./real", `${at}/program`);
    },
    code: null,
  },
  {
    name: "a link through .. and an absolute link",
    make: async (at) => {
      await write(`${at}/real`);
      await mkdir(`${at}/deep`, 0o755);
      await Deno.symlink(`${at}/deep/../real`, `${at}/program`);
    },
    code: null,
  },
  {
    name: "a script with arguments for its interpreter",
    make: (at) => write(`${at}/program`, "#! /usr/bin/env  sh\n"),
    code: null,
  },
  {
    name: "nothing",
    make: () => Promise.resolve(),
    code: "program_missing",
    says: /no such file/,
  },
  {
    name: "a name that no folder of programs has",
    make: () => Promise.resolve("vipd-no-such-program"),
    code: "program_missing",
    says: /\/usr\/local\/sbin:/,
  },
  {
    name: "a file where a folder should be",
    make: async (at) => {
      await write(`${at}/file`);
      return `${at}/file/program`;
    },
    code: "program_missing",
  },
  {
    name: "links that go round",
    make: (at) => Deno.symlink("program", `${at}/program`),
    code: "program_missing",
    says: /go round/,
  },
  {
    name: "a link to nothing",
    make: (at) => Deno.symlink("gone", `${at}/program`),
    code: "program_missing",
  },
  {
    name: "a folder",
    make: (at) => mkdir(`${at}/program`, 0o755),
    code: "program_not_executable",
    says: /folder/,
  },
  {
    name: "a plain file",
    make: (at) => write(`${at}/program`, SCRIPT, 0o644),
    code: "program_not_executable",
    says: /chmod \+x/,
  },
  {
    name: "a script without its interpreter",
    make: (at) => write(`${at}/program`, "#!/no/such/shell -e\n"),
    code: "program_missing",
    says: /its interpreter \/no\/such\/shell: there is no such file/,
  },
  {
    name: "a script from Windows",
    make: (at) => write(`${at}/program`, "#!/bin/sh\r\nexit 0\r\n"),
    code: "program_missing",
    says: /carriage return.*sed -i/,
  },
  {
    name: "a script whose interpreter everybody can write",
    make: async (at) => {
      await write(`${at}/shell`, SCRIPT, 0o777);
      await write(`${at}/program`, `#!${at}/shell\n`);
    },
    code: "program_unsafe",
    says: /its interpreter .*every user can write .*\/shell; chmod o-w/,
  },
  {
    name: "a script that everybody can write",
    make: (at) => write(`${at}/program`, SCRIPT, 0o757),
    code: "program_unsafe",
    says: /every user can write .*\/program; chmod o-w/,
  },
  {
    name: "a folder on the way that everybody can write",
    make: async (at) => {
      await mkdir(`${at}/open`, 0o777);
      await write(`${at}/open/program`);
      return `${at}/open/program`;
    },
    code: "program_unsafe",
    says: /every user can write .*\/open;/,
  },
  {
    name: "a folder that everybody can write, with the sticky bit",
    make: async (at) => {
      await mkdir(`${at}/sticky`, 0o1777);
      await write(`${at}/sticky/program`);
      return `${at}/sticky/program`;
    },
    code: null,
  },
  {
    name: "a link into a folder that everybody can write",
    make: async (at) => {
      await mkdir(`${at}/open`, 0o777);
      await write(`${at}/open/real`);
      await Deno.symlink(`${at}/open/real`, `${at}/program`);
    },
    code: "program_unsafe",
    says: /every user can write .*\/open;/,
  },
  {
    name: "a link in a folder that everybody can write",
    make: async (at) => {
      await mkdir(`${at}/open`, 0o777);
      await Deno.symlink("/bin/true", `${at}/open/program`);
      return `${at}/open/program`;
    },
    code: "program_unsafe",
  },
  {
    name: "a script that a group of others can write",
    make: async (at) => {
      await write(`${at}/program`, SCRIPT, 0o775);
      await Deno.chown(`${at}/program`, null, 987_654);
    },
    code: "program_unsafe",
    says: /group 987654 can write .*chmod g-w/,
    asRoot: true,
  },
  {
    name: "a script that root's group can write",
    make: async (at) => {
      await write(`${at}/program`, SCRIPT, 0o775);
      await Deno.chown(`${at}/program`, 0, 0);
    },
    code: null,
    asRoot: true,
  },
  {
    name: "a script of another user",
    make: async (at) => {
      await write(`${at}/program`);
      await Deno.chown(`${at}/program`, NOBODY, null);
    },
    code: "program_unsafe",
    says: /program belongs to user nobody.*chown root/,
    asRoot: true,
  },
  {
    name: "another user's script in a sticky folder",
    make: async (at) => {
      await mkdir(`${at}/sticky`, 0o1777);
      await write(`${at}/sticky/program`);
      await Deno.chown(`${at}/sticky/program`, NOBODY, null);
      return `${at}/sticky/program`;
    },
    code: "program_unsafe",
    says: /nobody/,
    asRoot: true,
  },
  {
    name: "another user's link in a sticky folder",
    make: async (at) => {
      await mkdir(`${at}/sticky`, 0o1777);
      await Deno.symlink("/bin/true", `${at}/sticky/program`);
      await new Deno.Command("chown", { args: ["-h", "65534", `${at}/sticky/program`] }).output();
      return `${at}/sticky/program`;
    },
    code: "program_unsafe",
    says: /program belongs to user nobody/,
    asRoot: true,
  },
  {
    name: "a folder of another user",
    make: async (at) => {
      await mkdir(`${at}/theirs`, 0o755);
      await write(`${at}/theirs/program`);
      await Deno.chown(`${at}/theirs`, NOBODY, null);
      return `${at}/theirs/program`;
    },
    code: "program_unsafe",
    says: /theirs belongs to user nobody/,
    asRoot: true,
  },
];

Deno.test("a program is run only where nobody else can change it", async (t) => {
  for (const { name, make, code, says, asRoot } of CASES) {
    await t.step({
      name,
      ignore: asRoot === true && me !== 0,
      fn: async () => {
        const folder = await Deno.makeTempDir();
        try {
          const program = await make(folder) ?? join(folder, "program");
          const found = await findProgram(program, { uid: me, gid: Deno.gid() ?? 0 });
          if (code === null) return assert.ok(found.ok, JSON.stringify(found));
          assert.ok(!found.ok, "it would be run");
          assert.equal(found.problem.code, code);
          assert.match(`${found.problem.message}; ${found.problem.hint}`, says ?? /./);
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      },
    });
  }
});

Deno.test({
  name: "a script of the user that runs it may be that user's",
  ignore: me !== 0,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    const program = join(folder, "program");
    await write(program);
    await Deno.chown(program, NOBODY, null);
    assert.equal((await findProgram(program, { uid: NOBODY, gid: NOBODY })).ok, true);
    assert.equal((await findProgram(program, { uid: 1, gid: 1 })).ok, false);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "a program is opened only if it has changed",
  // fanotify_init(2) of permissions.
  ignore: me !== 0,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const program = `${folder}/program`;
      await write(program);
      const account = { uid: 0, gid: 0 };
      assert.equal((await findProgram(program, account)).ok, true);
      {
        await using gate = await StartGate.close(program, "open");
        assert.equal((await findProgram(program, account)).ok, true);
        assert.ok(await gate.isClosed(), "it was opened");
      }
      const { size } = await Deno.stat(program);
      await Deno.writeTextFile(program, SCRIPT.replace("/bin/sh", "/bin/hs"));
      assert.equal((await Deno.stat(program)).size, size);
      const found = await findProgram(program, account);
      assert.ok(!found.ok, "the new interpreter was not seen");
      assert.match(found.problem.message, /its interpreter \/bin\/hs/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a user runs only what it may execute, on a way that it may go",
  ignore: me !== 0,
  fn: async (t) => {
    const nobody = { uid: NOBODY, gid: NOBODY };
    const cases: readonly (readonly [string, number, number, number, string | null])[] = [
      ["all may", 0o755, 0o755, 0, null],
      ["only root may", 0o700, 0o755, 0, "may not execute it"],
      ["its group may", 0o750, 0o755, NOBODY, null],
      ["its group may not, though all others may", 0o705, 0o755, NOBODY, "may not execute it"],
      ["a folder that it may not enter", 0o755, 0o700, 0, "may not enter"],
    ];
    for (const [name, mode, folderMode, gid, says] of cases) {
      await t.step(name, async () => {
        const folder = await Deno.makeTempDir();
        await Deno.chmod(folder, 0o755);
        await mkdir(`${folder}/way`, 0o755);
        const program = `${folder}/way/program`;
        await write(program);
        await Deno.chown(program, null, gid);
        await Deno.chmod(program, mode);
        await Deno.chmod(`${folder}/way`, folderMode);
        const found = await findProgram(program, nobody);
        assert.equal(found.ok, says === null, JSON.stringify(found));
        if (!found.ok) assert.match(found.problem.message, new RegExp(`user nobody ${says}`));
        assert.equal((await findProgram(program, { uid: 0, gid: 0 })).ok, true);
        await Deno.remove(folder, { recursive: true });
      });
    }
  },
});
