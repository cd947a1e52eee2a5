/**
 * The quick way from a text to a configuration, for one that has no fault.
 *
 * A daemon starts with such a text nearly always. With hundreds of instances the thorough way, which can tell the place
 * of whatever is wrong, would take a good part of its start.
 *
 * @module
 */

import { boundsFinding } from "./bounds.ts";
import { draftOf } from "./draft.ts";
import type { LoadOptions } from "./load.ts";
import type { Config } from "./model.ts";
import { plainYaml } from "./plain_yaml.ts";
import { ruleFindings } from "./rules.ts";
import { readableFindings } from "./rules_file.ts";
import { FileSchema } from "./schema.ts";
import { toConfig } from "./to_config.ts";

/** The configuration in `text`; `null` where anything is to be said about it, which `parseConfig` then says. */
export function soundConfig(
  text: string,
  fileName: string,
  { hostname, mode = null }: LoadOptions,
): Config | null {
  const data = plainYaml(text);
  if (boundsFinding(data) !== null) return null;
  const parsed = FileSchema.safeParse(data);
  if (!parsed.success) return null;
  const draft = draftOf(data, parsed.data.instances);
  const sound = ruleFindings(draft, hostname).length === 0 &&
    readableFindings(draft, fileName, mode).length === 0;
  return sound ? toConfig(parsed.data, hostname) : null;
}
