/**
 * Whether systemd runs this machine.
 *
 * @module
 */

/** Exists if systemd is the first process, sd_booted(3). */
const FOLDER = "/run/systemd/system";

/** Without it no unit is in force, whatever is installed. */
export async function systemdRuns(folder: string = FOLDER): Promise<boolean> {
  // As sd_booted(3) looks: no link leads there.
  return (await Deno.lstat(folder).catch(() => null))?.isDirectory ?? false;
}
