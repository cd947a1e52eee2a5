/**
 * The disk as an import sees it.
 *
 * @module
 */

import { accept } from "../config/outcome.ts";
import { readConfigFile } from "../config/read_file.ts";
import type { SourceFiles } from "../keepalived/lines.ts";

export const diskFiles: SourceFiles = {
  async readFile(path) {
    const read = await readConfigFile(path);
    return read.ok ? accept(read.value.text) : read;
  },
  async listFolder(path) {
    try {
      const names: string[] = [];
      for await (const { name } of Deno.readDir(path)) names.push(name);
      return names;
    } catch (error) {
      // A pattern in a folder that is not there matches nothing.
      if (error instanceof Error && ("code" in error || error instanceof Deno.errors.NotFound)) {
        return [];
      }
      throw error;
    }
  },
};
