import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { parseArguments } from "../../../../src/cli/arguments.ts";
import {
  configText,
  nginxAdvice,
  otherNodeCommand,
  planInit,
} from "../../../../src/cli/commands/init/config.ts";
import { init } from "../../../../src/cli/commands/init/init.ts";
import { ENGINE, FRONT } from "../../../../src/daemon/service/unit.ts";
import type { Answers, MachineFacts } from "../../../../src/cli/commands/init/model.ts";
import { missingUnits, writeFiles } from "../../../../src/cli/commands/init/plan_files.ts";
import {
  groupId,
  openFolders,
  refuseUnwritable,
  refuseWithoutPlace,
  writeNewFile,
} from "../../../../src/cli/new_files.ts";
import { parseConfig } from "../../../../src/config/load.ts";
import { EXIT } from "../../../../src/exit.ts";
import { capture, inFolder } from "../../captured_context.ts";

/** One of this machine, from which adverts of IPv4 could come. */
const INTERFACE = Deno.networkInterfaces()
  .find(({ name, family }) => name !== "lo" && family === "IPv4")?.name;

function card(name: string, ...addresses: [string, number][]) {
  const list = addresses.map(([address, prefixLength]) => ({ address, prefixLength }));
  return { name, index: 2, enabled: true, up: true, mac: new Uint8Array(6), addresses: list };
}

const MACHINE: MachineFacts = {
  hostname: "lb01.example.org",
  interfaces: [
    card("eth0", ["10.0.0.11", 24]),
    card("eth1", ["192.168.31.11", 20], ["2001:db8::11", 64], ["fe80::1", 64]),
  ],
  keepalived: false,
  nginx: true,
  nginxAnswers: true,
};
const ANSWERS: Answers = {
  addresses: ["192.168.31.5"],
  vrid: 55,
  role: "master",
  interface: "",
  peers: [],
};

Deno.test("what is left open is decided by the interface that can reach the address", () => {
  const plan = planInit(ANSWERS, MACHINE);
  assert.ok(typeof plan !== "string");
  assert.equal(plan.interface, "eth1");
  assert.deepEqual(plan.instances.map(({ addresses }) => addresses), [
    [{ text: "192.168.31.5/20", device: null }],
  ]);
  assert.equal(
    otherNodeCommand(plan),
    "vipd init --address 192.168.31.5/20 --vrid 55 --role backup",
  );
  const unicast = planInit({ ...ANSWERS, peers: ["192.168.31.12"], role: "backup" }, MACHINE);
  assert.ok(typeof unicast !== "string");
  assert.match(otherNodeCommand(unicast), /--role master --peer 192\.168\.31\.11$/);
  const far = planInit({ ...ANSWERS, addresses: ["10.9.9.5"], interface: "eth1" }, MACHINE);
  assert.ok(typeof far !== "string");
  assert.equal(
    otherNodeCommand(far),
    "vipd init --address 10.9.9.5/32 --vrid 55 --role backup --interface eth1",
  );
});

Deno.test("an address that stands there twice is named without a proposal", () => {
  const wrong = planInit({ ...ANSWERS, addresses: ["192.168.31.5", "192.168.31.5"] }, MACHINE);
  assert.equal(wrong, "--address: 192.168.31.5 stands there twice");
});

