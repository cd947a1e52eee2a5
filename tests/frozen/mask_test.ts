import assert from "node:assert/strict";
import { maskLive, maskRun, withoutMachine } from "./mask.ts";

Deno.test("the version, the build and the words of a run are hidden, and nothing that looks like them", () => {
  const cases = [
    ["vipd 0.1.0 (commit 6e2e07935ab1, compiled)", "vipd {version} ({build})"],
    ["vipd 0.1.0 (source)", "vipd {version} ({build})"],
    ["10.1.0.5 and 0.1.0.0", "10.1.0.5 and 0.1.0.0"],
    ["/tmp/a/vipd.yaml:3:1", "{folder}/vipd.yaml:3:1"],
  ] as const;
  for (const [text, masked] of cases) {
    assert.equal(maskRun(text, "0.1.0", { "/tmp/a": "{folder}" }), masked);
  }
});

Deno.test("of a live node times and counters are hidden, and what it is stays", () => {
  const said = {
    id: 7,
    since: "2026-03-01T10:00:00.000Z",
    lease: { seconds: 3, renewed_ms_ago: 420 },
    counters: { advertisements_sent: 12, dropped: { ttl: 1 } },
    override: null,
    message: "it took 612 ms",
  };
  assert.deepEqual(maskLive(said, "0.1.0"), {
    id: "{number}",
    since: "{time}",
    lease: { seconds: 3, renewed_ms_ago: "{number}" },
    counters: { advertisements_sent: "{number}", dropped: { ttl: 1 } },
    override: null,
    message: "it took {number} ms",
  });
});

Deno.test("what a machine says of its programs is left out, with the lines that show the place", () => {
  const kept = "a.yaml:1:1: error: x: wrong; change it [out_of_range]\n    1 | x: 1\n      | ^\n";
  const machine = "a.yaml:2:9: warning: c: there is no such file; install it [program_missing]\n" +
    "    2 | c: 1\n      | ^\n";
  const placeless = "a.yaml: warning: c: it cannot be read [notify_file_unreadable]\n";
  assert.equal(withoutMachine(machine + kept + placeless + machine + kept), kept + kept);
});
