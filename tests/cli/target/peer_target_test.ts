import assert from "node:assert/strict";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";

const PEERS = `peers:
  - { name: lb02, url: "https://192.168.31.12:9112" }
`;

for (
  const [argv, code, said] of [
    [["status", "--node", "lb03"], 2, /no node lb03, only lb01, lb02: vipd pair adds one/],
    [["status", "--node", "lb02", "--api", "http://127.0.0.1:1"], 2, /exclude each other/],
    [["demote", "VI_1", "--node", "lb02"], 2, /ssh lb02 vipd demote VI_1/],
    [["priority", "--reset", "--node", "lb02"], 2, /ssh lb02 vipd priority/],
    [["reload", "--node", "lb02"], 2, /ssh lb02 vipd reload/],
    [["rehearse", "--node", "lb02"], 2, /ssh lb02 vipd rehearse/],
    [["events", "--node", "lb01"], 5, /vipd/],
  ] as const
) {
  Deno.test(`vipd ${argv.join(" ")}`, () =>
    inFolder(async (folder) => {
      const config = `${folder}/vipd.yaml`;
      await Deno.writeTextFile(config, exampleConfig(folder) + PEERS, { mode: 0o600 });
      const run = await capture([...argv, "--config", config]);
      assert.deepEqual([run.code, run.out], [code, ""], run.err);
      assert.match(run.err, said);
    }));
}
