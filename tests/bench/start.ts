/**
 * `deno task bench:start FILE...`: size, start-up and memory of executables of vipd.
 *
 * @module
 */

import { usageOf } from "../../lab/usage.ts";

const RUNS = 20;
const MEBIBYTE = 1024 * 1024;
/** The front comes after the engine. */
const SETTLE_MS = 5000;

const CONFIG = (folder: string) =>
  `api: { listen: "unix:${folder}/api.sock" }
run_dir: ${folder}
instances:
  - { name: VI_1, interface: none0, vrid: 55, addresses: [192.0.2.5/24] }
`;

interface Figures {
  readonly sizeMb: number;
  readonly firstStartMs: number;
  readonly startMs: number;
  /** Of engine and front of an idle vipd: proportional set size, and what it has written to. */
  readonly pssMb: number;
  readonly privateMb: number;
}

async function startMs(file: string, env: Record<string, string>): Promise<number> {
  const beganMs = performance.now();
  const { code } = await new Deno.Command(file, { args: ["version"], env, stdout: "null" })
    .output();
  if (code !== 0) throw new Error(`${file} version ended with ${code}`);
  return performance.now() - beganMs;
}

/** Of engine and front together, in MB. */
async function memory(file: string, folder: string, env: Record<string, string>) {
  // The front is another user.
  await Deno.chmod(folder, 0o755);
  const config = `${folder}/vipd.yaml`;
  await Deno.writeTextFile(config, CONFIG(folder));
  const args = ["run", "--config", config];
  const child = new Deno.Command(file, { args, env, stdout: "null", stderr: "null" }).spawn();
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { pssOctets, privateOctets } = await usageOf(child.pid);
    return { pssMb: pssOctets / MEBIBYTE, privateMb: privateOctets / MEBIBYTE };
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

async function measure(file: string): Promise<Figures> {
  const folder = await Deno.makeTempDir();
  try {
    const env = { VIPD_CACHE_DIR: `${folder}/cache` };
    const firstStartMs = await startMs(file, env);
    const later: number[] = [];
    for (let run = 0; run < RUNS; run++) later.push(await startMs(file, env));
    const sizeMb = (await Deno.stat(file)).size / 1e6;
    const median = later.toSorted((a, b) => a - b)[RUNS / 2]!;
    return { sizeMb, firstStartMs, startMs: median, ...await memory(file, folder, env) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const files = Deno.args.length > 0 ? Deno.args : ["dist/vipd", "dist/portable/vipd"];
for (const file of files) {
  const { sizeMb, firstStartMs, startMs, pssMb, privateMb } = await measure(
    await Deno.realPath(file),
  );
  const line = `${file}: ${sizeMb.toFixed(1)} MB; first start ${firstStartMs.toFixed(0)} ms, ` +
    `later ${startMs.toFixed(0)} ms (median of ${RUNS}); idle, engine and front: ` +
    `${pssMb.toFixed(0)} MB (PSS), ${privateMb.toFixed(0)} MB of it private dirty\n`;
  await Deno.stdout.write(new TextEncoder().encode(line));
}
