/**
 * Finds the vipd that a command talks to, and the token for it.
 *
 * @module
 */

import type { CommandAnswer } from "../../api/answer_shapes.ts";
import { ApiClient } from "../../api/client.ts";
import { type ApiTarget, formatTarget, parseTarget } from "../../api/exchange.ts";
import {
  type Config,
  DEFAULT_RUN_DIR,
  DEFAULT_STATE_DIR,
  type ListenAddress,
} from "../../config/model.ts";
import { loopbackAddresses } from "../../config/values/peer_url.ts";
import { loadAny } from "../../daemon/config/load.ts";
import {
  isListening,
  localFirst,
  localSocket,
  publishedTargets,
  targetOf,
} from "../../daemon/files/api_addresses.ts";
import { pairPlaces } from "../../pairing/places.ts";
import { requireRegular } from "../../runtime/regular_file.ts";
import { readToken } from "../../tokens/token_file.ts";
import { VERSION } from "../../version.ts";
import { CliError, EXIT } from "../../exit.ts";
import { printable, printableJson } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import { DEFAULT_CONFIG } from "../command.ts";
import { apiDownText, readWrittenStatus } from "../status/written_status.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";
import { unusableConfig } from "../text/unusable_config.ts";
import { apiText } from "./api_text.ts";
import { peerClient } from "./peer_target.ts";
import { requireTokenReceiver } from "./token_receiver.ts";

const DEFAULT_TARGET: ApiTarget = { kind: "http", url: "http://127.0.0.1:9112" };
/** All certificates that a system trusts are smaller, in octets. */
const MAX_CA_OCTETS = 4 * 1024 * 1024;
const DEFAULT_TOKEN_FILE = `${DEFAULT_RUN_DIR}/token`;
const NO_READ_TOKEN =
  "reading needs a token there, and the token for commands is not shown for that: name vipd's configuration " +
  "(--config), whose api.read_token_file names one, or a token (--token-file)";

/** A daemon that a command talks to. */
export interface Daemon {
  readonly client: ApiClient;
  /** Its run directory, if it is the vipd of this machine; `null` for another one, which `--api` or `--node` names. */
  readonly runDir: string | null;
  /** Its state directory; `null` likewise. */
  readonly stateDir: string | null;
}

/** The daemon that `--api` names, else the one of the configuration, else the one that runs by default. */
export async function daemonFor(args: Arguments, context: CliContext): Promise<Daemon> {
  const node = args.text("node");
  if (node !== undefined) {
    const peer = await peerFor(node, args, context);
    if (peer !== null) return peer;
  }
  const api = args.text("api");
  const tokenFile = args.text("token-file");
  const asked = api === undefined ? null : parseTarget(api);
  if (api !== undefined && asked === null) {
    throw usageError(
      `--api ${api} is no address; write http://127.0.0.1:9112, https://lb02:9112 or unix:/run/vipd/api.sock`,
    );
  }
  const config = asked !== null && tokenFile !== undefined ? null : await configFor(args, context);
  const addresses = config?.api.listen ?? [];
  const runDir = config?.runDir ?? DEFAULT_RUN_DIR;
  const target = asked ?? await localTarget(addresses, runDir, context);
  const isOwnSocket = formatTarget(target) === formatTarget(localSocket(runDir));
  const isLocal = asked === null || isOwnSocket;
  const tokenOf = (path: string) => async () => {
    await requireTokenReceiver(target, runDir);
    return await readToken(path);
  };
  const fullFile = tokenFile ?? config?.api.tokenFile ?? DEFAULT_TOKEN_FILE;
  const readOnly = tokenFile === undefined ? config?.api.readTokenFile : undefined;
  const noReadToken = async () => {
    await requireTokenReceiver(target, runDir);
    throw new CliError(EXIT.notPermitted, NO_READ_TOKEN);
  };
  const readFile = tokenFile ?? readOnly ?? (readsWithFullToken(target, config) ? fullFile : null);
  const caFile = args.text("ca-file");
  const client = new ApiClient(target, {
    caCerts: caFile === undefined ? await ownCertificates(target, config) : [await readCa(caFile)],
    agent: `vipd/${VERSION}`,
    token: tokenOf(fullFile),
    readToken: readFile === null ? noReadToken : tokenOf(readFile),
    // Root and the user of vipd have their places without one.
    showsToken: isOwnSocket && readOnly !== undefined,
    ...(isLocal && {
      explain: () => apiDownText(runDir),
      comesBack: () => comesBack(runDir),
    }),
    ...(!isLocal && target.kind === "http" && {
      explain: (reason) =>
        Promise.resolve(apiText({ url: target.url, caFile, peers: config?.peers ?? [] }, reason)),
    }),
  });
  return {
    client,
    runDir: isLocal ? runDir : null,
    stateDir: isLocal ? config?.stateDir ?? DEFAULT_STATE_DIR : null,
  };
}

/** The engine starts its front again; if that takes longer than usual, it raises the alarm. */
async function comesBack(runDir: string): Promise<boolean> {
  const written = await readWrittenStatus(runDir);
  if (!written?.engineRuns) return false;
  return !written.status.alarms.some(({ code }) => code === "api_down");
}

