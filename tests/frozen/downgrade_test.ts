/**
 * What is written now 0.1.0 would take, after a downgrade: the standing orders, the journal, the token. What it takes is
 * described in families/accepted_files.ts, and that description is held to what it took.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { JournalFile } from "../../src/daemon/files/journal_file.ts";
import { TokenFile } from "../../src/tokens/token_file.ts";
import { readFamily } from "./data.ts";
import { ENTRY_SCHEMA, STATE_SCHEMA, TOKEN_LINE } from "./families/accepted_files.ts";
import { KEPT, type KeptFile } from "./families/kept.ts";
import { command, SimulatedCluster } from "./families/simulated.ts";
import { withFiles } from "./folder.ts";
import type { Json } from "./json.ts";

const ajv = new Ajv();
const isState = ajv.compile(STATE_SCHEMA);
const isEntry = ajv.compile(ENTRY_SCHEMA);

Deno.test("the description of what 0.1.0 takes agrees with what it took", async () => {
  const { items } = await readFamily(KEPT.name);
  for (const { name, input, output } of items) {
    const { file, text } = input as KeptFile;
    if (file === "state.json") {
      assert.equal(takesState(text), (output as { readonly ok: boolean }).ok, name);
    } else {
      const { entries } = output as { readonly entries: readonly Json[] };
      assert.deepEqual(takenEntries(text), entries, name);
    }
  }
});

function takesState(text: string): boolean {
  const value = parsed(text);
  return value !== undefined && isState(value);
}

/** The lines that 0.1.0 takes: their ids count up. */
function takenEntries(text: string): unknown[] {
  const taken: { readonly id: number }[] = [];
  for (const line of text.split("\n")) {
    const value = parsed(line);
    if (value === undefined || !isEntry(value)) continue;
    const entry = value as { readonly id: number };
    if (entry.id > (taken.at(-1)?.id ?? 0)) taken.push(entry);
  }
  return taken;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

Deno.test("what is written now 0.1.0 takes, after a downgrade: overrides, journal, token", async () => {
  const { states, journal } = await written();
  assert.ok(states.length >= 5, `${states.length} states were written`);
  for (const state of states) assertTaken(isState, parsed(state), state);
  const lines = journal.split("\n").filter((line) => line !== "");
  assert.ok(lines.length >= 10, `${lines.length} entries were written`);
  for (const line of lines) assertTaken(isEntry, parsed(line), line);
  assert.equal(takenEntries(journal).length, lines.length);
  await withFiles({}, async (folder) => {
    const path = join(folder, "run", "token");
    const file = await TokenFile.open(path, "change", (_, message) => assert.fail(message));
    const [line = ""] = (await Deno.readTextFile(path)).split("\n", 1);
    assert.match(line, TOKEN_LINE);
    assert.equal(await file.token(), line);
  });
});

function assertTaken(validate: ValidateFunction, value: unknown, text: string): void {
  assert.ok(validate(value), `${ajv.errorsText(validate.errors)}: ${text}`);
}

/** The files of a node that is given each order, one after the other. */
async function written(): Promise<{ states: readonly string[]; journal: string }> {
  const settings = {
    ...{ nodes: 2, intervalMs: 500, grouped: true, unicast: false, family: "ipv4" } as const,
    common: ["version: 3", "advert_interval: 500ms"],
    addresses: [["192.168.31.5/24"], ["192.168.31.7/24"]],
  };
  const own = {
    ...{ priority: 150, preempt: true, preemptDelayMs: 0, startDelayMs: 0 },
    ...{ weight: -60, addresses: "all" } as const,
  };
  const cluster = new SimulatedCluster(settings, [own, { ...own, priority: 100 }], 1);
  const [lb01, lb02] = cluster.nodes as [typeof cluster.nodes[0], typeof cluster.nodes[0]];
  const states: string[] = [];
  return await withFiles({}, async (folder) => {
    const file = new JournalFile(folder, {
      refused: ({ message }) => assert.fail(message),
      taken: () => {},
    });
    const steps: readonly (() => void)[] = [
      () => void lb01.start().journal.listen((entry) => file.add(entry)),
      () => void lb02.start(),
      () => command(lb01, { kind: "promote", instance: "VI_1" }),
      () => command(lb01, { kind: "demote", instance: "VI_1", forMs: 60_000 }),
      () => command(lb01, { kind: "set_priority", instance: "VI_2", priority: 120 }),
      () => command(lb01, { kind: "release", instance: "VI_1" }),
      () => lb01.host.setCheck("nginx", false),
      () => lb01.host.setLink(false),
      () => lb01.host.setLink(true),
      () => void lb01.stop(),
    ];
    for (const step of steps) {
      step();
      await cluster.run(4000);
      if (lb01.host.disk.text !== null) states.push(lb01.host.disk.text);
    }
    await file.close(5000);
    return { states, journal: await Deno.readTextFile(join(folder, "journal.jsonl")) };
  });
}
