import assert from "node:assert/strict";
import type { PeerConfig } from "../../../src/config/model.ts";
import { followed } from "../../../src/front/peers/followed.ts";

Deno.test("a peer keeps its state through a reload, unless its configuration is another one", () => {
  const peer = (name: string, port: number): PeerConfig => ({
    name,
    url: `http://192.168.31.12:${port}`,
  });
  const opened: string[] = [];
  const open = (config: PeerConfig) => {
    opened.push(config.url);
    return { config };
  };
  const first = followed(new Map(), [peer("lb02", 1), peer("lb03", 2), peer("lb04", 3)], open);
  opened.length = 0;
  const second = followed(first, [peer("lb02", 1), peer("lb03", 9)], open);
  assert.deepEqual([...second.keys()], ["lb02", "lb03"]);
  assert.equal(second.get("lb02"), first.get("lb02"));
  assert.notEqual(second.get("lb03"), first.get("lb03"));
  assert.deepEqual(opened, [peer("lb03", 9).url]);
});
