/**
 * The quick way from a text to a configuration, for one that has no fault.
 *
 * A daemon starts with such a text nearly always. With hundreds of instances the thorough way, which knows the place
 * of each fault, would take a good part of its start.
 *
 * @module
 */

import { toConfig } from "./build/to_config.ts";
import type { Finding } from "./findings.ts";
import { type CheckOptions, judge, readBySchema } from "./judge.ts";
import type { LoadOptions } from "./load.ts";
import type { Config } from "./model.ts";
import { readNamedFiles } from "./secrets/read_named_files.ts";
import { plainYaml } from "./yaml/plain_yaml.ts";

/** The configuration in `text`; `null` if there is any error or warning: `parseConfig` then explains it. */
export function fastConfig(
  text: string,
  fileName: string,
  { hostname, mode }: LoadOptions,
): Config | null {
  return quickly(text, fileName, { hostname, mode: mode ?? null }, () => false);
}

/**
 * The configuration in `text`, whatever warnings there are about it, and whatever files of certificates and keys it
 * names; `null` where it has an error or is not plain YAML.
 */
export function usableConfig(text: string, hostname: string): Config | null {
  const options = { hostname, lenient: true };
  return quickly(text, "", options, ({ severity }) => severity === "warning");
}

function quickly(
  text: string,
  fileName: string,
  options: CheckOptions,
  tolerated: (finding: Finding) => boolean,
): Config | null {
  const read = readBySchema(plainYaml(text));
  // The thorough reader says all that there is to say, so that nothing more is looked for.
  if ("exceeding" in read || read.file === null) return null;
  const judged = judge(read, fileName, { ...options, readNamed: readNamedFiles });
  if (!judged.findings.every(tolerated)) return null;
  return toConfig(read.file, options.hostname, judged.named);
}
