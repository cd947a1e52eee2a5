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
import { divided } from "../../config/judge.ts";
import type { Config } from "../../config/model.ts";
import { type Finding, warningAt } from "../../config/findings.ts";
import { API_CERTIFICATE } from "../../config/secrets/named_files.ts";
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
export interface LoadAnyOptions extends Pick<LoadOptions, "lenient" | "comparison"> {
  /** True if a keepalived.conf may say more than vipd does. */
  readonly acceptLoss?: boolean;
  /** True if load balancing in a keepalived.conf is no loss. */
  readonly vrrpOnly?: boolean;
}

/**
 * Loads the file at `path`; `-` is standard input. The result has all its problems, including those of the programs and
 * files that it names on this machine.
 *
 * @param options `lenient` and `comparison` as for {@link LoadOptions}
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
 * Loads the file of another machine at `path`; `-` is standard input. The files that it names are not looked at. A file
 * without a name for its node is none of this host's.
 */
export async function loadElsewhere(
  path: string,
  context: LoadContext,
  ofImport: Omit<LoadAnyOptions, "lenient" | "comparison"> = {},
): Promise<LoadResult> {
  const octets = path === "-" ? await context.readStdin() : null;
  const name = octets === null ? path : "<stdin>";
  const read = await readEitherKind(
    name,
    (reading) => octets ? decodeConfig(octets, reading) : readConfigFile(path, reading),
  );
  const { notRead, parseConfig } = await thorough();
  if (!read.ok) return notRead(name, read.problem);
  const hostname = `peer-of-${shortName(context.hostname())}`.slice(0, 63);
  const options = { hostname, elsewhere: true };
  const { text } = read.value;
  if (isKeepalived(name, text)) {
    const { loadKeepalived } = await import("../../keepalived/load.ts");
    // This machine's environment says nothing of the other's.
    const { listFolder } = diskFiles;
    const files = { readFile: readingOnce(name, read.value), listFolder };
    return await loadKeepalived(name, files, { ...options, ...ofImport, id: "", mode: null });
  }
  return parseConfig(text, name, options);
}

/** A configuration with its text; absent if there is none to be read. */
export type LoadedText = LoadResult & { readonly text?: string };

/** Loads a file that was read already; `name` is its path. */
export async function loadRead(
  name: string,
  read: ConfigFile,
  context: Pick<LoadContext, "hostname">,
  { lenient = false, comparison = false, ...ofImport }: LoadAnyOptions = {},
): Promise<LoadedText> {
  const { text, mode } = read;
  const hostname = context.hostname();
  if (!isKeepalived(name, text)) {
    const config = fastConfig(text, name, { hostname, mode });
    const result = config
      ? { ok: true, config, warnings: [] } as const
      : (await thorough()).parseConfig(text, name, { hostname, mode, lenient, comparison });
    return { ...await withMachine(result, text, name, { hostname, lenient, comparison }), text };
  }
  const files = { ...diskFiles, readFile: readingOnce(name, read) };
  const unseen: Finding[] = [];
  const findings = async (config: Config) => {
    const found = divided(await programFindings(config), comparison);
    unseen.push(...found.unseen);
    return found.findings;
  };
  const programs = { findings, uid: Deno.uid() ?? 0 };
  const options = { id: shortName(hostname), hostname, mode, lenient, programs, ...ofImport };
  const { loadKeepalived } = await import("../../keepalived/load.ts");
  const result = await loadKeepalived(name, files, options);
  // Its programs were looked at: keepalived treats those that cannot be run in its own way.
  const known = { hostname, lenient, comparison, programs: unseen };
  return { ...await withMachine(result, null, name, known), text };
}

/** Uses the text that was already read, because a pipe can be read only once. */
function readingOnce(name: string, read: ConfigFile): typeof diskFiles.readFile {
  return (file) => file === name ? Promise.resolve(ok(markedText(read))) : diskFiles.readFile(file);
}

/** `text` is the YAML of the result; `null` if the result is not from YAML. */
async function withMachine(
  result: LoadResult,
  text: string | null,
  name: string,
  { hostname, lenient, comparison, programs }: Pick<LoadOptions, "hostname"> & {
    readonly lenient: boolean;
    readonly comparison: boolean;
    /** The findings about its programs, if they were looked at. */
    readonly programs?: readonly Finding[];
  },
): Promise<LoadResult> {
  if (!result.ok) return result;
  const { config } = result;
  const ownUrls = config.peers.length === 0 ? [] : ownUrlFindings(config, hostname, allAddresses());
  const addressesOf = addressesNow();
  // An engine that starts serves with them as it did before.
  const ownPeers = [...ownPeerFindings(config, shortName(hostname), addressesOf), ...ownUrls]
    .map((finding) => lenient ? { ...finding, severity: "warning" } as const : finding);
  const found = await Promise.all([
    programs ?? programFindings(config),
    rereadFileFindings(config),
    mtuFindings(config),
    sourceFindings(config, addressesOf),
    ownPeers,
    // An engine that starts has an alarm for them, and no command that is lenient shows warnings.
    lenient ? [] : ownAddresses(config),
    lenient ? [] : certificateFindings(config),
  ]);
  if (found.flat().length === 0) return result;
  const { findings, unseen } = divided(found.flat(), comparison);
  const { placeFindings, unseenAt } = await import("../../config/check_text.ts");
  const placed = placeFindings(findings, text, name);
  const all = [...result.warnings, ...placed].sort(compareDiagnostics);
  if (all.some(({ severity }) => severity === "error")) return { ok: false, diagnostics: all };
  const more = placeFindings(unseen, text, name).map((each, at) => unseenAt(unseen[at]!, each));
  const files = [...result.unseen ?? [], ...more];
  return { ...result, warnings: all, ...(files.length > 0 && { unseen: files }) };
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

/** The end of the API's certificate, by this machine's clock. */
async function certificateFindings(config: Config): Promise<Finding[]> {
  if (config.api.tls === undefined) return [];
  const [{ endingOf }, { pairPlaces }] = await Promise.all([
    import("../../pairing/ending.ts"),
    import("../../pairing/places.ts"),
  ]);
  const isOwn = config.api.tls.cert === pairPlaces(config.stateDir).cert;
  const ending = endingOf(config, isOwn, Date.now());
  if (ending === null) return [];
  return [warningAt(API_CERTIFICATE, "api_certificate_ends", ending.message, ending.hint)];
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
