import assert from "node:assert/strict";
import { makeAuthority } from "../../src/pairing/certificates.ts";
import { FileChanges } from "../../src/pairing/file_changes.ts";
import { type OwnPart, ownPart } from "../../src/pairing/own_part.ts";
import { formatPairLine } from "../../src/pairing/pair_line.ts";
import { listensFor, planPair } from "../../src/pairing/pair_plan.ts";
import { servingProblem } from "../../src/pairing/serving_trial.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { likelyAddress, ownNode, placeNamed } from "../../src/cli/commands/pair/own_node.ts";
import { processContext } from "../../src/cli/context.ts";
import { parseConfig } from "../../src/config/load.ts";
import { capture, exampleConfig, inFolder } from "../cli/captured_context.ts";

const ADDRESS = "192.168.31.11";
const owner = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
const OTHER = {
  node: "lb02",
  url: "https://192.168.31.12:9112",
  ca: makeAuthority("lb02").cert,
  read_token: "correct-horse-battery-staple",
  time: Date.now(),
};

async function partOf(folder: string, data: unknown = {}, address = ADDRESS) {
  const stateDir = `${folder}/state`;
  return await ownPart({ data, stateDir, node: "lb01", address, nowMs: Date.now() });
}

function planFor(folder: string, own: OwnPart, text = exampleConfig(folder, "127.0.0.1:9112")) {
  const listen = ["127.0.0.1:9112"];
  const file = { path: `${folder}/vipd.yaml`, text, mode: 0o640, owner };
  const place = { host: ADDRESS, port: 9112 };
  const rest = { stateDir: `${folder}/state`, owner, nowMs: Date.UTC(2026, 0, 2, 3, 4, 5) };
  return planPair({ file, listen, place, own, other: OTHER, ...rest });
}

Deno.test("what a pairing writes is a valid configuration, and a second one keeps keys and token", () =>
  inFolder(async (folder) => {
    const first = await partOf(folder);
    assert.ok(typeof first !== "string");
    const plan = planFor(folder, first);
    await Deno.writeTextFile(`${folder}/vipd.yaml`, exampleConfig(folder, "127.0.0.1:9112"));
    new FileChanges(plan.changes).commit();
    assert.equal(plan.backup, `${folder}/vipd.yaml.2026-01-02T030405`);
    const text = await Deno.readTextFile(`${folder}/vipd.yaml`);
    const loaded = parseConfig(text, "vipd.yaml", { hostname: "lb01" });
    assert.ok(loaded.ok, JSON.stringify(loaded));
    assert.deepEqual(loaded.config.peers.map(({ name, url }) => [name, url]), [
      ["lb02", OTHER.url],
    ]);
    const remote = loaded.config.api.listen.find(({ kind }, index) => kind === "tcp" && index > 0);
    assert.ok(
      remote?.kind === "tcp" && remote.host === ADDRESS && remote.tls && "cert" in remote.tls,
    );

    const data = { api: { tls: first.edit.tls, read_token_file: first.edit.readTokenFile } };
    const again = await partOf(folder, data);
    assert.ok(typeof again !== "string");
    assert.deepEqual([again.offer, again.edit], [first.offer, {}]);
    const closed = await partOf(folder, { api: { local_reading: "token" } });
    assert.ok(typeof closed !== "string");
    assert.deepEqual(
      [first, closed].map(({ edit }) => edit.localReading),
      ["open", undefined],
      "who may read on this machine stays as it was",
    );
    const moved = await partOf(folder, data, "192.168.31.99");
    assert.ok(typeof moved !== "string");
    const keyOf = ({ files }: OwnPart) => files.find(({ path }) => path.endsWith("api.key"))?.text;
    assert.equal(moved.isRenewed, true);
    assert.equal(keyOf(moved), keyOf(first), "another address needs another certificate, no key");
  }));

