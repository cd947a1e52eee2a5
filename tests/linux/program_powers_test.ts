/**
 * What programs of checks and notifications get of vipd's powers: nothing. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";

const IMPORTS = ["linux/host.ts", "health/probers.ts"]
  .map((path) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href));

/** As the unit starts it: a user of its own, with two capabilities that are handed on. */
const AS_UNIT = [
  ...["--reuid", "65534", "--regid", "65534", "--clear-groups"],
  ...["--inh-caps", "-all,+net_admin,+net_raw", "--ambient-caps", "-all,+net_admin,+net_raw"],
  ...["--bounding-set", "-all,+net_admin,+net_raw", "--no-new-privs"],
];

const PROGRAM = `
  import { LinuxHost } from ${IMPORTS[0]};
  const host = LinuxHost.open({ onError: (error) => { throw error; } });
  const check = { name: "x", type: "exec", intervalMs: 1000, timeoutMs: 5000, rise: 1, fall: 1,
    command: ["/bin/sh", "-c", "echo $(grep -E '^Cap(Prm|Eff|Amb)' /proc/self/status)"] };
  const prober = host.openProber(check, async ({ detail }) => {
    const own = await new Deno.Command("/bin/cat", { args: ["/proc/" + Deno.pid + "/status"] }).output();
    const powers = /^CapEff:\\s*(\\w+)/m.exec(new TextDecoder().decode(own.stdout))[1];
    console.log(JSON.stringify({ detail, powers }));
    prober.close();
    await host.close();
  });
  prober.probe();
`;

Deno.test({
  name: "programs that vipd starts have none of its capabilities, though its unit hands them on",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    const cache = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${cache}/program.ts`, PROGRAM);
      await Deno.chmod(cache, 0o777);
      const { stdout, stderr } = await new Deno.Command("setpriv", {
        args: [...AS_UNIT, Deno.execPath(), "run", "-A", "--no-lock", `${cache}/program.ts`],
        env: { HOME: cache, DENO_DIR: `${cache}/deno`, DENO_NO_UPDATE_CHECK: "1" },
      }).output();
      const [out, err] = [stdout, stderr].map((octets) => new TextDecoder().decode(octets));
      assert.notEqual(out, "", err);
      const { detail, powers } = JSON.parse(out!);
      assert.equal(Number.parseInt(powers, 16), 1 << 12 | 1 << 13, "vipd itself keeps its own");
      assert.match(detail, /^exit code 0: CapPrm: 0+ CapEff: 0+ CapAmb: 0+$/);
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
});
