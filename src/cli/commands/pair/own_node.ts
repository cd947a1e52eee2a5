/**
 * This node as `vipd pair` finds it: its configuration, and who runs vipd.
 *
 * @module
 */

import type { Config } from "../../../config/model.ts";
import { valueAt } from "../../../config/findings.ts";
import { PAIR_AGAIN } from "../../../config/secrets/pair_folder.ts";
import { readListenAddress } from "../../../config/values/values.ts";
import { readConfigFile } from "../../../config/yaml/read_file.ts";
import { YamlSource } from "../../../config/yaml/source.ts";
import { loadAny } from "../../../daemon/config/load.ts";
import { expectedUser, ownerOf } from "../../../daemon/service/daemon_user.ts";
import { CliError, EXIT } from "../../../exit.ts";
import { isKeepalived } from "../../../keepalived/syntax/recognise.ts";
import type { Owner } from "../../../pairing/file_changes.ts";
import { type ApiPlace, type ConfigFileNow, listensFor } from "../../../pairing/pair_plan.ts";
import { canonicalIp, familyOf, isIpv6LinkLocal } from "../../../wire/address.ts";
import type { Arguments } from "../../arguments.ts";
import { DEFAULT_CONFIG } from "../../command.ts";
import type { CliContext } from "../../context.ts";
import { usageError } from "../../errors.ts";
import { unusableConfig } from "../../text/unusable_config.ts";

/** Loopback, and all addresses. */
const NOT_FROM_ELSEWHERE = /^(127\.|::1$|0\.0\.0\.0$|::$)/;

/** As the schema has them. */
const DEFAULT_LISTEN = "127.0.0.1:9112";
const DEFAULT_PORT = 9112;

/** An address of this machine. */
type OwnAddress = Pick<Deno.NetworkInterfaceInfo, "name" | "address">;

export interface OwnNode {
  readonly file: ConfigFileNow;
  readonly config: Config;
  readonly data: unknown;
  /** `api.listen` as it is written, or its default. */
  readonly listen: readonly string[];
  /** The owner of `state_dir`: the user that vipd runs as. */
  readonly owner: Owner;
  /** The texts in the places of secrets in the configuration. */
  readonly secrets: ReadonlySet<string>;
}

/** Throws a {@link CliError} with the remedy if this node cannot take part in a pairing. */
export async function ownNode(args: Arguments, context: CliContext): Promise<OwnNode> {
  const named = args.text("config") ?? DEFAULT_CONFIG;
  const loaded = await loadForPair(named, context);
  const path = await Deno.realPath(named);
  const read = await readConfigFile(path);
  if (!read.ok) throw new CliError(EXIT.configInvalid, `${path}: ${read.problem.message}`);
  const { text } = read.value;
  if (isKeepalived(path, text)) {
    throw new CliError(EXIT.failure, `${path} is keepalived's: vipd import makes vipd's of it`);
  }
  const source = new YamlSource(text);
  const written = valueAt(source.data, ["api", "listen"]) ?? DEFAULT_LISTEN;
  return {
    file: { path, text, ...await modeAndOwner(path) },
    config: loaded.config,
    data: source.data,
    listen: [written].flat().map(String),
    owner: await ownerOfState(loaded.config.stateDir),
    secrets: source.secrets,
  };
}

/** Files of the pairing may be missing or damaged: it makes them again. */
async function loadForPair(named: string, context: CliContext) {
  const loaded = await loadAny(named, context);
  if (loaded.ok) return loaded;
  const errors = loaded.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.every(({ hint }) => hint === PAIR_AGAIN)) {
    const lenient = await loadAny(named, context, { lenient: true });
    if (lenient.ok) return lenient;
  }
  throw unusableConfig(loaded.diagnostics, "vipd pair needs a valid file");
}

/** The address at which the other node asks this one: the one of `--listen`, else `found`. */
export function apiPlace(args: Arguments, own: OwnNode, found: string | null): ApiPlace {
  const asked = args.text("listen");
  const named = asked === undefined ? null : placeNamed(asked);
  const host = named?.host ?? found;
  if (host === null) {
    throw usageError("name the address of this node that the other one reaches: --listen ADDRESS");
  }
  requireOwn(host, own.config, asked !== undefined);
  const port = named?.port ?? listensFor(own.listen, host)?.port ?? portOf(own.listen);
  return { host, port };
}

