/**
 * Makes sure that only vipd gets a token. Otherwise any process could take the port of a vipd that does not run, and
 * wait for a token.
 *
 * @module
 */

import { join } from "node:path";
import { DaemonUnreachableError, IS_IT_THERE, NOBODY_LISTENS } from "../../api/client_errors.ts";
import { type ApiTarget, formatTarget } from "../../api/exchange.ts";
import { loopbackAddresses } from "../../config/values/peer_url.ts";
import { withKernelFiles } from "../../linux/kernel_reader.ts";
import { FRONT_FOLDER } from "../../daemon/files/run_dir.ts";
import { CliError, EXIT } from "../../exit.ts";
import { userName } from "../../health/programs/accounts.ts";
import { type ListeningSocket, readListeners } from "../machine/listening_sockets.ts";
import { isFolder, whereToLook } from "../text/where_to_look.ts";

const ROOT = 0;
/** The users that vipd's units run as. */
const ACCOUNTS: readonly string[] = ["vipd", "vipd-front"];

/**
 * Throws unless `target` may get a token: a unix socket, which is in a folder of its owner; https, whose certificate
 * the connection checks; a loopback address on which vipd listens.
 *
 * @param runDir the run directory of the vipd of this machine.
 * @param node the node of `peers` that the target is; absent if it is none.
 */
export async function requireTokenReceiver(
  target: ApiTarget,
  runDir: string,
  node?: string,
): Promise<void> {
  if (target.kind === "unix") return;
  const { protocol, hostname, port } = new URL(target.url);
  if (protocol === "https:") return;
  const addresses = loopbackAddresses(hostname);
  const where = formatTarget(target);
  if (addresses.length === 0) throw plaintextError(where, hostname, node);
  const sockets = await withKernelFiles(readListeners);
  if (sockets === null) {
    throw refusal(`${where}: the kernel does not say who listens there, so no token is sent`);
  }
  const found = addresses.flatMap((address) => receivers(sockets, address, Number(port || 80)));
  if (found.length === 0) {
    throw new DaemonUnreachableError(
      `cannot reach vipd at ${where}: ${NOBODY_LISTENS}; ${IS_IT_THERE}`,
      { reason: NOBODY_LISTENS, broken: true },
    );
  }
  for (const { uid } of found) {
    if (await isVipd(uid, runDir)) continue;
    const user = `user ${await userName(uid)} (uid ${uid}) listens on ${where}`;
    const { front } = await whereToLook(runDir);
    const who = `see who it is (ss -ltnp 'sport = :${port}')`;
    throw refusal(
      await isFolder(runDir)
        ? `${user}, not vipd, so no token is sent there: ${who} and why vipd does not (${front})`
        : `${user}; run_dir ${runDir}, which shows whether that is vipd, is not there, so no token ` +
          `is sent: a vipd that runs makes it again within a second; ${who}`,
    );
  }
}

/** All addresses of each family; a socket of the second may take IPv4, too, which the kernel does not list. */
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** The sockets, one of which gets a connection to this address: those bound to it, else those bound to all. */
export function receivers(
  sockets: readonly ListeningSocket[],
  address: string,
  port: number,
): ListeningSocket[] {
  const there = sockets.filter((socket) => socket.port === port);
  const bound = there.filter((socket) => socket.address === address);
  return bound.length > 0 ? bound : there.filter((socket) => WILDCARDS.has(socket.address));
}

/**
 * True for root; for the user of this process, which has the token anyway; for the owners of the run directory and of
 * the front's folder in it; and for the users of vipd's units.
 */
async function isVipd(uid: number, runDir: string): Promise<boolean> {
  if (uid === ROOT || uid === Deno.uid()) return true;
  const folders = [runDir, join(runDir, FRONT_FOLDER)];
  const owners = await Promise.all(folders.map(async (path) => {
    // Does not follow a link.
    const info = await Deno.lstat(path).catch(() => null);
    return info?.isDirectory ? info.uid : null;
  }));
  return owners.includes(uid) || ACCOUNTS.includes(await userName(uid));
}

function plaintextError(where: string, host: string, node: string | undefined): CliError {
  if (node !== undefined) {
    return refusal(
      `reading ${node} from here needs a token, and ${where}, its url in \`peers\`, is not encrypted, so ` +
        "no token is sent there: vipd pair on both nodes makes it https, or run the command on that " +
        `machine: ssh ${node} vipd ...`,
    );
  }
  return refusal(
    `${where} is not encrypted, so no token is sent there: use https (api.tls there, and --api ` +
      `https://${host}:9112 --ca-file here), or run the command on that machine: ssh ${host} ...`,
  );
}

function refusal(message: string): CliError {
  return new CliError(EXIT.notPermitted, message);
}
