import assert from "node:assert/strict";
import { join } from "node:path";
import { requireOwnFolder } from "../../../src/daemon/files/own_folder.ts";
import { takeRunLock } from "../../../src/daemon/files/run_lock.ts";
import { CliError } from "../../../src/exit.ts";
import { inFolder } from "../../cli/captured_context.ts";

const NOBODY = 65534;
const asRoot = { ignore: Deno.uid() !== 0 };

interface Case {
  readonly name: string;
  /** Makes `folder/own` and what is about it; the path that is judged. */
  readonly make: (folder: string) => Promise<string>;
  /** What is said; `null` where nothing is wrong. */
  readonly refused: RegExp | null;
  readonly needsRoot?: true;
}

const made = async (path: string, mode: number, owner?: number) => {
  await Deno.mkdir(path, { recursive: true });
  await Deno.chmod(path, mode);
  if (owner !== undefined) await Deno.chown(path, owner, owner);
  return path;
};

const CASES: readonly Case[] = [
  {
    name: "its own",
    make: (folder) => made(join(folder, "own"), 0o755),
    refused: null,
  },
  {
    name: "not there yet",
    make: (folder) => Promise.resolve(join(folder, "own")),
    refused: null,
  },
  {
    name: "every user can write it",
    make: (folder) => made(join(folder, "own"), 0o757),
    refused: /every user can write \S+\/own; chmod o-w \S+\/own$/,
  },
  {
    name: "everybody can add to it",
    make: (folder) => made(join(folder, "own"), 0o1777),
    refused: /every user can write \S+\/own; chmod o-w \S+\/own$/,
  },
  {
    name: "another group can write it",
    make: async (folder) => {
      const path = await made(join(folder, "own"), 0o775);
      await Deno.chown(path, null, NOBODY);
      return path;
    },
    refused: /group 65534 can write \S+\/own; chmod g-w \S+\/own$/,
    needsRoot: true,
  },
  {
    name: "another user's",
    make: (folder) => made(join(folder, "own"), 0o755, NOBODY),
    refused:
      /belongs to user nobody, who can change it; chown -R root \S+\/own, run vipd as that user with a run_dir of that user's, or choose another state_dir$/,
    needsRoot: true,
  },
  {
    name: "in a folder of another user's",
    make: async (folder) => {
      await made(join(folder, "outer"), 0o755, NOBODY);
      return await made(join(folder, "outer", "own"), 0o755);
    },
    refused: /outer belongs to user nobody, who can change it/,
    needsRoot: true,
  },
  {
    name: "to be made in a folder that every user can write",
    make: async (folder) => join(await made(join(folder, "outer"), 0o777), "own"),
    refused: /every user can write \S+\/outer;/,
  },
  {
    name: "in a folder where others can add, and not replace",
    make: async (folder) => {
      await made(join(folder, "outer"), 0o1777);
      return await made(join(folder, "outer", "own"), 0o755);
    },
    refused: null,
  },
  {
    name: "a link of another user's, in a folder where others can add",
    make: async (folder) => {
      await made(join(folder, "own"), 0o755);
      const link = join(await made(join(folder, "outer"), 0o1777), "link");
      await Deno.symlink(join(folder, "own"), link);
      await new Deno.Command("chown", { args: ["-h", `${NOBODY}`, link] }).output();
      return link;
    },
    refused: /outer\/link belongs to user nobody/,
    needsRoot: true,
  },
];

for (const { name, make, refused, needsRoot } of CASES) {
  Deno.test({
    name: `a folder in which others could plant files is refused with the remedy: ${name}`,
    // Only root can give a folder to others.
    ignore: needsRoot === true && asRoot.ignore,
    fn: async () => {
      await inFolder(async (folder) => {
        const path = await make(folder);
        const judged = requireOwnFolder("state_dir", path);
        if (refused === null) return await judged;
        await assert.rejects(
          judged,
          (error) => error instanceof CliError && refused.test(error.message),
        );
        const locked = takeRunLock(path);
        await assert.rejects(locked, /could plant files in run_dir/);
        await assert.rejects(Deno.lstat(join(path, "lock")), Deno.errors.NotFound);
      });
    },
  });
}
