/**
 * What the node waits for does not answer: the resolver, programs, the disk, the reader of its log.
 *
 * @module
 */

import { LabError } from "../../../../lab/error.ts";
import { Attack } from "../../../../lab/hostile/attack.ts";
import type { Lab } from "../../../../lab/network.ts";
import { PRIORITIES } from "../../../../lab/pair_config.ts";
import { StallingFolder, StallingPipe } from "../../../../lab/stalled_files.ts";
import { clockMs, sleep } from "../../../../lab/wait.ts";
import { masterHas, STRANGER_ADDRESS } from "../../hostile/nodes.ts";
import { type Field, pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import type { Measured } from "../../scenario.ts";

const CHECKS = 40;
/** A stall is to last a minute where an attack lasts half of one. */
const TIMES = 2;
/** The node is given something to write so often, in milliseconds. */
const ORDER_MS = 500;

const RESOLVER_FILE = "/run/lab/resolv.conf";
const STUBBORN_FLAG = "/run/lab/stubborn";
/** A line for each program that began not to end. */
const STUBBORN_BEGUN = "/run/lab/stubborn.begun";
/** vipd has written so shortly before what it writes to stalls, in milliseconds. */
const USED_MS = 10_000;

/** Passes at once, but for as long as the flag is there it does not end for anything but SIGKILL. */
const STUBBORN_COMMAND = JSON.stringify([
  "/bin/sh",
  "-c",
  `[ -e ${STUBBORN_FLAG} ] || exit 0; trap "" TERM INT HUP; echo >>${STUBBORN_BEGUN}; ` +
  "while :; do sleep 60; done",
]);

export const STALLS: readonly HostileRow[] = [
  pairRow({
    name: "resolver",
    title: `${CHECKS} checks of names, resolver silent`,
    processes: 1,
    config: masterHas(checks((at) => `{ type: http, url: "http://web${at}.example.test/" }`)),
    prepare: useResolver,
    async attack({ stranger, durationMs, note }) {
      const resolver = Attack.start(stranger, "silent_resolver", durationMs);
      note(`the resolver: ${JSON.stringify(await resolver.ended({ asked: 2 }))}`);
      return {};
    },
  }),
  pairRow({
    name: "programs",
    title: `${CHECKS} check programs that ignore SIGTERM`,
    processes: 1,
    config: masterHas(checks(() => `{ type: exec, command: ${STUBBORN_COMMAND} }`)),
    async attack({ master, durationMs, note }) {
      await master.run(["touch", STUBBORN_FLAG, STUBBORN_BEGUN]);
      await sleep(durationMs);
      await master.run(["rm", STUBBORN_FLAG]);
      const { stdout } = await master.run(["wc", "-l", STUBBORN_BEGUN]);
      const begun = parseInt(stdout);
      note(`${begun} programs ignored SIGTERM`);
      if (begun < CHECKS) throw new LabError(`Only ${begun} of ${CHECKS} programs were started`);
      return {};
    },
  }),
  disk("disk", "`state_dir` in", "/vipd"),
  disk("disk-mounted", "`state_dir` is the mount point of", ""),
  log(),
];

function checks(write: (at: number) => string): string {
  const each = Array.from({ length: CHECKS }, (_, at) => `  check${at}: ${write(at)}\n`);
  return `checks:\n${each.join("")}`;
}

/** Where the stranger's resolver will be; until then its host says that there is none. */
async function useResolver(lab: Lab): Promise<void> {
  const host = lab.host("lb01");
  await host.write(RESOLVER_FILE, `nameserver ${STRANGER_ADDRESS}\n`);
  await host.run(["mount", "--bind", RESOLVER_FILE, "/etc/resolv.conf"]);
}

/** `below`: where in the file system. */
function disk(name: string, where: string, below: string): HostileRow {
  return pairRow({
    name,
    title: `${where} a file system that does not answer for a minute`,
    processes: 1,
    times: TIMES,
    config: masterHas(`state_dir: ${StallingFolder.path}${below}\n`),
    prepare: (lab) => StallingFolder.mount(lab.host("lb01")),
    attack: stalled,
    meanwhile: order,
  });
}

function log(): HostileRow {
  return pairRow({
    name: "log",
    title: "nobody reads the log for a minute",
    processes: 1,
    times: TIMES,
    before: (node) => node === "lb01" ? StallingPipe.before : [],
    prepare: (lab) => StallingPipe.open(lab.host("lb01")),
    attack: stalled,
    meanwhile: order,
  });
}

async function stalled(
  { durationMs }: Field,
  place: StallingFolder | StallingPipe,
): Promise<Measured> {
  const usedMs = clockMs() - await place.lastUsedMs();
  if (usedMs > USED_MS) throw new LabError("vipd does not write to what is to stall");
  await place.stall();
  await sleep(durationMs);
  await place.recover();
  return {};
}

/** Orders all the time, so that there is something to write; each is to be on the disk before it is answered. */
async function order({ vipd, note }: Field, untilMs: number): Promise<Measured> {
  const orders: Promise<boolean>[] = [];
  while (clockMs() < untilMs) {
    const priority = PRIORITIES.lb01 - 1 - orders.length % 2;
    orders.push(vipd.setPriority("VI_1", priority).then(() => true, () => false));
    await sleep(ORDER_MS);
  }
  const carriedOut = (await Promise.all(orders)).filter((it) => it).length;
  note(`${carriedOut} of ${orders.length} orders were carried out`);
  return {};
}
