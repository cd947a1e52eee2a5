/** What holds for either kind of executable, named in `VIPD_BINARY`; from source there is nothing to test. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const BINARY = Deno.env.get("VIPD_BINARY");
const EXAMPLE = fileURLToPath(new URL("../../config/lb01.yaml", import.meta.url));
/** What a start may take, in milliseconds, by the kind of executable: two or three times what it takes. */
const START_LIMIT_MS: Readonly<Record<string, number>> = { compiled: 300, portable: 600 };

async function run(args: string[], options: Deno.CommandOptions = {}) {
  const command = new Deno.Command(BINARY!, { args, env: { NO_COLOR: "1" }, ...options });
  const { code, stdout, stderr } = await command.output();
  const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test({ name: "the executable knows its commit and its kind", ignore: !BINARY }, async () => {
  const { code, out, err } = await run(["version", "--json"]);
  assert.deepEqual([code, err], [0, ""]);
  const { commit, build } = JSON.parse(out);
  assert.match(commit, /^[0-9a-f]{12}(-dirty)?$/);
  assert.match(build, /^(compiled|portable)$/);
});

Deno.test({
  name: "a disk that is full is what the executable says, and no defect",
  ignore: !BINARY,
}, async () => {
  const binary = await Deno.realPath(BINARY!);
  const full = new Deno.Command("sh", {
    args: ["-c", 'exec "$0" version >/dev/full', binary],
    env: { NO_COLOR: "1" },
  });
  const { code, stderr } = await full.output();
  assert.equal(code, 1);
  const err = new TextDecoder().decode(stderr);
  assert.match(err, /^vipd: standard output takes no more: No space left on device.*\n$/);
});

/** What is typed in a folder that its user cannot enter, the exit code, and what is said. */
const IN_A_CLOSED_FOLDER:
  readonly (readonly [argv: readonly string[], code: number, says: RegExp])[] = [
    [["version"], 0, /^vipd \d/],
    [["check", EXAMPLE], 0, /lb01\.yaml is valid/],
    [["check", "vipd.yaml"], 4, /^vipd\.yaml: error: reading it is not permitted; .*sudo vipd/m],
    ...["run", "goodbye", "notify-test"].map((name) =>
      [
        [name, "--config", "vipd.yaml"],
        4,
        /^vipd\.yaml: error: reading it is not permitted/m,
      ] as const
    ),
    [
      ["init", "--yes", "--address", "10.0.0.5", "--role", "master", "--output", "vipd.yaml"],
      4,
      /^vipd: cannot write \S+\/vipd\.yaml: this user may not write there; run it as root$/m,
    ],
    [["import", "keepalived.conf"], 3, /reading it is not permitted/],
    [["support-bundle", "--output", "bundle.json"], 4, /^vipd: cannot write bundle\.json: /m],
  ];

Deno.test({
  name:
    "a folder that its user cannot enter is where the executable runs, or what it names, and no defect",
  ignore: !BINARY,
}, async (t) => {
  const binary = await Deno.realPath(BINARY!);
  // Only a capability opens it to root.
  const without = Deno.uid() === 0 ? ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] : [];
  const folder = await Deno.makeTempDir();
  try {
    for (const [argv, code, says] of IN_A_CLOSED_FOLDER) {
      await t.step(argv[0] + (argv.at(-1) === "vipd.yaml" ? " of a file there" : ""), async () => {
        const script = 'cd "$0" && chmod 0 . && ! cat vipd.yaml 2>/dev/null && exec "$@"';
        const closed = new Deno.Command(without[0] ?? "env", {
          args: [...without.slice(1), "sh", "-c", script, folder, binary, ...argv],
          env: { NO_COLOR: "1" },
        });
        await Deno.writeTextFile(`${folder}/vipd.yaml`, "instances: []\n");
        const done = await closed.output();
        await Deno.chmod(folder, 0o700);
        const said = new TextDecoder().decode(done.stdout) + new TextDecoder().decode(done.stderr);
        assert.equal(done.code, code, said);
        assert.match(said, says);
        assert.doesNotMatch(said, /panicked|backtrace|defect/);
      });
    }
  } finally {
    await Deno.chmod(folder, 0o700);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({ name: "the executable starts in time", ignore: !BINARY }, async () => {
  const { build } = JSON.parse((await run(["version", "--json"])).out);
  const tookMs: number[] = [];
  for (let start = 0; start < 10; start++) {
    const beganMs = performance.now();
    await run(["version"]);
    tookMs.push(Math.round(performance.now() - beganMs));
  }
  // The best one: the others waited for whatever else this machine does.
  assert.ok(Math.min(...tookMs) < START_LIMIT_MS[build]!, `${tookMs.join(", ")} ms`);
});

Deno.test({
  name: "the executable needs nothing of the folder and the environment around it",
  ignore: !BINARY,
}, async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["deno.json", "package.json", "deno.lock", ".npmrc", "node_modules"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "not what this file should be");
    }
    const binary = await Deno.realPath(BINARY!);
    const command = new Deno.Command(binary, {
      args: ["check", EXAMPLE],
      cwd: folder,
      clearEnv: true,
      env: { VIPD_CACHE_DIR: `${folder}/cache` },
    });
    const { code, stderr } = await command.output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.doesNotMatch(new TextDecoder().decode(stderr), /node_modules|package\.json|deno/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "a user who may not enter the working folder, such as root's home, runs the executable",
  ignore: !BINARY || Deno.uid() !== 0,
}, async () => {
  const [open, closed] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    await Deno.chmod(open, 0o777);
    await Deno.copyFile(BINARY!, `${open}/vipd`);
    await Deno.copyFile(EXAMPLE, `${open}/vipd.yaml`);
    // As the documents write it, before the command.
    const user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    const { code, stderr } = await new Deno.Command("setpriv", {
      args: [...user, `${open}/vipd`, "check", `${open}/vipd.yaml`],
      cwd: closed,
      env: { VIPD_CACHE_DIR: `${open}/cache` },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  } finally {
    for (const folder of [open, closed]) await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({ name: "the executable reads what the kernel tells", ignore: !BINARY }, async () => {
  const options = { env: { NO_COLOR: "1", DATABASE_URL: "s3cr3t-environment" } };
  const { code, out, err } = await run(["support-bundle", "--output", "-"], options);
  assert.equal(code, 0, err);
  assert.ok(!out.includes("s3cr3t-environment"));
  const { files, interfaces, sysctls } = JSON.parse(out).host;
  assert.match(files["/proc/version"], /^Linux version/);
  assert.match(sysctls["net/ipv4/conf/all/arp_ignore"], /^\d$/);
  assert.ok(interfaces.some(({ name }: { name: string }) => name === "lo"));
});

Deno.test({ name: "the executable's process carries its name", ignore: !BINARY }, async () => {
  const child = new Deno.Command(BINARY!, {
    args: ["check", "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  })
    .spawn();
  try {
    let name = "";
    for (let attempt = 0; attempt < 100 && name !== "vipd"; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      name = (await Deno.readTextFile(`/proc/${child.pid}/comm`)).trim();
    }
    assert.equal(name, "vipd");
  } finally {
    await child.stdin.close();
    await child.status;
  }
});

Deno.test({
  name: "the executable names the certificate's own subject and names in the remedy of its end",
  // Its runtime's X509Certificate has no subjectAltName.
  ignore: !BINARY,
}, async () => {
  const folder = await Deno.makeTempDir();
  const [config, cert, key] = ["vipd.yaml", "api.pem", "api.key"].map((it) => `${folder}/${it}`);
  const names = "DNS:lb02,DNS:*.example.com,IP:10.0.0.2,IP:fd00::2";
  const openssl = async (args: string[]) => {
    const { success } = await new Deno.Command("openssl", { args, stderr: "null" }).output();
    assert.ok(success);
  };
  const warning = async () => {
    const { out } = await run(["check", "--json", config!]);
    const { diagnostics } = JSON.parse(out);
    return diagnostics.find(({ code }: { code: string }) => code === "api_certificate_ends");
  };
  try {
    const make =
      "req -x509 -newkey rsa:2048 -nodes -days 3 -addext basicConstraints=critical,CA:FALSE";
    await openssl([
      ...make.split(" "),
      ...["-subj", "/O=Example, Ltd/CN=api", "-addext", `subjectAltName=${names}`],
      ...["-keyout", key!, "-out", cert!],
    ]);
    await Deno.chmod(key!, 0o600);
    const api = `api: { listen: "192.168.31.11:9112", tls: { cert: ${cert}, key: ${key} } }`;
    const example = await Deno.readTextFile(EXAMPLE);
    const rest = example.replace(/^(?:api|peers):.*\n(?:[ #].*\n)*/gm, "");
    await Deno.writeTextFile(config!, `${api}\n${rest}`, { mode: 0o600 });
    const { hint } = await warning();
    const command = /openssl req .*? && /.exec(hint)?.[0].slice(0, -" && ".length) ?? hint;
    const typed = new Deno.Command("sh", { args: ["-c", command], stderr: "null" });
    assert.ok((await typed.output()).success, command);
    assert.equal(await warning(), undefined);
    const shown = await new Deno.Command("openssl", {
      args: `x509 -noout -subject -ext subjectAltName -in ${cert}`.split(" "),
    }).output();
    const text = new TextDecoder().decode(shown.stdout);
    assert.match(text, /subject=O ?= ?"?Example, Ltd"?, CN ?= ?api\n/);
    assert.match(
      text,
      /DNS:lb02, DNS:\*\.example\.com, IP Address:10\.0\.0\.2, IP Address:FD00:0:0:0:0:0:0:2\n/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