Deno.test("every configuration that is written is valid and says what was asked for", () => {
  const machines = [MACHINE, { ...MACHINE, nginxAnswers: false }, { ...MACHINE, nginx: false }];
  const answers: Answers[] = [
    ANSWERS,
    { ...ANSWERS, role: "backup", peers: ["192.168.31.12"] },
    { ...ANSWERS, peers: ["192.168.31.12", "192.168.31.13"] },
    { ...ANSWERS, addresses: ["10.0.0.5/24", "10.0.0.6"], interface: "eth0" },
    { ...ANSWERS, addresses: ["192.168.31.5"], interface: "eth0" },
    { ...ANSWERS, addresses: ["fe80::5/64", "2001:db8::5"], interface: "eth1" },
    { ...ANSWERS, addresses: ["2001:db8::5", "192.168.31.5"] },
    {
      ...{ ...ANSWERS, addresses: ["192.168.31.5", "2001:db8::5"] },
      peers: ["2001:db8::12", "192.168.31.12"],
    },
  ];
  for (const machine of machines) {
    for (const asked of answers) {
      const plan = planInit(asked, machine);
      assert.ok(typeof plan !== "string", String(plan));
      const text = configText(plan, machine.interfaces);
      const loaded = parseConfig(text, "vipd.yaml", { hostname: "x" });
      assert.ok(loaded.ok, text + JSON.stringify(loaded));
      const { config: { node, checks, instances } } = loaded;
      assert.equal(node, "lb01");
      const checked = machine.nginx ? machine.nginxAnswers ? 2 : 1 : 0;
      assert.equal(checks.length, checked);
      for (const { priority, track, soleBackup, unicast } of instances) {
        assert.equal(priority, asked.role === "master" ? 150 : 100);
        assert.equal(track.length, checked);
        assert.equal(unicast?.peers.length ?? 0, asked.peers.length / instances.length);
        assert.equal(soleBackup, (unicast?.peers.length ?? 0) > 1 ? "auto" : true);
      }
      const written = instances.flatMap(({ addresses }) => addresses.map((each) => each.address));
      const wanted = asked.addresses.map((each) => each.split("/")[0]!);
      assert.deepEqual(
        written.filter((each) => wanted.includes(each)).toSorted(),
        wanted.toSorted(),
      );
      assert.deepEqual(loaded.warnings, [], text);
    }
  }
});

