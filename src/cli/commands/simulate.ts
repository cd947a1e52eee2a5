/** `vipd simulate`. */

import { nearest } from "../../config/nearest.ts";
import { EXIT } from "../../exit.ts";
import type { Arguments } from "../arguments.ts";
import type { Command } from "../command.ts";
import { usageError } from "../errors.ts";
import { simulationJson, simulationText } from "../text/simulate_text.ts";
import { styleFor } from "../text/terminal/style.ts";
import { tableLines } from "../text/terminal/width.ts";

/** The seeded mixture of all faults. */
const RANDOM = {
  name: "random",
  summary: "faults of all kinds in a row, by --seed; as in vipd's tests",
};

const MAX_SEED = 2 ** 32 - 1;

export const simulate: Command = {
  name: "simulate",
  summary: "play a failover on virtual time, without touching the network",
  help: `Plays a scenario with simulated machines that run vipd's own code on virtual
time: half a minute in some milliseconds, and the same for the same seed. Shows
what happened (* the scenario, = who has the address), how long nobody or more
than one node had the address, and whether the invariants held; ends with 1
when they did not. The nodes have version 2, one advert a second and priorities
150, 100, 90 and so on.

Examples:
  vipd simulate --list
  vipd simulate crash
  vipd simulate lossy-link --loss 0.3 --nodes 3 --seed 7
  vipd simulate random --seed 17

Options:
  --list      list the scenarios
  --nodes N   how many load balancers, 2 to 9 (default 2; not for random)
  --loss P    share of datagrams that are lost, 0 to 0.9 (not for random)
  --seed N    for what happens by chance (default 1)
  --json      print an object: scenario, seed, nodes, events, gaps, overlaps,
              violations
`,
  options: { list: "flag", nodes: "text", loss: "text", seed: "text", json: "flag" },
  maxOperands: 1,
  async execute(args, { output }) {
    // Imported here, so that no other command loads the simulator.
    const [{ playScenario, SCENARIOS }, { RandomFaults }] = await Promise.all([
      import("../../sim/scenarios.ts"),
      import("../../sim/random_faults.ts"),
    ]);
    const known = [...SCENARIOS, RANDOM];
    if (args.flag("list")) {
      const rows = known.map(({ name, summary }) => [name, summary]);
      output.out(tableLines(rows).map((line) => `${line}\n`).join(""));
      return EXIT.ok;
    }
    const name = args.operands[0] ?? "crash";
    const seed = numberOption(args, "seed", { minimum: 0, maximum: MAX_SEED, whole: true }) ?? 1;
    const nodes = numberOption(args, "nodes", { minimum: 2, maximum: 9, whole: true }) ?? 2;
    const loss = numberOption(args, "loss", { minimum: 0, maximum: 0.9, whole: false });
    const scenario = SCENARIOS.find((candidate) => candidate.name === name);
    if (!scenario && name !== RANDOM.name) {
      const similar = nearest(name, known.map((candidate) => candidate.name));
      const hint = similar === null ? "see vipd simulate --list" : `did you mean ${similar}?`;
      throw usageError(`there is no scenario ${JSON.stringify(name)}; ${hint}`);
    }
    const simulation = scenario
      ? await playScenario(scenario, { seed, nodes, ...(loss === undefined ? {} : { loss }) })
      : randomFaults(new RandomFaults(seed));
    const play = { name, summary: (scenario ?? RANDOM).summary, seed };
    const style = styleFor(output.colour && !args.flag("no-color"));
    output.out(
      args.flag("json")
        ? simulationJson(play, simulation)
        : simulationText(play, simulation, style),
    );
    return simulation.invariants.violations.length === 0 ? EXIT.ok : EXIT.failure;
  },
};

function randomFaults<T>(faults: { run(): void; readonly simulation: T }): T {
  faults.run();
  return faults.simulation;
}

function numberOption(
  args: Arguments,
  name: string,
  { minimum, maximum, whole }: {
    readonly minimum: number;
    readonly maximum: number;
    readonly whole: boolean;
  },
): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value >= minimum && value <= maximum && (!whole || Number.isInteger(value))) return value;
  const what = whole ? "a whole number" : "a number";
  throw usageError(
    `--${name} takes ${what} from ${minimum} to ${maximum}, not ${JSON.stringify(text)}`,
  );
}