/**
 * Whether a reader may show the token that commands need. On this machine reading is open, or there is another token
 * for it: a process that asks for the full one is a front that somebody has taken over.
 */
function readsWithFullToken(target: ApiTarget, config: Config | null): boolean {
  return !isOnThisMachine(target) || config?.api.localReading === "token";
}

/** True for the places where {@link Config.api}'s `localReading` decides. */
function isOnThisMachine(target: ApiTarget): boolean {
  if (target.kind === "unix") return true;
  const { protocol, hostname } = new URL(target.url);
  return protocol === "http:" && loopbackAddresses(hostname).length > 0;
}

/** The daemon of this node of `peers`; `null` if it is the one of this machine. */
async function peerFor(
  node: string,
  args: Arguments,
  context: CliContext,
): Promise<Daemon | null> {
  if (args.text("api") !== undefined) throw usageError("--node and --api exclude each other");
  const config = await configFor(args, context);
  const client = peerClient(node, config, args.text("config") ?? DEFAULT_CONFIG);
  return client && { client, runDir: null, stateDir: null };
}

/** The client for {@link daemonFor}. */
export async function clientFor(args: Arguments, context: CliContext): Promise<ApiClient> {
  return (await daemonFor(args, context)).client;
}

/**
 * The certificates of this configuration's daemon are trusted without a third party, and so is the authority that signs
 * them in a pair.
 */
async function ownCertificates(target: ApiTarget, config: Config | null): Promise<string[]> {
  if (config === null || target.kind !== "http" || !target.url.startsWith("https:")) return [];
  const served = config.api.listen.flatMap((address) =>
    address.kind === "tcp" && address.tls && "cert" in address.tls ? address.tls.cert : []
  );
  const { authority } = pairPlaces(config.stateDir);
  // Without a pair there is none, and the folder may be closed to this user.
  return [...served, ...await readCa(authority).then((text) => [text], () => [])];
}

async function readCa(path: string): Promise<string> {
  try {
    const info = await Deno.stat(path).catch(() => null);
    if (info !== null) requireRegular(info, MAX_CA_OCTETS);
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw usageError(`--ca-file ${path} cannot be read: ${error.message}`);
  }
}

/**
 * A file that the user named must be valid. The default one may be missing, secret to this user or, while it is being
 * edited, wrong: the command then still asks the running vipd at its default address.
 */
async function configFor(args: Arguments, context: CliContext): Promise<Config | null> {
  const named = args.text("config");
  const path = named ?? DEFAULT_CONFIG;
  const loaded = await loadAny(path, context, { lenient: true, acceptLoss: true });
  if (loaded.ok) return loaded.config;
  if (named !== undefined) throw unusableConfig(loaded.diagnostics);
  const unread = loaded.diagnostics.every(({ code }) =>
    code === "file_not_found" || code === "file_unreadable"
  );
  if (!unread) {
    const where = args.text("api") ?? formatTarget(DEFAULT_TARGET);
    context.output.err(`vipd: ${path} is not valid (see vipd check); asking ${where}\n`);
  }
  return null;
}

/**
 * The target of the vipd of this machine: the socket in its run directory, which it makes whatever its configuration
 * says. A vipd without that socket, and without an engine that would make it, is vipd 0.1.0 or does not run.
 */
async function localTarget(
  addresses: readonly ListenAddress[],
  runDir: string,
  context: CliContext,
): Promise<ApiTarget> {
  const socket = localSocket(runDir);
  if (await isListening(socket) || (await readWrittenStatus(runDir))?.engineRuns) return socket;
  const [listen] = localFirst(addresses);
  return await listeningTarget(
    listen === undefined ? DEFAULT_TARGET : targetOf(listen),
    runDir,
    context,
  );
}

/**
 * The target of vipd 0.1.0: `wanted`, as the configuration says; or an address that the daemon has published, if nobody
 * listens at `wanted` because the configuration is not in force yet.
 */
async function listeningTarget(
  wanted: ApiTarget,
  runDir: string,
  { output }: CliContext,
): Promise<ApiTarget> {
  if (await isListening(wanted)) return wanted;
  for (const published of await publishedTargets(runDir)) {
    if (formatTarget(published) === formatTarget(wanted) || !await isListening(published)) continue;
    output.err(
      `vipd: nobody listens on ${formatTarget(wanted)} yet; asks the running vipd where it ` +
        `does, ${formatTarget(published)}: vipd reload puts the new api.listen in force\n`,
    );
    return published;
  }
  return wanted;
}

/** Prints the result of a command: the sentence, or with `--json` the API's answer. */
export function printCommandAnswer(
  args: Arguments,
  context: CliContext,
  answer: CommandAnswer,
  sentence: string,
): void {
  const text = args.flag("json")
    ? printableJson(JSON.stringify(answer, null, 2))
    : printable(sentence + unkeptText(answer));
  context.output.out(`${text}\n`);
}

/** To end a sentence, if a restart would forget the override. */
export function unkeptText({ not_kept: why }: CommandAnswer): string {
  return why === undefined ? "" : `; but this would not outlive a restart: ${why}`;
}