Deno.test("the check that is written as a comment is a last resort once its marks are removed", () => {
  for (
    const [machine, tracked] of [
      [{ ...MACHINE, nginxAnswers: false }, ["nginx-process", "nginx-http"]],
      [{ ...MACHINE, nginx: false }, ["nginx-http"]],
    ] as const
  ) {
    const plan = planInit(ANSWERS, machine);
    assert.ok(typeof plan !== "string", String(plan));
    // A mark has no blank behind it that would have to go, too; the sentences of the file have one.
    const text = configText(plan, machine.interfaces).replace(/^( *)#(?=\S)/gm, "$1");
    const loaded = parseConfig(text, "vipd.yaml", { hostname: "x" });
    assert.ok(loaded.ok, text + JSON.stringify(loaded));
    const { checks, instances: [instance] } = loaded.config;
    assert.deepEqual(checks.map(({ name }) => name), tracked);
    const ways = instance!.track.map((track) => [
      track.kind === "check" && track.check,
      track.whenDown,
    ]);
    assert.deepEqual(
      ways,
      tracked.map((name) => [name, name === "nginx-http" ? "last_resort" : "fault"]),
    );
  }
});

Deno.test("an address that no interface can reach is answered with what there is", () => {
  const nowhere = planInit({ ...ANSWERS, addresses: ["172.16.0.5"] }, MACHINE);
  assert.match(String(nowhere), /no interface has an address in the network of 172\.16\.0\.5/);
  assert.match(String(nowhere), /eth1 \(up\): 192\.168\.31\.11\/20/);
  assert.match(String(planInit({ ...ANSWERS, interface: "eth9" }, MACHINE)), /no interface "eth9"/);
});

Deno.test("what is wrong or missing on the command line is reported", async () => {
  const cases: [string[], RegExp][] = [
    [
      [],
      /--address, --vrid and --role are needed, for instance: .*5\/24 --vrid 55 --role master\n/,
    ],
    [["--yes"], /--address and --role are needed/],
    [["--address", "10.0.0.5"], /--vrid and --role are needed/],
    [["--address", "1.2.3"], /--address: "1\.2\.3" is not an IP address/],
    [["--address", "10.0.0.5", "--vrid", "256"], /--vrid 256 is not a number from 1 to 255/],
    [["--address", "10.0.0.5", "--vrid", "5"], /--role is needed, for instance: --role master\n/],
    [["--address", "10.0.0.5", "--yes"], /--role is needed/],
    [["--address", "10.0.0.5", "--vrid", "5", "--role", "main"], /takes master or backup/],
    [["--address", "10.0.0.5", "--peer", "10.0.0.2/24"], /--peer: .*prefix length/],
    [
      ["--peer", "127.0.0.1"],
      /--peer: 127\.0\.0\.1\/32 is a loopback address, [^;]*; write the address by which other machines reach/,
    ],
    [["--peer", "lb02"], /--peer: "lb02" is not an IP address; write it as 192\.168\.31\.11\n/],
  ];
  for (const [argv, message] of cases) {
    const { code, err } = await capture(["init", ...argv]);
    assert.equal(code, EXIT.usage, argv.join(" "));
    assert.match(err, message);
  }
});

Deno.test("a unit alone needs a configuration that is there", async () => {
  await inFolder(async (folder) => {
    const output = join(folder, "vipd.yaml");
    const missing = await capture(["init", "--unit-only", "--output", output]);
    assert.equal(missing.code, EXIT.failure);
    assert.match(missing.err, /there is no \S+vipd\.yaml: vipd init writes one/);
    const neither = await capture(["init", "--unit-only", "--no-unit"]);
    assert.equal(neither.code, EXIT.usage);
    await Deno.writeTextFile(output, "");
    const taken = ["init", "--unit-only", "--output", output, "--unit", output];
    assert.match((await capture(taken)).err, /exists; --force replaces it/);
    assert.equal(await Deno.readTextFile(output), "");
  });
});

Deno.test("on a terminal it asks, also for what was given and is not there", async () => {
  const typed = { "Virtual address": "10.0.0.5/32", "Interface where": [null] };
  const { code, out, err } = await capture(["init", "--interface", "lo0", "--output", "-"], {
    typed,
  });
  assert.deepEqual([code, out], [EXIT.failure, ""]);
  assert.match(err, /^Interfaces of this machine:\n/);
  assert.match(err, /lo0: there is no interface "lo0"\n.*ended; nothing is written\n$/s);
});

Deno.test("the addresses of each family are an instance, and the other node's command has all", () => {
  const addresses = ["2001:db8::5", "192.168.31.5", "fe80::5"];
  const plan = planInit({ ...ANSWERS, addresses }, MACHINE);
  assert.ok(typeof plan !== "string", String(plan));
  assert.deepEqual(plan.instances.map((it) => [it.name, ...it.addresses.map(({ text }) => text)]), [
    ["VI_1", "fe80::5/64", "2001:db8::5/64"],
    ["VI_2", "192.168.31.5/20"],
  ]);
  const command =
    "vipd init --address fe80::5/64 --address 2001:db8::5/64 --address 192.168.31.5/20 --vrid 55 --role backup";
  assert.equal(otherNodeCommand(plan), command);
  const peers = ["192.168.31.12", "2001:db8::12"];
  const unicast = planInit({ ...ANSWERS, addresses, peers }, MACHINE);
  assert.ok(typeof unicast !== "string", String(unicast));
  assert.equal(
    otherNodeCommand(unicast),
    `${command} --peer 2001:db8::11 --peer 192.168.31.11`,
  );
});

Deno.test("with an address of IPv6 nginx has to listen there, too", () => {
  const cases = [
    [["2001:db8::5"], MACHINE, true],
    [["192.168.31.5", "2001:db8::5"], MACHINE, true],
    [["192.168.31.5"], MACHINE, false],
    [["2001:db8::5"], { ...MACHINE, nginx: false }, false],
  ] as const;
  for (const [addresses, machine, isAdvised] of cases) {
    const plan = planInit({ ...ANSWERS, addresses }, machine);
    assert.ok(typeof plan !== "string", String(plan));
    assert.equal(nginxAdvice(plan).includes("listen [::]:80;"), isAdvised, addresses.join());
  }
});

Deno.test("IPv6 addresses follow the link-local one of the pair, which its number makes", () => {
  const plan = planInit({ ...ANSWERS, addresses: ["2001:db8::5", "2001:db8::6"] }, MACHINE);
  assert.ok(typeof plan !== "string", String(plan));
  assert.deepEqual(plan.instances.flatMap(({ addresses }) => addresses.map(({ text }) => text)), [
    "fe80::200:5eff:fe00:237/64",
    "2001:db8::5/64",
    "2001:db8::6/64",
  ]);
});

Deno.test("adverts on one interface, the address on the one that has its network", () => {
  const plan = planInit({ ...ANSWERS, interface: "eth0" }, MACHINE);
  assert.ok(typeof plan !== "string", String(plan));
  assert.deepEqual(plan.instances[0]!.addresses, [{ text: "192.168.31.5/20", device: "eth1" }]);
  assert.match(plan.doubts.join(), /the network of 192\.168\.31\.5 is on eth1, not on eth0/);
  assert.match(otherNodeCommand(plan), /--role backup --interface eth0$/);
});

Deno.test("a file that is there ends it before the first question", async () => {
  await inFolder(async (folder) => {
    const output = join(folder, "vipd.yaml");
    await Deno.writeTextFile(output, "kept");
    const { code, err } = await capture(["init", "--output", output, "--no-unit"], { typed: {} });
    assert.equal(code, EXIT.failure);
    assert.match(err, /vipd\.yaml exists; --force replaces it/);
    assert.equal(await Deno.readTextFile(output), "kept");
  });
});

Deno.test("the other node's address is not this node's own", () => {
  const wrong = planInit({ ...ANSWERS, peers: ["192.168.31.11"] }, MACHINE);
  assert.match(String(wrong), /--peer: 192\.168\.31\.11 is this node's own address/);
});

Deno.test("a file is written whole, with its mode, and never replaced unasked", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "deep/vipd.yaml");
    await writeNewFile({ path, text: "one", mode: 0o640, option: "--output" }, false);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o640);
    const before = Deno.umask(0o077);
    try {
      const closed = { path: join(folder, "closed/to/x"), text: "", mode: 0o644 };
      await writeNewFile({ ...closed, option: "--output" }, false);
    } finally {
      Deno.umask(before);
    }
    for (const made of ["closed", "closed/to"]) {
      assert.equal((await Deno.stat(join(folder, made))).mode! & 0o777, 0o755, made);
    }
    assert.equal((await Deno.stat(folder)).mode! & 0o777, 0o700);
    await assert.rejects(
      writeNewFile({ path, text: "two", mode: 0o640, option: "--output" }, false),
      /--force replaces/,
    );
    assert.equal(await Deno.readTextFile(path), "one");
    await writeNewFile({ path, text: "two", mode: 0o600, option: "--output" }, true);
    assert.equal(await Deno.readTextFile(path), "two");
    const left = await Array.fromAsync(Deno.readDir(join(folder, "deep")), ({ name }) => name);
    assert.deepEqual(left, ["vipd.yaml"]);
  });
});

