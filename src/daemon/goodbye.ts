/**
 * Ends the mastership of an engine that died, in a process of its own that has the engine's lock meanwhile.
 *
 * @module
 */

import { join } from "node:path";
import type { Config } from "../config/model.ts";
import type { Goodbye } from "../node/goodbye.ts";
import { findRecord, hasRecord, removeRecord } from "./files/found_record.ts";
import { takeRunLock } from "./files/run_lock.ts";
import { MARKS_FILE, openStateFile } from "./files/state_file.ts";

/** The outcome of a goodbye. */
export type GoodbyeEnd =
  | { readonly kind: "nothing_left" }
  /** Nothing was touched. */
  | { readonly kind: "record_unusable"; readonly problem: string }
  | {
    readonly kind: "ended";
    readonly farewells: readonly Goodbye[];
    /** Why the journal does not say so; `null` if it does, or if there is nothing to say. */
    readonly journalProblem: string | null;
  };

/**
 * Removes what the engine of this configuration has left on the machine, and sends priority 0 in its name. `said` gets
 * each farewell before anything waits for a disk.
 *
 * @throws {CliError} while an engine runs
 */
export async function endMastership(
  config: Config,
  said: (farewell: Goodbye) => void,
): Promise<GoodbyeEnd> {
  if (!await hasRecord(config.runDir) && !await marksAreLeft(config)) {
    return { kind: "nothing_left" };
  }
  const lock = await takeRunLock(config.runDir);
  try {
    return await act(config, said);
  } finally {
    lock.release();
  }
}

/** Without a record: a stop was clean, or the engine died before it could write one. */
async function marksAreLeft(config: Config): Promise<boolean> {
  const [{ LinuxGoodbyeHost }, { hasRemains }] = await Promise.all([
    import("../linux/goodbye_host.ts"),
    import("../node/goodbye.ts"),
  ]);
  const host = new LinuxGoodbyeHost();
  try {
    return hasRemains(config, host);
  } finally {
    await host.close();
  }
}

async function act(config: Config, said: (farewell: Goodbye) => void): Promise<GoodbyeEnd> {
  // Imported here, so that no other command opens libc.
  const [{ LinuxGoodbyeHost }, { sayGoodbye }, { SendMarks }] = await Promise.all([
    import("../linux/goodbye_host.ts"),
    import("../node/goodbye.ts"),
    import("../node/instance/adverts/send_marks.ts"),
  ]);
  const host = new LinuxGoodbyeHost();
  try {
    const found = await findRecord(config.runDir, host.boot);
    if (found.kind === "unusable") return { kind: "record_unusable", problem: found.problem };
    const marks = new SendMarks(await storeOf(config));
    const record = found.kind === "record" ? found.record : null;
    const farewells = sayGoodbye(config, record, host, marks);
    for (const farewell of farewells) said(farewell);
    await marks.close();
    await handToOwner(config.stateDir, join(config.stateDir, MARKS_FILE));
    const journalProblem = await toJournal(config, farewells);
    const complete = farewells.every(({ problems }) => problems.length === 0);
    if (complete && record !== null) await removeRecord(config.runDir);
    return { kind: "ended", farewells, journalProblem };
  } finally {
    await host.close();
  }
}

/** Opens the file only if adverts are signed. */
async function storeOf({ instances, stateDir }: Config) {
  const signs = instances.some(({ authentication }) => authentication.type === "hmac");
  return signs ? await openStateFile(stateDir, MARKS_FILE) : null;
}

/**
 * The next engine counts the moves, and this one may have died before its last entries were on the disk.
 *
 * @returns why it cannot be written
 */
async function toJournal(
  { stateDir }: Config,
  farewells: readonly Goodbye[],
): Promise<string | null> {
  const died = farewells.filter(({ removed }) => removed.length > 0);
  if (died.length === 0) return null;
  const [{ addToJournal, journalPaths }, { recordRemains }] = await Promise.all([
    import("./files/journal_file.ts"),
    import("../node/journal/remains.ts"),
  ]);
  const problem = await addToJournal(stateDir, (entries) => {
    for (const { instance, removed } of died) recordRemains(entries, instance, removed);
  });
  await handToOwner(stateDir, journalPaths(stateDir).current);
  return problem?.message ?? null;
}

/** The engine must be able to read and write what root has written here. */
async function handToOwner(stateDir: string, path: string): Promise<void> {
  if (Deno.uid() !== 0) return;
  try {
    const { uid, gid } = await Deno.stat(stateDir);
    await Deno.chown(path, uid, gid);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
