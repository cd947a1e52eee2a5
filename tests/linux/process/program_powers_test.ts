/**
 * What programs of checks and notifications get of what vipd was started with: nothing. Needs root.
 *
 * @module
 */

import assert from "node:assert/strict";

const IMPORT = JSON.stringify(new URL("../../../src/linux/host.ts", import.meta.url).href);

/** Starts a check in a process that was itself started with capabilities and descriptors. */
const PROGRAM = `
  import { LinuxHost } from ${IMPORT};
  const host = LinuxHost.open({ onError: (error) => { throw error; } });
  const user = JSON.parse(Deno.args[0]);
  const check = { name: "x", type: "exec", intervalMs: 1000, timeoutMs: 5000, rise: 1, fall: 1,
    command: ["/bin/sh", "-c",
      "echo $(grep -E '^Cap' /proc/self/status) $(id -u) files $(ls /proc/self/fd)"],
    ...(user && { user: { name: user } }) };
  const prober = host.openProber(check, async ({ detail }) => {
    const own = await new Deno.Command("/bin/cat", { args: ["/proc/" + Deno.pid + "/status"] }).output();
    const powers = /^CapEff:\\s*(\\w+)/m.exec(new TextDecoder().decode(own.stdout))[1];
    console.log(JSON.stringify({ detail, powers }));
    prober.close();
    await host.close();
  });
  prober.probe();
`;

const NETWORK = "-all,+net_admin,+net_raw";
const HANDED_ON = ["--inh-caps", NETWORK, "--ambient-caps", NETWORK];
const UNPRIVILEGED = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
const NETWORK_BITS = 1 << 12 | 1 << 13;

const CASES: readonly {
  readonly name: string;
  readonly started: readonly string[];
  readonly user?: string;
  /** What vipd itself keeps; all where it is not said. */
  readonly powers?: number;
  readonly check: RegExp;
}[] = [
  {
    name: "as its unit starts vipd: a user of its own, with two capabilities that are handed on",
    started: [...UNPRIVILEGED, ...HANDED_ON, "--bounding-set", NETWORK, "--no-new-privs"],
    powers: NETWORK_BITS,
    check: /CapInh: 0+ CapPrm: 0+ CapEff: 0+ CapBnd: \w+ CapAmb: 0+ 65534 files 0 1 2 3$/,
  },
  {
    name: "as root that names a user",
    started: HANDED_ON,
    user: "nobody",
    check: /CapInh: 0+ CapPrm: 0+ CapEff: 0+ CapBnd: \w+ CapAmb: 0+ 65534 files 0 1 2 3$/,
  },
  {
    name: "as root that names none: what the bounding set leaves to any program of root's",
    started: [...HANDED_ON, "--bounding-set", NETWORK],
    powers: NETWORK_BITS,
    check: /CapInh: 0+ CapPrm: 0+3000 CapEff: 0+3000 CapBnd: 0+3000 CapAmb: 0+ 0 files 0 1 2 3$/,
  },
  {
    name:
      "as a user that is not root a check for another user is refused, whatever the capabilities",
    started: [
      ...UNPRIVILEGED,
      ...["--inh-caps", "+setuid,+setgid,+kill,+net_admin,+net_raw"],
      ...["--ambient-caps", "+setuid,+setgid,+kill,+net_admin,+net_raw"],
    ],
    user: "daemon",
    powers: NETWORK_BITS | 1 << 5 | 1 << 6 | 1 << 7,
    check: /only root can run programs as another user, and vipd is not run as root$/,
  },
];

Deno.test({
  name: "programs that vipd starts get no capability and no descriptor that vipd was started with",
  ignore: Deno.uid() !== 0,
  fn: async (t) => {
    const cache = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${cache}/program.ts`, PROGRAM);
      await Deno.chmod(cache, 0o777);
      for (const { name, started, user, powers, check } of CASES) {
        await t.step(name, async () => {
          const vipd = [
            ...["setpriv", ...started, Deno.execPath(), "run", "-A", "--no-lock"],
            ...[`${cache}/program.ts`, JSON.stringify(user ?? null)],
          ];
          // Whoever starts vipd has a file and a pipe open.
          const script = 'exec 9</etc/passwd 8> >(cat); exec "$@"';
          const { stdout, stderr } = await new Deno.Command("bash", {
            args: ["-c", script, "bash", ...vipd],
            env: { HOME: cache, DENO_DIR: `${cache}/deno`, DENO_NO_UPDATE_CHECK: "1" },
          }).output();
          const [out, err] = [stdout, stderr].map((octets) => new TextDecoder().decode(octets));
          assert.notEqual(out, "", err);
          const found = JSON.parse(out!);
          assert.match(found.detail, check);
          if (powers !== undefined) assert.equal(Number.parseInt(found.powers, 16), powers);
        });
      }
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
});