Deno.test("what is not written by choice, or cannot be, ends with an error and its remedy", async () => {
  if (INTERFACE === undefined) return;
  await inFolder(async (folder) => {
    const output = join(folder, "vipd.yaml");
    const given = ["--address", "10.0.0.5/32", "--vrid", "5", "--role", "master", "--no-probe"];
    const named = ["--interface", INTERFACE, "--no-unit"];
    const typed = {
      "Address of the other": "none",
      "Interface where": INTERFACE,
      "Write this?": "n",
    };
    const refused = await capture(["init", ...given, ...named, "--output", output], { typed });
    assert.match(refused.err, /To be written:\n {2}\S+vipd\.yaml .*\nnothing is written\n$/s);
    assert.equal(refused.code, EXIT.failure);
    const there = await capture(["init", ...given, ...named, "--output", folder]);
    assert.equal(there.err, `vipd: ${folder} is a folder: name a file in it, such as ${output}\n`);
    const beyond = await capture(["init", ...given, ...named, "--output", `${output}/deep/a.yaml`]);
    assert.match(beyond.err, /warning: the folder \S+vipd\.yaml\/deep is not there: it is made\n/);
    assert.equal((await Deno.lstat(`${output}/deep/a.yaml`)).isFile, true);
    const [made, ...written] = beyond.out.split("\n\n")[0]!.split("\nwritten: ");
    const folders = [output, `${output}/deep`].map((path) => `made: the folder ${path}`);
    assert.deepEqual([made, written], [
      folders.join("\n"),
      [`${output}/deep/a.yaml`, `${output}/deep/vipd.schema.json`],
    ]);
    const lo = await capture(["init", ...given, "--interface", "lo", "--output", "-"]);
    assert.match(lo.err, /adverts on lo reach no other node/);
  });
});

