/**
 * `vipd pair --renew`: another certificate for the API's key, when the present one is in the last third of its life. A
 * running vipd starts this once a day.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { PAIR_AGAIN } from "../../../config/secrets/pair_folder.ts";
import { CliError, EXIT, type ExitCode } from "../../../exit.ts";
import { issueCertificate, namesIn } from "../../../pairing/certificates.ts";
import { FileChanges } from "../../../pairing/file_changes.ts";
import { pairPlaces } from "../../../pairing/places.ts";
import { isDue, timeMs } from "../../../pairing/renewal.ts";
import type { CliContext } from "../../context.ts";
import type { OwnNode } from "./own_node.ts";

export async function renew(
  { config: { node, stateDir }, owner }: OwnNode,
  { output }: CliContext,
): Promise<ExitCode> {
  const places = pairPlaces(stateDir);
  const read = (path: string) =>
    Deno.readTextFile(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new CliError(EXIT.failure, `${path} is missing: ${PAIR_AGAIN}`);
    });
  const before = await read(places.cert);
  const nowMs = Date.now();
  if (!isDue(before, nowMs)) {
    output.out(`${places.cert} lasts: not renewed\n`);
    return EXIT.ok;
  }
  const authority = { cert: await read(places.authority), key: await read(places.authorityKey) };
  const key = await read(places.key);
  const { cert } = issueCertificate(authority, { node, names: namesIn(before), nowMs, key });
  new FileChanges([{ path: places.cert, text: cert, mode: 0o644, owner, expected: before }])
    .commit();
  const end = new Date(timeMs(new X509Certificate(cert).validTo)).toISOString().slice(0, 10);
  output.out(`${places.cert} is renewed until ${end}, with the same key\n`);
  return EXIT.ok;
}
