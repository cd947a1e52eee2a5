/**
 * The parts of a support bundle. Each is present or says why it is not; none of them contains a secret.
 *
 * @module
 */

import { formatDiagnostic } from "../../../config/diagnostics.ts";
import { type Config, DEFAULT_RUN_DIR } from "../../../config/model.ts";
import { loadAny } from "../../../daemon/config/load.ts";
import { readJournal } from "../../../daemon/files/journal_file.ts";
import { readToken } from "../../../tokens/token_file.ts";
import { VERSION } from "../../../version.ts";
import { printableJson } from "../../../wire/printable.ts";
import type { Arguments } from "../../arguments.ts";
import type { CliContext } from "../../context.ts";
import { clientFor } from "../../target/target.ts";
import { readWrittenStatus } from "../../status/written_status.ts";
import { hostParts, type Missing } from "./host.ts";
import { closedArguments, MASK, openCommand, openUrls } from "./masks.ts";

/** Keys whose values are secrets, wherever they occur. */
const SECRET_KEY = /passw|secret|token$|^key$|credential|authorization/i;
/** Keys whose values are files with a secret. */
const SECRET_FILE_KEY = /(token|secret|url|password)File$/i;
/** Keys whose values are URLs that vipd itself requests, whose path shows the purpose. */
const OPEN_PATH_KEY = /^url$/;

/** The whole bundle as JSON. */
export async function bundleText(
  path: string,
  args: Arguments,
  context: CliContext,
): Promise<string> {
  const loaded = await loadAny(path, context).catch((error: unknown) => error as Error);
  const config = !(loaded instanceof Error) && loaded.ok ? loaded.config : null;
  const client = await clientFor(args, context).catch((error: unknown) => error as Error);
  const asked = <T>(ask: (live: Exclude<typeof client, Error>) => Promise<T>) =>
    part(() => client instanceof Error ? Promise.reject(client) : ask(client));
  const bundle = {
    made_at: new Date().toISOString(),
    versions: {
      vipd: VERSION,
      commit: context.build.commit,
      build: context.build.kind,
      deno: Deno.version.deno,
      target: Deno.build.target,
    },
    config: {
      path,
      problems: loaded instanceof Error
        ? [loaded.message]
        : (loaded.ok ? loaded.warnings : loaded.diagnostics).map((found) =>
          formatDiagnostic(found)
        ),
      // As vipd understands it; the file's own text may contain secrets in its comments.
      understood: config,
    },
    status: await asked((live) => live.status()),
    // The engine's own status, also if its API does not answer.
    kept_status: await part(() => readWrittenStatus(config?.runDir ?? DEFAULT_RUN_DIR)),
    events: await asked((live) => live.events()),
    metrics: await asked((live) => live.metrics()),
    kept_events: config && await part(() => readJournal(config.stateDir)),
    host: await part(() => machine(config)),
  };
  const secrets = await knownSecrets(config, args);
  return without(`${printableJson(JSON.stringify(bundle, masked, 2))}\n`, secrets);
}

/** A part, or why it is missing. */
async function part<T>(make: () => Promise<T>): Promise<T | Missing> {
  try {
    return await make();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function machine(config: Config | null): Promise<Record<string, unknown>> {
  // Imported here, so that no other command opens libc.
  const { openLinuxHost } = await import("../../../daemon/linux_process.ts");
  const host = openLinuxHost(() => {});
  try {
    return await hostParts(host, config?.runDir ?? DEFAULT_RUN_DIR);
  } finally {
    await host.close();
  }
}

/** For JSON.stringify: masks values of secret keys, and possible secrets in URLs and arguments. */
function masked(key: string, value: unknown): unknown {
  // Whatever its type, because a key for signing is octets.
  if (SECRET_KEY.test(key) && value !== null) return MASK;
  if (typeof value === "string") return openUrls(value, { path: OPEN_PATH_KEY.test(key) });
  if (key === "command" && Array.isArray(value)) return openCommand(value.map(String));
  return value;
}

/** Secrets by their value, because other programs may have written them into a message. */
async function knownSecrets(config: Config | null, args: Arguments): Promise<string[]> {
  const named = args.text("token-file");
  const files = named === undefined ? [] : [named];
  const secrets: string[] = [];
  JSON.stringify(config, (key, value: unknown) => {
    if (SECRET_KEY.test(key)) secrets.push(...writings(value));
    if (key === "command" && Array.isArray(value)) {
      secrets.push(...closedArguments(value.map(String)));
    }
    if (SECRET_FILE_KEY.test(key) && typeof value === "string") files.push(value);
    return value;
  });
  const tokens = await Promise.all(files.map((path) => readToken(path).catch(() => "")));
  return [...tokens, ...secrets];
}

/** The forms in which a secret may be written. */
function writings(secret: unknown): string[] {
  if (typeof secret === "string") return [secret];
  if (!(secret instanceof Uint8Array)) return [];
  const hex = Array.from(secret, (octet) => octet.toString(16).padStart(2, "0")).join("");
  return [hex, hex.toUpperCase(), secret.join(",")];
}

/** Replacing a short password would remove half of the text; below 4 characters only the key decides. */
function without(text: string, secrets: readonly string[]): string {
  const worth = secrets.filter((secret) => secret.length >= 4);
  return worth.reduce(
    (rest, secret) => rest.replaceAll(JSON.stringify(secret).slice(1, -1), MASK),
    text,
  );
}
