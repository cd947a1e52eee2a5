import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { bundle, type SourceMap } from "../../build/bundle.ts";
import { permissionOptions } from "../../build/permissions.ts";
import { ENGINE_OPTION } from "../../build/runtime.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** An option that this Deno does not know would end the program at once. */
const RUNTIME_OPTIONS = [ENGINE_OPTION, ...permissionOptions()];
/** What is not of one file leaves out of the first what a command may do without. */
const WHOLE = { portable: true, compiled: false } as const;

for (const kind of ["portable", "compiled"] as const) {
  Deno.test(`the ${kind} program knows its build and reports a defect with the lines of the source`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const file = await bundle({ kind, commit: "0123456789ab" }, folder);
      const made = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      assert.equal(file, join(folder, "vipd.js"));
      const scripts = made.filter((name) => name.endsWith(".js"));
      const maps = scripts.map((name) => `${name}.map`);
      assert.deepEqual(made.sort(), [...scripts, ...(WHOLE[kind] ? [] : maps)].sort());
      assert.equal(scripts.length === 1, WHOLE[kind]);
      for (const name of made) {
        const text = await Deno.readTextFile(join(folder, name));
        assert.ok(!text.includes(ROOT), "the place of the build is nobody's business");
      }
      const run = async (...options: string[]) => {
        const args = ["run", "--no-config", "--no-remote", ...RUNTIME_OPTIONS, ...options];
        const command = new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } });
        const { code, stdout, stderr } = await command.output();
        const [out, err] = [stdout, stderr].map((octets) => new TextDecoder().decode(octets));
        return { code, out: out!, err: err! };
      };

      const version = await run(file, "version", "--json");
      assert.equal(version.err, "");
      const { build, commit } = JSON.parse(version.out);
      assert.deepEqual({ build, commit }, { build: kind, commit: "0123456789ab" });

      const preload = join(folder, "broken_terminal.ts");
      await Deno.writeTextFile(
        preload,
        'Deno.stdout.writeSync = () => { throw new RangeError("broken"); };',
      );
      const broken = await run(`--preload=${preload}`, file, "version");
      assert.equal(broken.code, 1);
      const lines = (await Deno.readTextFile(join(ROOT, "src/cli/context.ts"))).split("\n");
      const writing = 1 + lines.findIndex((line) => line.includes("stream.writeSync(rest)"));
      assert.match(broken.err, /defect of vipd.*RangeError: broken/);
      assert.match(broken.err, new RegExp(`src/cli/context\\.ts:${writing}:`));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** A namespace of zod's that is imported by name brings all of them: a third of a megabyte for each process. */
const OTHER_LANGUAGES = /\/zod\/.*\/locales\/(?!en\.js$)/;

/** What a daemon with a sound configuration and no mail to send does not run. */
const NOT_OF_A_START =
  /(?<!src\/config)\/(nodemailer|yaml|hono)\/|src\/(keepalived\/import\.|doctor\/|front\/)|commands\/init/;

/** Of a goodbye, which has to be quick. */
const NOT_OF_A_GOODBYE =
  /(?<!src\/config)\/(nodemailer|yaml|hono)\/|src\/(keepalived|doctor|front|sim|notify|health\/probes|http)\//;

/** What is read in, and what of all that is there must not be. */
const STARTS = [
  ["a daemon reads in at its start only what every daemon runs", {
    ...{ lazy: /^(run|daemon|linux_process)-\w+\.js$/, count: 3 },
    ...{ has: "src/vrrp/router.ts", hasNot: NOT_OF_A_START },
  }],
  ["a goodbye reads in little", {
    ...{ lazy: /^(goodbye|goodbye_host|send_marks)-\w+\.js$/, count: 4 },
    ...{ has: "src/node/instance/adverts/advert_sender.ts", hasNot: NOT_OF_A_GOODBYE },
  }],
] as const;

for (const [name, start] of STARTS) {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const file = await bundle({ kind: "compiled", commit: null }, folder);
      const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      const lazy = names.filter((name) => start.lazy.test(name));
      assert.equal(lazy.length, start.count);
      const waiting = [basename(file), ...lazy];
      const read = new Set<string>();
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        if (read.has(name)) continue;
        read.add(name);
        const text = await Deno.readTextFile(join(folder, name));
        waiting.push(
          ...[...text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)].map((found) => found[1]!),
        );
      }
      const maps = Array.from(read, (name) => Deno.readTextFile(join(folder, `${name}.map`)));
      const sources = (await Promise.all(maps)).flatMap((map) =>
        (JSON.parse(map) as SourceMap).sources
      );
      assert.ok(sources.some((source) => source === start.has));
      assert.deepEqual(sources.filter((source) => start.hasNot.test(source)), []);
      assert.deepEqual(sources.filter((source) => OTHER_LANGUAGES.test(source)), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("the executable may do what deno.json allows, and asks for nothing", () => {
  const options = permissionOptions({ ffi: true, write: false, env: ["TERM", "NO_COLOR"] });
  assert.deepEqual(options, ["--no-prompt", "--allow-ffi", "--allow-env=TERM,NO_COLOR"]);
});