for (
  const [what, damage] of [
    ["is lost", (pair) => Deno.remove(pair, { recursive: true })],
    ["has lost the authority alone", (pair) => Deno.remove(`${pair}/authority.key`)],
    ["has empty files, as after a loss of power", async (pair) => {
      for await (const { name } of Deno.readDir(pair)) {
        await Deno.writeTextFile(`${pair}/${name}`, "");
      }
    }],
    [
      "has another node's key",
      (pair) => Deno.writeTextFile(`${pair}/api.key`, makeAuthority("lb03").key),
    ],
  ] satisfies [string, (pair: string) => Promise<void>][]
) {
  Deno.test(`a node whose folder of the pairing ${what} pairs again`, () =>
    inFolder(async (folder) => {
      const path = `${folder}/vipd.yaml`;
      await Deno.writeTextFile(path, exampleConfig(folder, "127.0.0.1:9112"), { mode: 0o600 });
      const first = await partOf(folder);
      assert.ok(typeof first !== "string");
      new FileChanges(planFor(folder, first).changes).commit();
      await damage(`${folder}/state/pair`);
      if (!what.includes("authority")) {
        const check = await capture(["check", path]);
        assert.equal(check.code, 3, check.out + check.err);
        assert.match(check.err, /api\.tls\..*; `vipd pair` makes it again: run it on this node/);
      }

      const args = parseArguments(["--config", path], { config: "text" }, 0);
      const own = await ownNode(args, processContext());
      const part = await partOf(folder, own.data);
      assert.ok(typeof part !== "string", String(part));
      new FileChanges(planFor(folder, part, own.file.text).changes).commit();
      const again = await capture(["check", path]);
      assert.equal(again.code, 0, again.err);
      const text = (name: string) => Deno.readTextFile(`${folder}/state/pair/${name}`);
      const [cert, key, ca] = await Promise.all(["api.pem", "api.key", "authority.pem"].map(text));
      const served = { cert: cert!, key: key!, ca: ca!, name: ADDRESS };
      assert.equal(await servingProblem(served), null, "the other node accepts it");
    }));
}

Deno.test("a file from elsewhere that is missing is an obstacle to a pairing", () =>
  inFolder(async (folder) => {
    const path = `${folder}/vipd.yaml`;
    const config = exampleConfig(folder).replace(
      "type: http",
      `type: http\n    url: https://127.0.0.1/\n    ca: ${folder}/shop.pem`,
    ).replace("    url: http://127.0.0.1/\n", "");
    await Deno.writeTextFile(path, config, { mode: 0o600 });
    const run = await capture(["pair", "--config", path]);
    assert.equal(run.code, 3, run.err);
    assert.match(run.err, /checks\.nginx\.ca: .* no such file; name a file with a certificate/);
  }));

Deno.test("a certificate from elsewhere is used if the other node would accept it, else refused with the command", () =>
  inFolder(async (folder) => {
    const [cert, key] = [`${folder}/api.pem`, `${folder}/api.key`];
    const make = async (command: string) => {
      const [program, ...args] = command.split(" ");
      await new Deno.Command(program!, { args, stderr: "null" }).output();
      await Deno.chmod(key, 0o600);
    };
    const data = { api: { tls: { cert, key } } };
    await make(`openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout ${key} -out ${cert}`);
    const refused = await partOf(folder, data);
    assert.ok(typeof refused === "string");
    assert.match(refused, /CA:TRUE/);
    await make(/openssl .*?(?= - or )/.exec(refused)![0]);
    const part = await partOf(folder, data);
    assert.ok(typeof part !== "string", String(part));
    assert.equal(part.offer.ca, await Deno.readTextFile(cert));
    assert.deepEqual([part.edit.tls, part.isRenewed], [undefined, false]);
  }));

Deno.test("where the API listens already for other machines it listens on", () => {
  const cases = [
    [["127.0.0.1:9112"], null],
    [["127.0.0.1:9112", `${ADDRESS}:9443`], 9443],
    [["0.0.0.0:9000"], 9000],
    [["[::]:9000", "unix:/run/x.sock"], null],
  ] as const;
  for (const [listen, port] of cases) {
    assert.equal(listensFor(listen, ADDRESS)?.port ?? null, port, listen.join());
  }
});

/** Nobody listens there. */
const LINE = formatPairLine({
  ...{ host: "127.0.0.2", port: 1, secret: new Uint8Array(16) },
  fingerprint: new Uint8Array(32),
});

