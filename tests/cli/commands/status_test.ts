import assert from "node:assert/strict";
import { EXIT } from "../../../src/exit.ts";
import type { InstanceStatus, Verdict } from "../../../src/status/status.ts";
import { exampleStatus } from "../../front/fake_backend.ts";
import { instanceWith } from "../../status/pair/example.ts";
import { capture, type CapturedRun } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

const FAULT: Partial<InstanceStatus> = {
  state: "fault",
  faults: ["check nginx is down"],
  master: null,
};

/** Shows `instances` with `vipd status ARGV`, each time of a new daemon: one keeps its answers for a while. */
async function shown(instances: InstanceStatus[], ...argv: string[]): Promise<CapturedRun> {
  let run: CapturedRun | null = null;
  await withDaemonApi(async (daemon) => {
    daemon.backend.current = exampleStatus({ instances });
    run = await capture(["status", "--api", daemon.api, ...argv]);
  });
  return run!;
}

const SOME = [
  instanceWith("protected", { name: "web_1" }),
  instanceWith("unprotected", { name: "web_2" }),
  instanceWith("unserved", { name: "mail", ...FAULT }),
  instanceWith("protected", { name: "dns", state: "backup" }),
];

function names(out: string): string[] {
  return out.trim().split("\n").filter((line) => line !== "").map((line) => line.split(" ")[0]!);
}

Deno.test("names, states and verdicts limit what is shown", async (t) => {
  const cases: readonly (readonly [argv: readonly string[], want: readonly string[]])[] = [
    [[], ["mail", "web_2", "web_1", "dns"]],
    [["dns"], ["dns"]],
    [["web*"], ["web_2", "web_1"]],
    [["web_?", "dns"], ["web_2", "web_1", "dns"]],
    [["--state", "fault,backup"], ["mail", "dns"]],
    [["--state", "fault", "--state", "backup"], ["mail", "dns"]],
    [["--verdict", "unserved,unprotected"], ["mail", "web_2"]],
    [["web*", "--verdict", "protected"], ["web_1"]],
    [["--state", "init"], []],
  ];
  for (const [argv, want] of cases) {
    await t.step(argv.join(" ") || "nothing", async () => {
      const { out, code } = await shown(SOME, "--brief", ...argv);
      assert.deepEqual([names(out), code], [want, EXIT.ok]);
      const json = await shown(SOME, "--json", ...argv);
      const found = JSON.parse(json.out).instances.map(({ name }: InstanceStatus) => name);
      assert.deepEqual(found.toSorted(), [...want].toSorted());
    });
  }
});

Deno.test("a selection that nothing fits says so, next to the output", async () => {
  for (const more of [[], ["--brief"]]) {
    const { err, code } = await shown(SOME, ...more, "--state", "init", "--verdict", "contested");
    const want = "vipd: none of the instances asked for is in init and contested\n";
    assert.deepEqual([err, code], [want, EXIT.ok]);
  }
  assert.equal((await shown(SOME, "--state", "fault")).err, "");
  assert.equal((await shown([])).err, "");
});

Deno.test("a name that no instance has is a mistake", async () => {
  const { code, err } = await shown(SOME, "web_11");
  assert.equal(code, EXIT.usage);
  const want = 'vipd: lb01 has no instance "web_11"; did you mean web_1?\nSee vipd help status.\n';
  assert.equal(err, want);
});

Deno.test("a part of the instances is shown with what is about them", async () => {
  const { out } = await shown(SOME, "mail");
  assert.match(out, /^UNSERVED: mail is served by lb01; nobody is ready\n! lb01 holds /);
  assert.match(out, /^mail {2}FAULT {2}eth1/m);
  assert.doesNotMatch(out, /web_|CHECK/);
});

Deno.test("--exit-code says how safe the service is", async (t) => {
  const cases: readonly (readonly [readonly (Verdict | null)[], number])[] = [
    [["protected"], EXIT.ok],
    [["protected", "unprotected"], EXIT.failure],
    [["contested"], EXIT.failure],
    [["unserved"], EXIT.failure],
    [["protected", "unverified"], EXIT.unverified],
    [["unverified", "unprotected"], EXIT.failure],
    [[null], EXIT.unverified],
  ];
  for (const [verdicts, want] of cases) {
    await t.step(`${verdicts}`, async () => {
      const instances = verdicts.map((verdict, index) =>
        instanceWith(verdict, { name: `VI_${index}` })
      );
      assert.equal((await shown(instances, "--exit-code")).code, want);
      assert.equal((await shown(instances)).code, EXIT.ok);
    });
  }
  await t.step("of those that are shown", async () => {
    assert.equal((await shown(SOME, "web_1", "--exit-code")).code, EXIT.ok);
    assert.equal((await shown(SOME, "web*", "--exit-code")).code, EXIT.failure);
  });
  await t.step("of none", async () => {
    const instances = [instanceWith("protected", { state: "backup" })];
    for (const selection of [["--state", "fault"], ["--verdict", "contested"]]) {
      const { code, out } = await shown(instances, ...selection, "--exit-code");
      assert.equal(code, EXIT.unverified, `${selection}`);
      assert.doesNotMatch(out, /no alarms/);
    }
    assert.match((await shown(instances)).out, /, no alarms/);
  });
});

Deno.test("a line of --brief fits the terminal", async () => {
  await withDaemonApi(async (daemon) => {
    daemon.backend.current = exampleStatus({ instances: SOME });
    const { out } = await capture(["status", "--api", daemon.api, "--brief"], { columns: 40 });
    assert.equal(out.split("\n").length, SOME.length + 1);
    assert.ok(out.split("\n").every((line) => line.length <= 40), out);
  });
});
