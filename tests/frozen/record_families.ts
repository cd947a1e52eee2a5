/**
 * The recorder's second half, which runs in the tree of 0.1.0: asks everything and writes `data/`.
 *
 * @module
 */

import { type AskedVipd, executable } from "./asked.ts";
import { FROZEN, type FrozenItem, writeFamily } from "./data.ts";
import type { AskedFamily, Questions } from "./families/family.ts";
import type { Json } from "./json.ts";

interface Recorded {
  readonly origin: string;
  readonly items: readonly FrozenItem[];
}

type Recorder = (vipd: AskedVipd, path: string) => Promise<Recorded>;

/** Asks a family's questions, one by one. */
async function ask<Input extends Json>(
  { origin, answer }: AskedFamily<Input>,
  questions: Questions<Input>,
  vipd: AskedVipd,
): Promise<Recorded> {
  const items: FrozenItem[] = [];
  for await (const [name, input] of questions) {
    items.push({ name, input, output: await answer(input, vipd) });
  }
  return { origin, items };
}

/** The steps of an executable's walk. */
function walked(steps: ReadonlyMap<string, Json>): Recorded {
  const items = Array.from(steps, ([name, output]) => ({ name, input: null, output }));
  return { origin: "executable", items };
}

/** Each family is imported when it is recorded: one that no longer fits 0.1.0's source does not keep others from it. */
const RECORDERS: Readonly<Record<string, Recorder>> = {
  configurations: async (vipd) => {
    const { CONFIGURATIONS } = await import("./families/configurations.ts");
    const { configurationTexts } = await import("./families/configuration_texts.ts");
    return await ask(CONFIGURATIONS, configurationTexts(vipd), vipd);
  },
  cli: async (vipd) => {
    const { CLI } = await import("./families/cli.ts");
    const { CLI_QUESTIONS } = await import("./families/cli_questions.ts");
    return await ask(CLI, CLI_QUESTIONS, vipd);
  },
  codes: async (vipd) => {
    const { CODE_QUESTIONS, CODES } = await import("./families/codes.ts");
    return await ask(CODES, CODE_QUESTIONS, vipd);
  },
  status: async (vipd) => {
    const { SITUATIONS } = await import("./families/situations.ts");
    const { STATUS_TEXTS } = await import("./families/status_texts.ts");
    return await ask(STATUS_TEXTS, SITUATIONS, vipd);
  },
  metrics: async (vipd) => {
    const { SITUATIONS } = await import("./families/situations.ts");
    const { METRICS } = await import("./families/metrics.ts");
    return await ask(METRICS, SITUATIONS, vipd);
  },
  traces: async (vipd) => {
    const { SEEDS, TRACES } = await import("./families/traces.ts");
    const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
    return await ask(TRACES, seeds.map((seed) => [`seed ${seed}`, seed] as const), vipd);
  },
  packets: async (vipd) => {
    const { PACKETS, PAIRS } = await import("./families/packets.ts");
    return await ask(PACKETS, PAIRS, vipd);
  },
  kept: async (vipd) => {
    const { KEPT, KEPT_FILES } = await import("./families/kept.ts");
    return await ask(KEPT, KEPT_FILES, vipd);
  },
  api: async ({ version }, path) => {
    const { walkApi } = await import("./machine/api_walk.ts");
    return walked(await walkApi(path, version));
  },
  wire: async (_, path) => walked(await (await import("./machine/wire_walk.ts")).walkWire(path)),
  files: async (_, path) => walked(await (await import("./machine/files_walk.ts")).walkFiles(path)),
};

const [path = "", ...wanted] = Deno.args;
const vipd = executable(path, FROZEN.version);
for (const family of wanted.length > 0 ? wanted : Object.keys(RECORDERS)) {
  const record = RECORDERS[family];
  if (!record) throw new Error(`there is no family ${family}`);
  const { origin, items } = await record(vipd, path);
  const names = new Set(items.map(({ name }) => name));
  if (names.size < items.length) throw new Error(`${family}: two items of one name`);
  await writeFamily({ head: { family, ...FROZEN, origin }, items });
  Deno.stdout.writeSync(new TextEncoder().encode(`${family}: ${names.size} items\n`));
}
