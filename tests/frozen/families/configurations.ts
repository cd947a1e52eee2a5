/**
 * Configurations: what `vipd check` and `vipd import` say of each, and what becomes of it with all defaults filled in.
 *
 * @module
 */

import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { loadAny } from "../../../src/daemon/config/load.ts";
import { type AskedVipd, contextOf, type Run } from "../asked.ts";
import { type Files, withFiles } from "../folder.ts";
import type { Json } from "../json.ts";
import { maskRun, withoutMachine } from "../mask.ts";
import type { AskedFamily } from "./family.ts";

/** A configuration with all that it includes; `main` ends in `.conf` where it is keepalived's. */
export type Configuration = { readonly main: string; readonly files: Files };

export const CONFIGURATIONS: AskedFamily<Configuration> = {
  name: "configurations",
  origin: "executable; `effective` is the source's, because the executable does not print it",
  answer: (input, vipd) => withFiles(input.files, (folder) => answer(input, folder, vipd)),
};

async function answer({ main }: Configuration, folder: string, vipd: AskedVipd): Promise<Json> {
  const path = join(folder, main);
  const masked = ({ code, out, err }: Run): Json => {
    const text = (said: string) => maskRun(said, vipd.version, { [folder]: "{folder}" });
    return { code, out: text(out), err: withoutMachine(text(err)) };
  };
  return {
    check: masked(await vipd.run(["check", path])),
    effective: await effective(path, folder),
    ...(main.endsWith(".conf") ? { import: masked(await vipd.run(["import", path])) } : {}),
  };
}

/** What 0.1.0 left out of its model, for its readers to know: a default, or a key that it did not have. */
const ABSENT_BEFORE: Readonly<Record<string, Json>> = {
  interfaces: [],
  trackInterface: true,
  soleBackup: "auto",
  damping: { moves: 4, withinMs: 600_000, holdAfterMs: 600_000 },
  leaseSeconds: null,
  drainMs: 0,
  accept: true,
  routing: [],
  whenDown: "fault",
  reverse: false,
  graceMs: 0,
};

/** The configuration as the program uses it, in the form of 0.1.0; `null` if there is none. */
async function effective(path: string, folder: string): Promise<Json> {
  const loaded = await loadAny(path, contextOf({ out: "", err: "" }));
  if (!loaded.ok) return null;
  const before = (key: string, value: unknown) => {
    if (Object.hasOwn(ABSENT_BEFORE, key) && isDeepStrictEqual(value, ABSENT_BEFORE[key])) return;
    return value instanceof Uint8Array ? value.toHex() : value;
  };
  return JSON.parse(JSON.stringify(loaded.config, before).replaceAll(folder, "{folder}"));
}
