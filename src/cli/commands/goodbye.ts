/** `vipd goodbye`. */

import { join } from "node:path";
import { usableConfig } from "../../config/fast_path.ts";
import type { Config } from "../../config/model.ts";
import { readConfigFile } from "../../config/yaml/read_file.ts";
import { findRecord, hasRecord, removeRecord } from "../../daemon/files/found_record.ts";
import { takeRunLock } from "../../daemon/files/run_lock.ts";
import { MARKS_FILE, openStateFile } from "../../daemon/files/state_file.ts";
import { CliError, EXIT, type ExitCode } from "../../exit.ts";
import type { Goodbye } from "../../node/goodbye.ts";
import { type Command, DEFAULT_CONFIG } from "../command.ts";
import type { CliContext } from "../context.ts";

export const goodbye: Command = {
  name: "goodbye",
  summary: "end the mastership of an engine that died",
  help: `Ends the mastership of an engine that died: removes the addresses, routes,
rules and virtual interfaces that it has left on this machine and sends
priority 0 in its name, so that the other node need not wait for
Master_Down_Interval. If the lease has removed the addresses before, it sends
nothing. systemd runs it after each end of vipd.service (ExecStopPost=); after
a clean stop there is nothing to do.

It touches only what the configuration has and what carries vipd's mark, as
far as held.json in run_dir names it or no other program here speaks VRRP;
and nothing while an engine runs. Needs root, or CAP_NET_RAW and
CAP_NET_ADMIN.

Examples:
  vipd goodbye
  vipd goodbye --config lb01.yaml

Options:
  --config FILE  the configuration of the engine (default
                 /etc/vipd/vipd.yaml)
`,
  options: { config: "text" },
  maxOperands: 0,
  async execute(args, context) {
    const config = await load(args.text("config") ?? DEFAULT_CONFIG, context);
    if (!await hasRecord(config.runDir) && !await marksAreLeft(config)) {
      context.output.out("nothing to do: no engine has left anything behind\n");
      return EXIT.ok;
    }
    const lock = await takeRunLock(config.runDir);
    try {
      return await act(config, context);
    } finally {
      lock.release();
    }
  },
};

/** Without a record: a stop was clean, or the engine died before it could write one. */
async function marksAreLeft(config: Config): Promise<boolean> {
  const [{ LinuxGoodbyeHost }, { hasRemains }] = await Promise.all([
    import("../../linux/goodbye_host.ts"),
    import("../../node/goodbye.ts"),
  ]);
  const host = new LinuxGoodbyeHost();
  try {
    return hasRemains(config, host);
  } finally {
    await host.close();
  }
}

/** Uses the fast path if possible: milliseconds count here, and the engine has reported warnings before. */
async function load(path: string, context: CliContext): Promise<Config> {
  const file = await readConfigFile(path);
  const quick = file.ok ? usableConfig(file.value.text, context.hostname()) : null;
  if (quick) return quick;
  const [{ loadAny }, { diagnosticsText }, { unusableCode }] = await Promise.all([
    import("../../daemon/config/load.ts"),
    import("../text/diagnostics_text.ts"),
    import("../text/unusable_config.ts"),
  ]);
  const loaded = await loadAny(path, context, { lenient: true, acceptLoss: true });
  if (loaded.ok) return loaded.config;
  context.output.err(diagnosticsText(loaded.diagnostics));
  throw new CliError(
    unusableCode(loaded.diagnostics),
    "without a valid configuration nothing is touched; the addresses end with their lease",
  );
}

async function act(config: Config, { output }: CliContext): Promise<ExitCode> {
  // Imported here, so that no other command opens libc.
  const [{ LinuxGoodbyeHost }, { sayGoodbye }, { SendMarks }] = await Promise.all([
    import("../../linux/goodbye_host.ts"),
    import("../../node/goodbye.ts"),
    import("../../node/instance/adverts/send_marks.ts"),
  ]);
  const host = new LinuxGoodbyeHost();
  try {
    const found = await findRecord(config.runDir, host.boot);
    if (found.kind === "unusable") {
      throw new CliError(
        EXIT.failure,
        `${found.problem}; nothing is touched: remove the file if no vipd of this machine wrote it`,
      );
    }
    const marks = new SendMarks(await storeOf(config));
    const record = found.kind === "record" ? found.record : null;
    const farewells = sayGoodbye(config, record, host, marks);
    for (const farewell of farewells) output.out(`${farewellText(farewell)}\n`);
    await marks.close();
    await handToOwner(config.stateDir, join(config.stateDir, MARKS_FILE));
    await toJournal(config, farewells, output);
    if (farewells.some(({ problems }) => problems.length > 0)) return EXIT.failure;
    if (farewells.length === 0) output.out("nothing of the engine is left on this machine\n");
    if (record !== null) await removeRecord(config.runDir);
    return EXIT.ok;
  } finally {
    await host.close();
  }
}

/** Opens the file only if adverts are signed. */
async function storeOf({ instances, stateDir }: Config) {
  const signs = instances.some(({ authentication }) => authentication.type === "hmac");
  return signs ? await openStateFile(stateDir, MARKS_FILE) : null;
}

/** The next engine counts the moves, and this one may have died before its last entries were on the disk. */
async function toJournal(
  { stateDir }: Config,
  farewells: readonly Goodbye[],
  { err }: CliContext["output"],
): Promise<void> {
  const died = farewells.filter(({ removed }) => removed.length > 0);
  if (died.length === 0) return;
  const [{ addToJournal, journalPaths }, { recordRemains }] = await Promise.all([
    import("../../daemon/files/journal_file.ts"),
    import("../../node/journal/remains.ts"),
  ]);
  const problem = await addToJournal(stateDir, (entries) => {
    for (const { instance, removed } of died) recordRemains(entries, instance, removed);
  });
  if (problem !== null) err(`the journal does not say so: ${problem.message}\n`);
  await handToOwner(stateDir, journalPaths(stateDir).current);
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

function farewellText({ instance, removed, alsoRemoved, problems, said }: Goodbye): string {
  const off = removed.map(({ address, prefixLength, device }) =>
    `${address}/${prefixLength} is off ${device}`
  );
  const also = alsoRemoved.map((what) => `${what} is removed`);
  const sent = said === null ? [] : [`priority 0 has left from ${said}`];
  return `${instance}: ${[...off, ...also, ...sent, ...problems].join("; ")}`;
}
