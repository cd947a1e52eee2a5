/**
 * Command lines: what is printed where, how the command ends, and what it asks of a daemon.
 *
 * @module
 */

import { type Files, withFiles } from "../folder.ts";
import { maskRun } from "../mask.ts";
import { type Replies, withScriptedDaemon } from "../scripted_daemon.ts";
import type { AskedFamily } from "./family.ts";

export type CommandLine = {
  /** Without the program's name; `{api}` and `{folder}` stand for the daemon and the files' folder. */
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly files?: Files;
  /** What the daemon answers; without it nobody listens. */
  readonly replies?: Replies;
};

export const CLI: AskedFamily<CommandLine> = {
  name: "cli",
  origin: "executable",
  answer: (input, vipd) =>
    withFiles(
      input.files ?? {},
      (folder) =>
        withScriptedDaemon(input.replies ?? null, async ({ api, heard }) => {
          const argv = input.argv.map((word) =>
            word.replaceAll("{api}", api).replaceAll("{folder}", folder)
          );
          const { code, out, err } = await vipd.run(argv, input.stdin);
          const masked = (text: string) =>
            maskRun(text, vipd.version, { [api]: "{api}", [folder]: "{folder}" });
          return { code, out: masked(out), err: masked(err), heard };
        }),
    ),
};
