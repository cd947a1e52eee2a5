import assert from "node:assert/strict";
import { gravestFirst, gravestVerdict } from "../../../src/status/pair/severity.ts";
import { instanceWith } from "./example.ts";

Deno.test("faults come first, then the gravest verdict, then what has not started", () => {
  const instances = [
    instanceWith("protected", { name: "a" }),
    instanceWith("protected", { name: "starts", state: "init" }),
    instanceWith("unprotected", { name: "b" }),
    instanceWith("unserved", { name: "c" }),
    instanceWith(null, { name: "old" }),
    instanceWith("protected", { name: "broken", state: "fault" }),
    instanceWith("protected", { name: "d" }),
  ];
  const names = gravestFirst(instances).map(({ name }) => name);
  assert.deepEqual(names, ["broken", "c", "b", "starts", "a", "d", "old"]);
});

Deno.test("the verdict on several is the gravest one; without a verdict on each, they are not protected", () => {
  const cases = [
    [[], null],
    [["protected", "protected"], "protected"],
    [["protected", "unverified"], "unverified"],
    [["unverified", "unprotected"], "unprotected"],
    [["unprotected", "contested", "unserved"], "unserved"],
    [[null], null],
    [[null, "protected"], null],
    [[null, "unserved"], "unserved"],
  ] as const;
  for (const [verdicts, want] of cases) {
    const instances = verdicts.map((verdict) => instanceWith(verdict));
    assert.equal(gravestVerdict(instances), want, verdicts.join());
  }
});
