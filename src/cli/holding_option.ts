/** Options that say how long something holds: `--for` of a command, `--confirm` of a reload. */

import { HOLDING_TIME, holdingTimeMs } from "../api/holding_time.ts";
import { parseDuration } from "../config/values/durations.ts";
import type { Arguments } from "./arguments.ts";
import { usageError } from "./errors.ts";

/** The option's value as it was written; `undefined` if it was not given. Throws a usage error for one that cannot be. */
export function holdingOption(
  args: Arguments,
  option: string,
  examples = "90s, 10m or 2h",
): string | undefined {
  const value = args.text(option);
  if (value === undefined || holdingTimeMs(value) !== null) return value;
  if (!parseDuration(value)) {
    throw usageError(`--${option} ${value} is no duration; write ${examples}`);
  }
  throw usageError(`--${option} takes ${HOLDING_TIME}, not ${value}; write ${examples}`);
}
