/**
 * A folder with files for one question, gone afterwards.
 *
 * @module
 */

import { dirname, join } from "node:path";

/** Path below the folder -> text. */
export type Files = Readonly<Record<string, string>>;

/** The files are for their owner alone, as vipd wants it of secrets. */
export async function withFiles<T>(
  files: Files,
  act: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "vipd-frozen-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, text, { mode: 0o600 });
    }
    return await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
