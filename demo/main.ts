/**
 * The demo: two load balancers in a lab on this machine, and everything that can happen to them.
 *
 * Usage: `deno run -A demo/main.ts [--keep | --stay] [--binary PATH] [--no-color]`
 *
 * @module
 */

import { parseArgs } from "node:util";
import { Cluster, INSTANCE, VIP } from "../lab/cluster.ts";
import { INTERRUPTED, runInLab } from "../lab/command.ts";
import { MARKER } from "../lab/host.ts";
import { ensurePackages, LAB_PROGRAMS } from "../lab/packages.ts";
import { fetchPackages } from "../lab/vipd.ts";
import { clockMs } from "../lab/wait.ts";
import { type Outcome, take } from "./step_runner.ts";
import { Timeline } from "./timeline.ts";
import { STEPS } from "./walk.ts";

const HELP = `Two load balancers keep one address alive: watch them do it.

Makes two load balancers, two web servers and a client out of network namespaces,
then stops, kills and cuts off what can be. Takes a minute; leaves nothing behind.

Usage: deno task demo [options]

  --keep          keep everything running after the walk, to look around
  --stay          no walk: start the pair and keep it running
  --binary PATH   use the built executable instead of the source
  --no-color      no colours (also: NO_COLOR=1)
  --help          this text

Exit codes: 0 every step did what it should, 1 one did not, 2 wrong usage,
            130 and 143 ended by Ctrl-C and SIGTERM
`;

interface Options {
  readonly keep: boolean;
  /** Starts the pair instead of the walk. */
  readonly stay: boolean;
  readonly binary: string | undefined;
  readonly colors: boolean;
}

/** How long the first master may take, in milliseconds. */
const START_MS = 20_000;

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "number") return options;
  return await runInLab((interrupted) => demonstrate(options, interrupted));
}

async function demonstrate(options: Options, interrupted: Promise<number>): Promise<number> {
  await ensurePackages([...LAB_PROGRAMS, "nginx"], (line) => tell(`${line}\n`));
  if (options.binary === undefined) await fetchPackages();
  const name = Deno.env.get(MARKER) ?? `demo-${Deno.pid}`;
  const opening = Cluster.open({ name, binary: options.binary });
  const opened = await Promise.race([opening, interrupted]);
  // Exit ends the half-made lab: its hosts live as long as this process.
  if (typeof opened === "number") return opened;
  await using cluster = opened;
  const shown = options.stay ? startPair(cluster) : walk(options, cluster);
  const code = await Promise.race([shown, interrupted]);
  if (!options.keep || code > 1) return code;
  tell(lookAround(cluster));
  const end = await interrupted;
  return end === INTERRUPTED ? code : end;
}

/** Takes the steps; ends where one leaves the address in the wrong place, for the next begins there. */
async function walk(options: Options, cluster: Cluster): Promise<number> {
  const timeline = new Timeline(options.colors, clockMs());
  tell(timeline.opening(options.binary ?? "vipd from source"));
  const outcomes: Outcome[] = [];
  for (const [index, step] of STEPS.entries()) {
    tell(timeline.begin(index, step, clockMs()));
    const outcome = await take(step, cluster);
    outcomes.push(outcome);
    tell(timeline.end(outcome));
    if (outcome.complaints.length > 0) tell(lastWords(cluster));
    if (outcome.movedAfterMs === null) break;
  }
  tell(timeline.summary(outcomes, STEPS.length));
  const taken = outcomes.length === STEPS.length;
  return taken && outcomes.every((it) => it.complaints.length === 0) ? 0 : 1;
}

/** Resolves when lb01 is the master and lb02 its backup. */
async function startPair({ balancers: { lb01, lb02 }, holders }: Cluster): Promise<number> {
  await lb01.vipd.start();
  await holders.heldBy("lb01", START_MS);
  await lb02.vipd.start();
  return 0;
}

function lastWords({ balancers }: Cluster): string {
  return Object.values(balancers)
    .map(({ host, vipd }) => `--- vipd on ${host.name}\n${vipd.lastLines.slice(-15).join("\n")}\n`)
    .join("");
}

function lookAround({ lab, balancers }: Cluster): string {
  const asWhom = Deno.uid() === 0 ? ", as root" : "";
  const shells = lab.hosts.map((host) => `  ${host.name.padEnd(7)} ${host.shellCommand}`);
  return `
Everything runs on. Enter a host from another terminal${asWhom}:

${shells.join("\n")}

On client:  curl http://${VIP.address}/
On lb01:    ip address show dev ${VIP.device}
            curl http://127.0.0.1:9112/v1/status
            ${balancers.lb01.vipd.curlLine(INSTANCE, "demote")}
            ${balancers.lb01.vipd.curlLine(INSTANCE, "release")}

Ctrl-C ends it.
`;
}

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        keep: { type: "boolean", default: false },
        stay: { type: "boolean", default: false },
        binary: { type: "string" },
        "no-color": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      tell(HELP);
      return 0;
    }
    if (values.binary !== undefined) Deno.statSync(values.binary);
    const plain = values["no-color"] || Deno.noColor || !Deno.stdout.isTerminal();
    const { keep, stay, binary } = values;
    return { keep: keep || stay, stay, binary, colors: !plain };
  } catch (error) {
    tell(`${error instanceof Error ? error.message : error}\n\n${HELP}`, Deno.stderr);
    return 2;
  }
}

function tell(text: string, stream: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout): void {
  stream.writeSync(new TextEncoder().encode(text));
}
