/** Named pipes that get a line for each change of a state: by which path they are written to, if by any. */

import assert from "node:assert/strict";
import { importText, instanceWith, told } from "../support.ts";

const WRITES = /lets it write in \/run\/vipd and \/var\/lib\/vipd only, not to "(.*?)"/;

const CASES:
  readonly (readonly [what: string, words: string, path: string | null, says: RegExp[]])[] = [
    ["no path", "", null, [/its path is missing; write the path of the pipe after it$/]],
    ["an empty path", ' ""', null, [/its path is missing/]],
    ["a path that vipd may write to", " /run/vipd/pipe", "/run/vipd/pipe", []],
    ["another path", " /tmp/pipe", "/tmp/pipe", [WRITES]],
    ["a relative path", " pipe", "/pipe", [/keepalived takes "pipe" for "\/pipe"/, WRITES]],
  ];

for (const [what, words, path, says] of CASES) {
  Deno.test(`a pipe for the changes of states: ${what}`, async () => {
    for (const keyword of ["notify_fifo", "vrrp_notify_fifo"]) {
      const text = `global_defs {\n${keyword}${words}\n}\n${instanceWith("")}`;
      const { yaml, findings } = await importText(text);
      assert.equal(/^ +path: (.*)$/m.exec(yaml ?? "")?.[1] ?? null, path);
      const lines = told(findings);
      assert.equal(lines.length, says.length, lines.join("\n"));
      for (const [at, pattern] of says.entries()) assert.match(lines[at]!, pattern);
    }
  });
}
