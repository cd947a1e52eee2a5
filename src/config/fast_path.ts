/**
 * The quick way from a text to a configuration, for one that has no fault.
 *
 * A daemon starts with such a text nearly always. With hundreds of instances the thorough way, which knows the place
 * of each fault, would take a good part of its start.
 *
 * @module
 */

import { boundsFinding } from "./bounds.ts";
import type { LoadOptions } from "./load.ts";
import type { Config } from "./model.ts";
import { readableFindings } from "./rules/file.ts";
import { ruleFindings } from "./rules/rules.ts";
import { FileSchema } from "./schema/schema.ts";
import { readNamedFiles } from "./secrets/read_named_files.ts";
import { plainYaml } from "./yaml/plain_yaml.ts";
import { partialOf } from "./partial.ts";
import { toConfig } from "./build/to_config.ts";

/** The configuration in `text`; `null` where anything is to be said about it, which `parseConfig` then says. */
export function fastConfig(
  text: string,
  fileName: string,
  { hostname, mode = null }: LoadOptions,
): Config | null {
  const read = readPlain(text);
  if (!read) return null;
  const usable = ruleFindings(read.partial, hostname).length === 0 &&
    readableFindings(read.partial, fileName, mode).length === 0;
  if (!usable) return null;
  const named = readNamedFiles(read.data);
  const findings = [...named.tls.findings, ...named.keys.findings];
  return findings.length === 0 ? toConfig(read.file, hostname, named) : null;
}

/**
 * The configuration in `text`, whatever warnings there are about it, and whatever files of certificates and keys it
 * names; `null` where it has an error or is not plain YAML.
 */
export function usableConfig(text: string, hostname: string): Config | null {
  const read = readPlain(text);
  if (!read) return null;
  const errors = ruleFindings(read.partial, hostname).filter(({ severity }) =>
    severity === "error"
  );
  if (errors.length > 0) return null;
  const named = readNamedFiles(read.data);
  return named.keys.findings.length === 0 ? toConfig(read.file, hostname, named) : null;
}

function readPlain(text: string) {
  const data = plainYaml(text);
  if (boundsFinding(data) !== null) return null;
  const parsed = FileSchema.safeParse(data);
  return parsed.success
    ? { data, file: parsed.data, partial: partialOf(data, parsed.data.instances) }
    : null;
}