Deno.test("a place that takes no file is found before anything is written, with the option that names another", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "plain"), "");
    const files = [
      { path: join(folder, "vipd.yaml"), text: "one", mode: 0o640, option: "--output" },
      { path: join(folder, "plain/vipd.service"), text: "two", mode: 0o644, option: "--unit" },
    ] as const;
    await assert.rejects(
      refuseWithoutPlace(files),
      /cannot write \S+vipd\.service: Not a directory; name another place with --unit$/,
    );
    await refuseWithoutPlace(files.slice(0, 1));
    const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assert.deepEqual(left, ["plain"], "trials are removed");
  });
});

Deno.test("what was done before a failure is printed", async () => {
  await inFolder(async (folder) => {
    let out = "";
    const args = parseArguments([], init.options, 0);
    const at = (path: string) =>
      ({ path: join(folder, path), text: "", mode: 0o644, option: "--output" }) as const;
    const files = [at("deep/vipd.yaml"), at("deep/vipd.yaml/below/vipd.schema.json")];
    const output = { out: (text: string) => void (out += text) };
    await assert.rejects(writeFiles(files, args, output), /cannot write \S+schema\.json: /);
    assert.equal(out, `made: the folder ${folder}/deep\nwritten: ${folder}/deep/vipd.yaml\n`);
  });
});

Deno.test("without room for all files none is written, and a read-only folder of units ends it at first", async () => {
  if (INTERFACE === undefined) return;
  const main = new URL("../../../../main.ts", import.meta.url).pathname;
  const given = ["--address", "10.0.0.5/32", "--vrid", "5", "--role", "master", "--no-probe"];
  const cases: [mount: string, args: string[], message: RegExp][] = [
    ["size=8k", ["--no-unit"], /vipd\.schema\.json: No space left on device; .* --output\n/],
    ["ro", ["--unit", "UNIT"], /vipd\.service: Read-only file system; .* --unit\n/],
  ];
  for (const [options, chosen, message] of cases) {
    await inFolder(async (folder) => {
      const place = join(folder, "place");
      await Deno.mkdir(place);
      const output = join(options === "ro" ? folder : place, "vipd.yaml");
      const words = chosen.map((word) => word === "UNIT" ? join(place, "vipd.service") : word);
      const mount = `mount -t tmpfs -o ${options} none ${place} && "$@" || ls -A ${place}`;
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: [
          ...(Deno.uid() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"]),
          ...["sh", "-c", mount, "sh", Deno.execPath(), "run", "-A", "--no-check", main, "init"],
          ...[...given, "--interface", INTERFACE!, ...words, "--output", output],
        ],
      }).output();
      const decoder = new TextDecoder();
      assert.match(decoder.decode(stderr), message);
      assert.equal(decoder.decode(stdout), "", options);
      assert.deepEqual(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["place"]);
    });
  }
});

Deno.test("a user who may not write hears so before everything else", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "closed/vipd.yaml");
    await Deno.mkdir(dirname(path));
    await Deno.writeTextFile(path, "kept");
    await Deno.chmod(dirname(path), 0o555);
    // Root may write everywhere.
    const outcome = refuseUnwritable([path, join(folder, "closed/more/vipd.yaml")]);
    if (Deno.uid() === 0) await outcome;
    else {await assert.rejects(
        outcome,
        /cannot write \S+closed\/vipd\.yaml: this user may not write there; run it as root/,
      );}
    const left = await Array.fromAsync(Deno.readDir(dirname(path)), ({ name }) => name);
    assert.deepEqual(left, ["vipd.yaml"]);
    await Deno.chmod(dirname(path), 0o755);
  });
});

Deno.test("a group is known by its name", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "group"), "root:x:0:\nvipd:x:998:\nvipd2:x:5:\n");
    assert.equal(await groupId("vipd", join(folder, "group")), 998);
    assert.equal(await groupId("vip", join(folder, "group")), null);
  });
});

