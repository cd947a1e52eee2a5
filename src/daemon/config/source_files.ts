/**
 * The file system as an import sees it.
 *
 * @module
 */

import { ok } from "../../config/values/result.ts";
import { FOREIGN_FILE, readConfigFile } from "../../config/yaml/read_file.ts";
import type { SourceFiles } from "../../keepalived/syntax/lines.ts";
import { threadPool } from "../../runtime/thread_pool.ts";

export const diskFiles: SourceFiles = {
  async readFile(path) {
    const read = await readConfigFile(path, FOREIGN_FILE);
    return read.ok ? ok(read.value.text) : read;
  },
  async listFolder(path) {
    try {
      const turn = await threadPool.run("file", () => namesIn(path));
      return turn.ok ? turn.value : [];
    } catch (error) {
      // A pattern in a folder that does not exist matches nothing.
      if (error instanceof Error && ("code" in error || error instanceof Deno.errors.NotFound)) {
        return [];
      }
      throw error;
    }
  },
};

async function namesIn(path: string): Promise<string[]> {
  return await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
}