/**
 * The address that `api.listen` names, else one of the interface on which the nodes hear each other, else another one at which
 * the API listens; `null` if there is none that leads here from another machine.
 */
export function likelyAddress(
  { config, listen }: Pick<OwnNode, "config" | "listen">,
  interfaces: readonly OwnAddress[] = Deno.networkInterfaces(),
): string | null {
  const [instance] = config.instances;
  const all = interfaces.filter(({ address }) => canLead(address, config));
  const named = new Set(listen.flatMap((text) => {
    const read = readListenAddress(text);
    return read.ok && read.value.kind === "tcp" ? [read.value.host] : [];
  }));
  const likely = all.find(({ address }) => named.has(address)) ??
    all.find(({ name, address }) =>
      name === instance?.interface && familyOf(address) === instance.family
    ) ?? all.find(({ address }) => listensFor(listen, address) !== null);
  return likely?.address ?? null;
}

/** `192.168.31.11`, `192.168.31.11:9112`, `fd00::11`, `[fd00::11]`, `[fd00::11]:9112`. */
export function placeNamed(text: string): { readonly host: string; readonly port?: number } {
  const alone = canonicalIp(text.replace(/^\[(.*:.*)\]$/, "$1"));
  if (alone !== null) return { host: alone };
  const read = readListenAddress(text);
  if (!read.ok) throw usageError(`--listen ${text}: ${read.problem.message}`);
  if (read.value.kind === "unix") throw usageError("--listen takes an address, not a socket");
  return read.value;
}

/** An address that moves between the nodes, or one of all machines, names no node. */
function requireOwn(host: string, config: Config, isNamed: boolean): void {
  const own = Deno.networkInterfaces();
  const wrong = isVirtual(host, config)
    ? "is a virtual address, which moves between the nodes"
    : isIpv6LinkLocal(host)
    ? "is link-local, which means something else on each link"
    : NOT_FROM_ELSEWHERE.test(host)
    ? "does not lead here from another machine"
    // The kernel may be set such that one can listen at any address.
    : isNamed && !own.some(({ address }) => address === host)
    ? "is not on this machine"
    : null;
  if (wrong === null) return;
  const those = own.filter(({ address }) => canLead(address, config));
  const there = those.map(({ name, address }) => `${address} (${name})`).join(", ");
  throw usageError(
    `${host} ${wrong}: name an address of this node alone with --listen` +
      (there === "" ? "" : `; it has ${there}`),
  );
}

/** Whether another machine may reach this node alone by it. */
function canLead(address: string, config: Config): boolean {
  return !isVirtual(address, config) && !isIpv6LinkLocal(address) &&
    !NOT_FROM_ELSEWHERE.test(address);
}

function isVirtual(host: string, { instances }: Config): boolean {
  return instances.some(({ addresses }) => addresses.some(({ address }) => address === host));
}

/** The port that the API has anyway. */
function portOf(listen: readonly string[]): number {
  for (const text of listen) {
    const address = readListenAddress(text);
    if (address.ok && address.value.kind === "tcp") return address.value.port;
  }
  return DEFAULT_PORT;
}

async function modeAndOwner(path: string): Promise<{ mode: number; owner: Owner }> {
  const { mode, uid, gid } = await Deno.stat(path);
  return { mode: (mode ?? 0o600) & 0o7777, owner: { uid: uid ?? 0, gid: gid ?? 0 } };
}

/** If there is no folder yet, it becomes that of the user who is to run vipd; only root can give it to another one. */
async function ownerOfState(stateDir: string): Promise<Owner> {
  const owner = await ownerOf(stateDir);
  if (owner !== null) return owner;
  const [uid, gid] = [Deno.uid() ?? 0, Deno.gid() ?? 0];
  return uid === 0 ? await expectedUser() : { uid, gid };
}
