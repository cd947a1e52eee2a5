/**
 * The permissions of the executable: the list in deno.json, as the options of `deno run` and `deno compile`.
 *
 * @module
 */

import project from "../deno.json" with { type: "json" };

export type Permissions = Readonly<Record<string, boolean | readonly string[]>>;

/** `--allow-...` for each permission of `deno.json`, and no questions for others. */
export function permissionOptions(
  permissions: Permissions = project.permissions.default,
): string[] {
  const options = Object.entries(permissions).flatMap(([name, value]) => {
    if (value === true) return [`--allow-${name}`];
    return value === false ? [] : [`--allow-${name}=${value.join(",")}`];
  });
  return ["--no-prompt", ...options];
}