Deno.test("a virtual address that this host has of its own is refused, on whatever interface", () => {
  const [eth0, eth1] = MACHINE.interfaces;
  const own = { address: "192.168.31.5", prefixLength: 20 };
  const planned = (address: typeof own & { foreign?: true }, carrier: "eth0" | "eth1") => {
    const interfaces = [eth0!, eth1!].map((it) =>
      it.name === carrier ? { ...it, addresses: [...it.addresses, address] } : it
    );
    return planInit(ANSWERS, { ...MACHINE, interfaces });
  };
  for (const carrier of ["eth0", "eth1"] as const) {
    assert.match(
      String(planned({ ...own, foreign: true }, carrier)),
      new RegExp(
        `^--address: 192\\.168\\.31\\.5 is this node's own address on ${carrier}: .*ip address del`,
      ),
    );
  }
  assert.ok(typeof planned(own, "eth1") !== "string", "one that vipd has put there");
  const keepalived = [eth0!, { ...eth1!, addresses: [{ ...own, foreign: true as const }] }];
  const next = String(planInit(ANSWERS, { ...MACHINE, interfaces: keepalived, keepalived: true }));
  assert.match(next, /own address on eth1: .*or stop keepalived, .*vipd import/);
  assert.doesNotMatch(next, /ip address del/, "it would take the service away");
  const linkLocal = { address: "fe80::5", prefixLength: 64, foreign: true as const };
  const interfaces = [{ ...eth0!, addresses: [...eth0!.addresses, linkLocal] }, eth1!];
  const answers = { ...ANSWERS, addresses: ["fe80::5/64"], interface: "eth1" };
  assert.ok(typeof planInit(answers, { ...MACHINE, interfaces }) !== "string", "another link");
});

const SOMEBODY = { uid: 65533, gid: 65533 };

Deno.test({
  name: "the units' user is let into vipd's own folders, of another closed one stands the command",
  ignore: Deno.uid() !== 0,
  fn: () =>
    inFolder(async (folder) => {
      const [own, config] = [join(folder, "vipd"), join(folder, "vipd/here/vipd.yaml")];
      await Deno.mkdir(dirname(config), { recursive: true });
      await Deno.writeTextFile(config, "");
      for (const path of [own, dirname(config)]) await Deno.chmod(path, 0o700);
      const modes = async () =>
        (await Promise.all([folder, own, dirname(config)].map((path) => Deno.stat(path))))
          .map(({ mode }) => mode! & 0o777);

      const command = `chmod o+x ${folder} ${own} ${dirname(config)}`;
      const said = await openFolders(config, SOMEBODY, own);
      const refused =
        `the user of the unit does not get to ${config}: ${command}, or keep it in ${own}`;
      assert.equal(said, refused);
      assert.deepEqual(await modes(), [0o700, 0o700, 0o700]);

      await Deno.chmod(folder, 0o755);
      assert.match((await openFolders(config, SOMEBODY, own))!, /: done: chmod o\+x \S+ \S+$/);
      assert.deepEqual(await modes(), [0o755, 0o701, 0o701]);
      assert.equal(await openFolders(config, SOMEBODY, own), null);
    }),
});

Deno.test("of the units that of the front alone is written again if that of the engine leaves the front to it", () =>
  inFolder(async (folder) => {
    const planned = [ENGINE, FRONT].map(({ name, text }) => ({
      ...{ path: join(folder, name), text: text("/usr/bin/vipd"), mode: 0o644 },
      option: "--unit" as const,
    }));
    const [engine, front] = planned;
    const args = (...argv: string[]) => parseArguments(argv, init.options, 0);
    const missing = async (...argv: string[]) => await missingUnits(planned, args(...argv));
    assert.deepEqual(await missing(), planned);
    await Deno.writeTextFile(engine!.path, "[Service]\nExecStart=/usr/bin/vipd run\n");
    assert.deepEqual(await missing(), planned);
    await Deno.writeTextFile(engine!.path, engine!.text);
    assert.deepEqual(await missing(), [front]);
    assert.deepEqual(await missing("--force"), planned);
    await Deno.writeTextFile(front!.path, front!.text);
    assert.deepEqual(await missing(), planned);
  }));
