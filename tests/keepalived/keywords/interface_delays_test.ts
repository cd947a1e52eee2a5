/** How long an interface waits before its link counts as up or down. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { importText, instanceWith, told } from "../support.ts";

const DELAYS: readonly (readonly [line: string, becomes: unknown, says: RegExp | null])[] = [
  ["eth0 2", { up_delay: "2s", down_delay: "2s" }, null],
  ["eth0 2 3", { up_delay: "3s", down_delay: "2s" }, null],
  ["eth0 0 3", { up_delay: "3s" }, null],
  ["eth0 2 0", { down_delay: "2s" }, null],
  ["eth0 0", undefined, null],
  ["eth0 255", { up_delay: "4m15s", down_delay: "4m15s" }, null],
  ["eth0 0.5 .0001", { up_delay: "1ms", down_delay: "500ms" }, null],
  ["eth0 255.1 3", undefined, /"255.1" is not a number from 0 to 255/],
  ["eth0 3 256", undefined, /"256" is not a number from 0 to 255/],
  ["eth0 soon", undefined, /"soon" is not a number/],
  ["eth0", undefined, /"" is not a number/],
];

for (const [line, becomes, says] of DELAYS) {
  Deno.test(`a link waits as ${line} says`, async () => {
    const text = `interface_up_down_delays {\n${line}\n}\n${instanceWith("")}`;
    const { yaml, findings } = await importText(text);
    const said = told(findings).filter((line) => line.includes("is not a number"));
    assert.equal(said.length, says === null ? 0 : 1, said.join("\n"));
    if (says !== null) assert.match(said[0]!, says);
    const { interfaces } = parse(yaml!) as { interfaces?: Record<string, unknown> };
    assert.deepEqual(interfaces?.eth0, becomes);
  });
}
