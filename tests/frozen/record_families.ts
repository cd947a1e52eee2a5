/**
 * The recorder's second half, which runs in the tree of 0.1.0: asks everything and writes `data/`.
 *
 * @module
 */

import { type AskedVipd, executable } from "./asked.ts";
import { FROZEN, type FrozenFamily, writeFamily } from "./data.ts";
import { CLI } from "./families/cli.ts";
import { CLI_QUESTIONS } from "./families/cli_questions.ts";
import { CODE_QUESTIONS, CODES } from "./families/codes.ts";
import { configurationTexts } from "./families/configuration_texts.ts";
import { CONFIGURATIONS } from "./families/configurations.ts";
import type { AskedFamily, Questions } from "./families/family.ts";
import { PACKETS, PAIRS } from "./families/packets.ts";
import { KEPT, KEPT_FILES } from "./families/kept.ts";
import { METRICS } from "./families/metrics.ts";
import { SITUATIONS } from "./families/situations.ts";
import { STATUS_TEXTS } from "./families/status_texts.ts";
import { SEEDS, TRACES } from "./families/traces.ts";
import type { Json } from "./json.ts";
import { walkApi } from "./machine/api_walk.ts";
import { walkFiles } from "./machine/files_walk.ts";
import { walkWire } from "./machine/wire_walk.ts";

interface Recorder {
  readonly name: string;
  record(vipd: AskedVipd, path: string): Promise<FrozenFamily>;
}

/** Asks a family's questions, one by one. */
function asking<Input extends Json>(
  family: AskedFamily<Input>,
  questions: (vipd: AskedVipd) => Questions<Input>,
): Recorder {
  const { name, origin } = family;
  return {
    name,
    record: async (vipd) => {
      const items = [];
      for await (const [question, input] of questions(vipd)) {
        items.push({ name: question, input, output: await family.answer(input, vipd) });
      }
      return { head: { family: name, ...FROZEN, origin }, items };
    },
  };
}

/** Takes the executable for a walk, whose steps are the items. */
function walking(
  name: string,
  walk: (binary: string, version: string) => Promise<ReadonlyMap<string, Json>>,
): Recorder {
  return {
    name,
    record: async ({ version }, path) => {
      const items = Array.from(
        await walk(path, version),
        ([step, output]) => ({ name: step, input: null, output }),
      );
      return { head: { family: name, ...FROZEN, origin: "executable" }, items };
    },
  };
}

const RECORDERS: readonly Recorder[] = [
  asking(CONFIGURATIONS, configurationTexts),
  asking(CLI, () => CLI_QUESTIONS),
  asking(CODES, () => CODE_QUESTIONS),
  asking(STATUS_TEXTS, () => SITUATIONS),
  asking(METRICS, () => SITUATIONS),
  asking(TRACES, () => Array.from({ length: SEEDS }, (_, it) => [`seed ${it + 1}`, it + 1])),
  asking(PACKETS, () => PAIRS),
  walking("api", walkApi),
  walking("wire", walkWire),
  asking(KEPT, () => KEPT_FILES),
  walking("files", walkFiles),
];

const [path = "", ...wanted] = Deno.args;
const unknown = wanted.filter((family) => !RECORDERS.some(({ name }) => name === family));
if (unknown.length > 0) throw new Error(`there is no family ${unknown.join(", ")}`);
const vipd = executable(path, FROZEN.version);
for (const { name, record } of RECORDERS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const family = await record(vipd, path);
  const names = new Set(family.items.map((item) => item.name));
  if (names.size < family.items.length) throw new Error(`${name}: two items of one name`);
  await writeFamily(family);
  Deno.stdout.writeSync(new TextEncoder().encode(`${name}: ${names.size} items\n`));
}