for (
  const [argv, stdin, code, said] of [
    [["--join"], "ssh root@lb01\n", 2, /not the whole line/],
    [["--join"], "", 2, /nothing was pasted/],
    [["--listen", "192.168.31.5"], "", 2, /a virtual address/],
    [["--listen", "127.0.0.1"], "", 2, /does not lead here/],
    [["--listen", "fe80::1"], "", 2, /link-local/],
    [["--listen", "203.0.113.7"], "", 2, /203\.0\.113\.7 is not on this machine: name an address/],
    [["--join", "--listen", "203.0.113.7"], "", 2, /is not on this machine/],
    [["--join"], `${LINE}\n`, 2, /nobody can agree: --yes agrees without a question/],
    [["--join", "--renew"], "", 2, /exclude each other/],
  ] as const
) {
  Deno.test(`vipd pair ${argv.join(" ")} with ${JSON.stringify(stdin)} is refused`, () =>
    inFolder(async (folder) => {
      const config = `${folder}/vipd.yaml`;
      await Deno.writeTextFile(config, exampleConfig(folder), { mode: 0o600 });
      const run = await capture(["pair", ...argv, "--config", config], { stdin });
      assert.deepEqual([run.code, run.out], [code, ""], run.err);
      assert.match(run.err, said);
    }));
}

Deno.test("a person at a terminal who pastes something else is asked for the line again", () =>
  inFolder(async (folder) => {
    const config = `${folder}/vipd.yaml`;
    await Deno.writeTextFile(config, exampleConfig(folder), { mode: 0o600 });
    const stdin = `ssh root@lb01\n"${LINE}"\n`;
    const run = await capture(["pair", "--join", "--config", config], { stdin, typed: {} });
    assert.equal(run.code, 1, run.err);
    assert.match(
      run.err,
      /: {3}this is not the whole line .*\nThe line .*: vipd: nobody listens at/s,
    );
  }));

const INTERFACES = [
  { name: "lo", address: "127.0.0.1" },
  { name: "eth0", address: "10.0.0.11" },
  { name: "eth1", address: "192.168.31.5" },
  { name: "eth1", address: "192.168.31.11" },
  { name: "eth1", address: "fe80::11" },
  { name: "eth1", address: "fd00::11" },
];
const LIKELY: readonly (readonly [listen: string[], interfaceName: string, string | null])[] = [
  [["127.0.0.1:9112"], "eth1", "192.168.31.11"],
  [["0.0.0.0:9112"], "eth1", "192.168.31.11"],
  [["127.0.0.1:9112", "10.0.0.11:9112"], "eth1", "10.0.0.11"],
  // The virtual address, which moves.
  [["192.168.31.5:9112"], "eth1", "192.168.31.11"],
  [["0.0.0.0:9112"], "eth7", "10.0.0.11"],
  [["[::]:9112"], "eth7", "fd00::11"],
  [["127.0.0.1:9112"], "eth7", null],
];
for (const [listen, name, expected] of LIKELY) {
  Deno.test(`the other node asks at ${expected} if the API listens at ${listen}, VRRP on ${name}`, () => {
    const text = `instances:\n  - name: VI_1\n    interface: ${name}\n    vrid: 5\n` +
      "    addresses: [192.168.31.5/24]\n";
    const loaded = parseConfig(text, "vipd.yaml", { hostname: "lb01" });
    assert.ok(loaded.ok);
    assert.equal(likelyAddress({ config: loaded.config, listen }, INTERFACES), expected);
  });
}

Deno.test("the address of this node is named with and without brackets and port", () => {
  const cases = [
    ["192.168.31.11", { host: "192.168.31.11" }],
    ["fd00:31::11", { host: "fd00:31::11" }],
    ["[fd00:31::11]", { host: "fd00:31::11" }],
    ["[FD00:31::11]:9113", { kind: "tcp", host: "fd00:31::11", port: 9113 }],
  ] as const;
  for (const [text, place] of cases) assert.deepEqual(placeNamed(text), place);
  for (const wrong of ["[192.168.31.11]", "[fd00:31::11", "lb01", "[]"]) {
    assert.throws(() => placeNamed(wrong), wrong);
  }
});
