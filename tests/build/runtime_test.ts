import assert from "node:assert/strict";
import { ENGINE_OPTION } from "../../build/runtime.ts";

const PROGRAM = `
import { collectGarbage } from ${
  JSON.stringify(import.meta.resolve("../../src/runtime/garbage.ts"))
};
const used = () => Deno.memoryUsage().heapUsed;
let kept = Array.from({ length: 200_000 }, (_, index) => ({ index }));
const before = used();
kept = kept.length;
collectGarbage();
console.log(before - used());
`;

Deno.test("the executables' runtime lets vipd collect its garbage", async () => {
  const args = ["eval", ENGINE_OPTION, PROGRAM];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const freed = Number(new TextDecoder().decode(stdout));
  assert(freed > 1_000_000, `${freed} octets: ${new TextDecoder().decode(stderr)}`);
});
