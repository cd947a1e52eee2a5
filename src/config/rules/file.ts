/**
 * The file's own faults, apart from the configuration in it.
 *
 * @module
 */

import type { PartialConfig } from "../partial.ts";
import { type Finding, warningAt } from "../findings.ts";

/** Read permission of everybody. */
const OTHERS_READ = 0o004;

/** A secret in a file that every user can read; `mode` has its permission bits, where they are known. */
export function readableFindings(
  partial: PartialConfig,
  fileName: string,
  mode: number | null,
): Finding[] {
  if (mode === null || (mode & OTHERS_READ) === 0) return [];
  const secret = partial.instances.flatMap(({ path, values: { authentication } }) => {
    if (authentication?.type === "pass") return [[...path, "authentication", "password"]];
    if (authentication?.type !== "hmac") return [];
    const index = authentication.keys.findIndex(({ key }) => key !== undefined);
    return index < 0 ? [] : [[...path, "authentication", "keys", index, "key"]];
  })[0];
  if (!secret) return [];
  return [warningAt(
    secret,
    "config_readable",
    "every user of this machine can read the secret",
    `take the permission away: chmod o-r ${fileName}`,
  )];
}
