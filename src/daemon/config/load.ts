/**
 * Loads the configuration of a command: vipd's own, or a keepalived.conf.
 *
 * @module
 */

import { fastConfig } from "../../config/fast_path.ts";
import { compareDiagnostics } from "../../config/diagnostics.ts";
import type { LoadResult } from "../../config/check_text.ts";
import type { LoadOptions } from "../../config/load.ts";
import { advertSizeFindings, hasLargeAdverts } from "../../config/machine/advert_size.ts";
import { rereadFileFindings } from "../../config/machine/reread_files.ts";
import {
  addressesNow,
  allAddresses,
  ownAddressFindings,
  ownPeerFindings,
  ownUrlFindings,
  someVirtual,
  sourceFindings,
} from "../../config/machine/own_addresses.ts";
import { programFindings } from "../../config/machine/programs.ts";
import type { Config } from "../../config/model.ts";
import type { Finding } from "../../config/findings.ts";
import { ok, type Result } from "../../config/values/result.ts";
import {
  type ConfigFile,
  decodeConfig,
  type FileReading,
  FOREIGN_FILE,
  markedText,
  readConfigFile,
} from "../../config/yaml/read_file.ts";
import { CliError, EXIT } from "../../exit.ts";
import { isKeepalived } from "../../keepalived/syntax/recognise.ts";
import type { AddressedInterface } from "../../vip/addresses.ts";
import { diskFiles } from "./source_files.ts";

/** The process's services for loading a configuration. */
export interface LoadContext {
  hostname(): string;
  /** All of standard input. */
  readStdin(): Promise<Uint8Array>;
}

/** How a configuration is loaded. */
export interface LoadAnyOptions extends Pick<LoadOptions, "lenient"> {
  /** True if a keepalived.conf may say more than vipd does. */
  readonly acceptLoss?: boolean;
  /** True if load balancing in a keepalived.conf is no loss. */
  readonly vrrpOnly?: boolean;
}

/**
 * Loads the file at `path`; `-` is standard input. The result has all its problems, including those of the programs and
 * files that it names on this machine.
 *
 * @param options `lenient` as for {@link LoadOptions}
 */
export async function loadAny(
  path: string,
  context: LoadContext,
  options: LoadAnyOptions = {},
): Promise<LoadedText> {
  const hostname = context.hostname();
  const fromStdin = path === "-";
  const name = fromStdin ? "<stdin>" : path;
  const octets = fromStdin ? await context.readStdin() : null;
  const read = await readEitherKind(
    name,
    (reading) => octets ? decodeConfig(octets, reading) : readConfigFile(path, reading),
  );
  if (!read.ok) {
    if (!fromStdin) return await (await thorough()).loadConfig(path, { hostname });
    const { message, hint } = read.problem;
    throw new CliError(EXIT.configInvalid, `${name}: ${message}; ${hint}`);
  }
  return await loadRead(name, read.value, context, options);
}

/** A keepalived.conf may be larger than vipd's own file, and its octets need not be UTF-8. */
async function readEitherKind(
  name: string,
  read: (reading?: FileReading) => Result<ConfigFile> | Promise<Result<ConfigFile>>,
): Promise<Result<ConfigFile>> {
  const own = await read();
  if (own.ok || !["file_not_utf8", "file_too_large"].includes(own.problem.code)) return own;
  const foreign = await read(FOREIGN_FILE);
  return foreign.ok && isKeepalived(name, foreign.value.text) ? foreign : own;
}

/**
 * Loads the file of another machine at `path`: what it names is not looked at. A file without a name for its node is
 * none of this host's.
 */
export async function loadElsewhere(
  path: string,
  { hostname }: Pick<LoadContext, "hostname">,
): Promise<LoadResult> {
  const read = await readEitherKind(path, (reading) => readConfigFile(path, reading));
  const { loadConfig, parseConfig } = await thorough();
  const options = { hostname: `peer-of-${shortName(hostname())}`.slice(0, 63), elsewhere: true };
  if (!read.ok) return await loadConfig(path, options);
  const { text } = read.value;
  if (isKeepalived(path, text)) {
    const { loadKeepalived } = await import("../../keepalived/load.ts");
    // This machine's environment says nothing of the other's.
    const { readFile, listFolder } = diskFiles;
    const files = { readFile, listFolder };
    return await loadKeepalived(path, files, { ...options, id: "", mode: null });
  }
  return parseConfig(text, path, options);
}

/** A configuration with its text; absent if there is none to be read. */
export type LoadedText = LoadResult & { readonly text?: string };

