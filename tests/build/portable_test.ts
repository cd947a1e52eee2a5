/**
 * The portable executable's script, with a runtime that is itself a script: it tells what it was given.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { writePortable } from "../../build/portable.ts";

/** `vipd run OPTIONS... PROGRAM ARGUMENTS...`, as `deno run` would be called. */
const RUNTIME = `#!/bin/sh
if [ "$1" = --version ]; then exit 0; fi
while [ "\${1%vipd.js}" = "$1" ]; do options="\${options:-} $1"; shift; done
shift
case \${1:-} in
  exit) exit "$2" ;;
  wait) echo ready; exec sleep 60 ;;
  stdin) exec cat ;;
esac
read -r name </proc/$$/comm
echo "pid=$$ name=$name umask=$(umask) options=$options"
for argument; do echo "[$argument]"; done
`;

interface Ran {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly out: string;
  readonly err: string;
  readonly pid: number;
}

/** A portable executable in a folder of its own. */
class Portable implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Portable> {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    const made = new Portable(folder);
    await Deno.writeTextFile(join(folder, "runtime"), RUNTIME);
    await Deno.writeTextFile(join(folder, "program"), "// the program\n");
    await writePortable(
      { runtime: join(folder, "runtime"), program: join(folder, "program") },
      made.file,
    );
    return made;
  }

  get file(): string {
    return join(this.folder, "vipd");
  }

  get cache(): string {
    return join(this.folder, "cache");
  }

  /** The folder into which it has unpacked itself; there must be exactly one thing in the cache. */
  unpacked(): string {
    const names = [...Deno.readDirSync(this.cache)].map(({ name }) => name);
    assert.equal(names.length, 1, names.join(" "));
    return join(this.cache, names[0]!);
  }

  spawn(args: readonly string[], env: Record<string, string> = {}, before: string[] = []) {
    const [program, ...rest] = [...before, this.file, ...args];
    return new Deno.Command(program!, {
      args: rest,
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin", VIPD_CACHE_DIR: this.cache, ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async run(
    args: readonly string[],
    env?: Record<string, string>,
    before?: string[],
  ): Promise<Ran> {
    const child = this.spawn(args, env, before);
    await child.stdin.close();
    return await finished(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

const inodeOf = (path: string) => Deno.statSync(path).ino;
const modeOf = (path: string) => Deno.statSync(path).mode! & 0o777;
const entriesIn = (path: string) => [...Deno.readDirSync(path)].length;

async function finished(child: Deno.ChildProcess): Promise<Ran> {
  const { code, signal, stdout, stderr } = await child.output();
  const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
  return { code, signal, out: text(stdout), err: text(stderr), pid: child.pid };
}

Deno.test("it is its program: same process, name, arguments, umask, input, exit code and signals", async () => {
  await using portable = await Portable.make();
  const first = await portable.run(["check", "a b", "", "$HOME"]);
  assert.equal(first.err, "");
  assert.match(
    first.out,
    new RegExp(`^pid=${first.pid} name=vipd umask=0?022 options=.*--no-prompt`),
  );
  assert.match(first.out, /\[check\]\n\[a b\]\n\[\]\n\[\$HOME\]\n$/);
  assert.equal((await portable.run(["exit", "3"])).code, 3);

  const reading = portable.spawn(["stdin"]);
  const writer = reading.stdin.getWriter();
  await writer.write(new TextEncoder().encode("all of it\n"));
  await writer.close();
  assert.equal((await finished(reading)).out, "all of it\n");

  const waiting = portable.spawn(["wait"]);
  await waiting.stdin.close();
  const output = waiting.stdout.getReader();
  await output.read();
  waiting.kill("SIGTERM");
  output.releaseLock();
  assert.equal((await finished(waiting)).signal, "SIGTERM");
});

Deno.test("what is unpacked is used again, and unpacked again when it is not what it was", async () => {
  await using portable = await Portable.make();
  await portable.run([]);
  const folder = portable.unpacked();
  const program = join(folder, "vipd");
  assert.equal(modeOf(program), 0o555);

  const before = inodeOf(program);
  assert.equal((await portable.run([])).code, 0);
  assert.equal(inodeOf(program), before);

  const harms: Record<string, () => void> = {
    "another content of the same length": () => {
      const text = Deno.readTextFileSync(program).replace("exit 0", "exit 9");
      Deno.chmodSync(program, 0o700);
      Deno.writeTextFileSync(program, text);
      Deno.chmodSync(program, 0o555);
    },
    "another program": () => {
      const path = join(folder, "vipd.js");
      Deno.chmodSync(path, 0o600);
      Deno.writeTextFileSync(path, "evil()");
      Deno.chmodSync(path, 0o444);
    },
    "writable for others": () => Deno.chmodSync(program, 0o722),
    "a folder that is writable for others": () => Deno.chmodSync(folder, 0o777),
    "a missing file": () => Deno.removeSync(program),
  };
  for (const [harm, act] of Object.entries(harms)) {
    const old = inodeOf(folder);
    act();
    const ran = await portable.run(["x"]);
    assert.deepEqual([ran.code, ran.err], [0, ""], harm);
    assert.equal(portable.unpacked(), folder);
    assert.notEqual(inodeOf(folder), old, harm);
    assert.equal(modeOf(program), 0o555, harm);
  }
});

Deno.test({
  name: "what root has unpacked, another user can run, and not change",
  ignore: Deno.uid() !== 0,
}, async () => {
  await using portable = await Portable.make();
  await portable.run([]);
  const folder = portable.unpacked();
  const asOther = async (...argv: string[]) => {
    const args = ["--reuid=1234", "--regid=1234", "--clear-groups", ...argv];
    return await new Deno.Command("setpriv", { args, stderr: "null" }).output();
  };
  const ran = await asOther(join(folder, "vipd"), "run", join(folder, "vipd.js"), "front");
  assert.match(new TextDecoder().decode(ran.stdout), /\[front\]\n$/);
  assert.ok((await asOther("cat", join(folder, "vipd.js"))).success);
  for (const path of [portable.cache, folder]) {
    assert.ok(!(await asOther("touch", join(path, "x"))).success, path);
  }
});

Deno.test("many first starts at once unpack one whole copy", async () => {
  await using portable = await Portable.make();
  const runs = await Promise.all(Array.from({ length: 12 }, (_, at) => portable.run([`${at}`])));
  for (const [at, { code, out, err }] of runs.entries()) {
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, new RegExp(`\\[${at}\\]\n$`));
  }
  portable.unpacked();
});

Deno.test("a damaged copy says so and runs nothing", async () => {
  await using portable = await Portable.make();
  const octets = await Deno.readFile(portable.file);
  octets[octets.length - 20]! ^= 1;
  await Deno.writeFile(portable.file, octets);
  const ran = await portable.run([]);
  assert.equal(ran.code, 1);
  assert.match(ran.err, /vipd is damaged: .*; copy it again/);
  assert.equal(ran.out, "");
});

Deno.test("the cache folder is the one that is named, else the service's, the user's", async () => {
  await using portable = await Portable.make();
  const { folder } = portable;
  const service = { VIPD_CACHE_DIR: "", CACHE_DIRECTORY: `${folder}/service:${folder}/other` };
  const user = { VIPD_CACHE_DIR: "", XDG_CACHE_HOME: `${folder}/xdg`, HOME: `${folder}/home` };
  // Root's own place is the system's; a user namespace's nobody has none.
  const other = Deno.uid() === 0
    ? ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups"]
    : [];
  if (other.length > 0) await Deno.chmod(folder, 0o777);
  await portable.run([], service, other);
  await portable.run([], user, other);
  await portable.run([], { ...user, XDG_CACHE_HOME: "" }, other);
  for (const place of ["service", "xdg/vipd", "home/.cache/vipd"]) {
    assert.equal(entriesIn(join(folder, place)), 1, place);
  }
});

Deno.test({
  name: "the user of a unit, who has no home, runs from the unit's cache folder in a shell, too",
  // The folder is the system's: it is another one in a mount namespace.
  ignore: Deno.uid() !== 0,
}, async () => {
  await using portable = await Portable.make();
  for (const name of ["vipd", "vipd-front"]) {
    const cache = `/var/cache/${name}`;
    const script = [
      `mount -t tmpfs none /var/cache && install -d -m 700 -o 1234 ${cache}`,
      `setpriv --reuid=1234 --regid=1234 --clear-groups "$@" && ls ${cache} | wc -l`,
    ].join(" && ");
    const env = { VIPD_CACHE_DIR: "", HOME: "/proc/nowhere" };
    const ran = await portable.run([], env, ["unshare", "--mount", "sh", "-c", script, "sh"]);
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /\n1\n$/, name);
  }
});

Deno.test("a folder that cannot be trusted or used is not used: it says where it looked and what to set", async () => {
  await using portable = await Portable.make();
  const { folder, cache } = portable;
  const refused = async (reason: RegExp, before: string[] = []) => {
    const ran = await portable.run([], { HOME: "/proc/nowhere" }, before);
    assert.equal(ran.code, 1, ran.out);
    assert.match(ran.err, /^vipd: cannot unpack itself\. Looked at:\n/);
    assert.match(ran.err, reason);
    assert.match(ran.err, /Set VIPD_CACHE_DIR to a folder that only uid \d+ can write/);
  };
  await Deno.mkdir(cache, { mode: 0o777 });
  await Deno.chmod(cache, 0o777);
  await refused(/cache: must be owned by uid \d+, no link, and writable for nobody else/);
  await Deno.remove(cache);
  await Deno.mkdir(join(folder, "elsewhere"), { mode: 0o700 });
  await Deno.symlink(join(folder, "elsewhere"), cache);
  await refused(/cache: must be owned/);
  await Deno.remove(cache);
  await Deno.writeTextFile(cache, "a file");
  await refused(/cache: cannot be made/);
  await Deno.remove(cache);
  if (Deno.uid() !== 0) return;
  await Deno.mkdir(cache, { mode: 0o700 });
  await Deno.chown(cache, 1234, 1234);
  await refused(/cache: must be owned by uid 0/);
  await Deno.chown(cache, 0, 0);
  const noexec = 'mount -t tmpfs -o noexec,mode=700 tmpfs "$0" && exec "$@"';
  await refused(/cache: .*Permission denied/, ["unshare", "-m", "sh", "-c", noexec, cache]);
});
