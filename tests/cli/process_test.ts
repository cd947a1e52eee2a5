import assert from "node:assert/strict";
import { join } from "node:path";
import { permissionOptions } from "../../build/permissions.ts";
import { EXIT } from "../../src/exit.ts";
import { inFolder } from "./captured_context.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
/** With what vipd needs and nothing else. */
const RUN = [Deno.execPath(), "run", "--no-check", ...permissionOptions(), MAIN];

/** Runs `vipd ARGV` as a process of its own, after the words of `before`. */
async function vipd(argv: string[], before: string[] = []) {
  const [program, ...args] = [...before, ...RUN, ...argv];
  const command = new Deno.Command(program!, { args, stdin: "null", env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await command.output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** `unshare` with a network namespace of its own; works without root where the kernel allows it. */
function unshare(): string[] {
  return Deno.uid() === 0 ? ["unshare", "--net"] : ["unshare", "--map-root-user", "--net"];
}

async function eventually<T>(what: string, probe: () => Promise<T | null>): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = await probe();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail(`no ${what} within 10 s`);
}

function lonelyConfig(folder: string): string {
  return `api: { listen: "unix:${folder}/api.sock" }
run_dir: ${folder}
state_dir: ${folder}/state
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    version: 3
    advert_interval: 100ms
    addresses: [192.168.31.5/24]
`;
}

Deno.test("a support bundle needs no further permission to show what the kernel does", async () => {
  const { code, out, err } = await vipd(["support-bundle", "--output", "-"]);
  assert.equal(code, EXIT.ok, err);
  const { files, sysctls } = JSON.parse(out).host;
  assert.match(files["/proc/version"], /^Linux version/);
  assert.match(sysctls["net/ipv4/conf/all/arp_ignore"], /^\d$/);
});

Deno.test("output that finds no place is a plain error with an exit code, and no defect", async () => {
  const to = (redirection: string) => ["sh", "-c", `exec "$@" ${redirection}`, "sh"];
  const full = await vipd(["version"], to("> /dev/full"));
  assert.equal(full.code, EXIT.failure);
  assert.match(full.err, /^vipd: standard output takes no more: No space left on device .*\n$/);
  const silent = await vipd(["check", "/nonexistent"], to("2> /dev/full"));
  assert.deepEqual([silent.code, silent.err], [EXIT.configInvalid, ""]);
});

Deno.test("the program answers with its permissions and no more", async () => {
  assert.deepEqual(await vipd(["version"]), { code: 0, out: "vipd 0.1.0 (source)\n", err: "" });
  const unreachable = await vipd(["status", "--api", "unix:/nonexistent/api.sock"]);
  assert.equal(unreachable.code, EXIT.unreachable, unreachable.err);
  assert.equal((await vipd(["chekc"])).code, EXIT.usage);
});

Deno.test("a reader that goes away early is no error", async () => {
  // `:` is long gone when the help is written.
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-o", "pipefail", "-c", '"$@" help | :', "bash", ...RUN],
    stderr: "piped",
  }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
});

/** Runs a daemon in a network of its own, with eth1 and no other node. */
function lonelyDaemon(config: string): Deno.ChildProcess {
  const script = "ip link add eth1 type veth peer name peer1 && ip link set peer1 up && " +
    'ip addr add 192.168.31.11/24 dev eth1 && ip link set eth1 up && exec "$@"';
  const [program, ...args] = [
    ...unshare(),
    ...["sh", "-c", script, "sh", ...RUN, "run", "--config", config, "--log-format", "json"],
  ];
  return new Deno.Command(program!, { args, stdin: "null", stderr: "piped" }).spawn();
}

Deno.test("a command that was answered outlives kill -9", async () => {
  await inFolder(async (folder) => {
    await Deno.chmod(folder, 0o755);
    const config = join(folder, "vipd.yaml");
    await Deno.writeTextFile(config, lonelyConfig(folder));
    const override = () =>
      eventually("status", async () => {
        const { code, out } = await vipd(["status", "--json", "--config", config]);
        return code === 0 ? JSON.parse(out).instances[0].override : null;
      });
    const first = lonelyDaemon(config);
    const firstLog = new Response(first.stderr).text();
    await eventually("answer", async () => {
      const { code } = await vipd(["priority", "77", "--config", config]);
      return code === 0 ? true : null;
    });
    first.kill("SIGKILL");
    await first.status;
    await firstLog;
    const second = lonelyDaemon(config);
    const secondLog = new Response(second.stderr).text();
    try {
      const { kind, priority, until } = await override();
      assert.deepEqual([kind, priority, until], ["priority", 77, null]);
    } finally {
      second.kill("SIGTERM");
    }
    assert.equal((await second.status).code, EXIT.ok);
    const codes = (await secondLog).trim().split("\n").map((line) => JSON.parse(line).code);
    assert.ok(codes.indexOf("order_resumed") < codes.indexOf("state_changed"), codes.join());
  });
});

Deno.test("a daemon in a network of its own is steered by the command line and stops cleanly", async () => {
  await inFolder(async (folder) => {
    // Its front is another user.
    await Deno.chmod(folder, 0o755);
    const config = join(folder, "vipd.yaml");
    await Deno.writeTextFile(config, lonelyConfig(folder));
    const daemon = lonelyDaemon(config);
    const log = new Response(daemon.stderr).text();
    try {
      const status = await eventually("master", async () => {
        const { code, out } = await vipd(["status", "--json", "--config", config]);
        const answer = code === 0 ? JSON.parse(out) : null;
        return answer?.instances[0].state === "master" ? answer : null;
      });
      assert.equal(status.instances[0].addresses[0].held, true);
      const promoted = await vipd(["promote", "--for", "1m", "--config", config]);
      assert.deepEqual([promoted.code, promoted.err], [EXIT.ok, ""]);
      assert.match(promoted.out, /^VI_1: \S+ is master now, \d+ ms, until 2/);
      const demoted = await vipd(["demote", "--config", config]);
      assert.equal(demoted.code, EXIT.refused, "nobody else takes over");
      const second = await vipd(["run", "--config", config], unshare());
      assert.equal(second.code, EXIT.failure);
      assert.match(second.err, new RegExp(`another vipd \\(PID ${daemon.pid}\\) runs with`));
    } finally {
      daemon.kill("SIGTERM");
    }
    assert.equal((await daemon.status).code, EXIT.ok);
    const codes = (await log).trim().split("\n").map((line) => JSON.parse(line).code);
    assert.deepEqual([codes[0], ...codes.slice(-3)], [
      "started",
      "stopping",
      "state_changed",
      "stopped",
    ]);
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    assert.deepEqual(left, ["lock", "state", "token", "vipd.yaml"]);
  });
});

Deno.test("without capabilities the daemon ends with 4 and says what it needs", async () => {
  await inFolder(async (folder) => {
    const config = join(folder, "vipd.yaml");
    await Deno.writeTextFile(config, lonelyConfig(folder));
    const drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
    const { code, err } = await vipd(["run", "--config", config], [...unshare(), ...drop]);
    assert.equal(code, EXIT.notPermitted, err);
    assert.match(err, /CAP_NET_RAW and CAP_NET_ADMIN/);
  });
});