/** Loads a file that was read already; `name` is its path. */
export async function loadRead(
  name: string,
  read: ConfigFile,
  context: Pick<LoadContext, "hostname">,
  { lenient = false, ...ofImport }: LoadAnyOptions = {},
): Promise<LoadedText> {
  const { text, mode } = read;
  const hostname = context.hostname();
  if (!isKeepalived(name, text)) {
    const config = fastConfig(text, name, { hostname, mode });
    const result = config
      ? { ok: true, config, warnings: [] } as const
      : (await thorough()).parseConfig(text, name, { hostname, mode, lenient });
    return { ...await withMachine(result, text, name, { hostname, lenient }), text };
  }
  const files = {
    ...diskFiles,
    // Uses the text that was already read, because a pipe can be read only once.
    readFile: (file: string) =>
      file === name ? Promise.resolve(ok(markedText(read))) : diskFiles.readFile(file),
  };
  const programs = { findings: programFindings, uid: Deno.uid() ?? 0 };
  const options = { id: shortName(hostname), hostname, mode, lenient, programs, ...ofImport };
  const { loadKeepalived } = await import("../../keepalived/load.ts");
  const result = await loadKeepalived(name, files, options);
  // Its programs were looked at: keepalived treats those that cannot be run in its own way.
  return { ...await withMachine(result, null, name, { hostname, lenient, programs: false }), text };
}

/** `text` is the YAML of the result; `null` if the result is not from YAML. */
async function withMachine(
  result: LoadResult,
  text: string | null,
  name: string,
  { hostname, lenient, programs = true }: Pick<LoadOptions, "hostname"> & {
    readonly lenient: boolean;
    readonly programs?: boolean;
  },
): Promise<LoadResult> {
  if (!result.ok) return result;
  const { config } = result;
  const ownUrls = config.peers.length === 0 ? [] : ownUrlFindings(config, hostname, allAddresses());
  const addressesOf = addressesNow();
  // An engine that starts serves with them as it did before.
  const ownPeers = [...ownPeerFindings(config, shortName(hostname), addressesOf), ...ownUrls]
    .map((finding) => lenient ? { ...finding, severity: "warning" } as const : finding);
  const findings = await Promise.all([
    programs ? programFindings(config) : [],
    rereadFileFindings(config),
    mtuFindings(config),
    sourceFindings(config, addressesOf),
    ownPeers,
    // An engine that starts has an alarm for them, and no command that is lenient shows warnings.
    lenient ? [] : ownAddresses(config),
  ]);
  if (findings.flat().length === 0) return result;
  const { placeFindings } = await import("../../config/check_text.ts");
  const placed = placeFindings(findings.flat(), text, name);
  const found = [...result.warnings, ...placed].sort(compareDiagnostics);
  return found.some(({ severity }) => severity === "error")
    ? { ok: false, diagnostics: found }
    : { ...result, warnings: found };
}

/** Most configurations need no libc for this. */
async function mtuFindings(config: Config): Promise<Finding[]> {
  if (!hasLargeAdverts(config)) return [];
  const { withKernelFiles } = await import("../../linux/kernel_reader.ts");
  return await withKernelFiles(({ readKernelFile }) =>
    advertSizeFindings(config, (name) => {
      const text = readKernelFile(`/sys/class/net/${name}/mtu`);
      return text === null ? null : Number(text);
    })
  );
}

/** Most configurations need no libc for this: on a backup, none of their addresses is on the machine. */
async function ownAddresses(config: Config): Promise<Finding[]> {
  if (!someVirtual(config, allAddresses())) return [];
  return ownAddressFindings(config, await ownInterfaces(config));
}

/**
 * The interfaces of this machine, on which its own addresses are marked as foreign; none while keepalived runs, because its
 * addresses look like the machine's own. The doctor has a finding for that.
 */
export async function ownInterfaces(
  config: Pick<Config, "runDir" | "instances">,
): Promise<readonly AddressedInterface[]> {
  try {
    const { machineAddresses } = await import("../machine_addresses.ts");
    const { interfaces, keepalived } = await machineAddresses(config);
    return keepalived ? [] : interfaces;
  } catch {
    // A warning less.
    return [];
  }
}

/** The thorough reader, which knows places; most starts do not need it. */
function thorough() {
  return import("../../config/load.ts");
}

/** The value that lines beginning with `@id` are compared with, as in keepalived: the host name up to its first dot. */
export function shortName(hostname: string): string {
  return hostname.split(".")[0]!;
}
