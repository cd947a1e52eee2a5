import assert from "node:assert/strict";
import { CertificateAlarm } from "../../../src/node/checks/certificate_alarm.ts";
import { Alarms, HOLD_DOWN_MS } from "../../../src/node/journal/alarms.ts";
import { SimCluster } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";

const DAY_MS = 86_400_000;
const WITHIN_MS = 14 * DAY_MS;

function open() {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  const certificates = new CertificateAlarm(host, alarms);
  const seen = (check: string, days: number) =>
    certificates.seen(check, {
      endsMs: host.wallClockMs() + days * DAY_MS,
      withinMs: WITHIN_MS,
    });
  const told = () =>
    alarms.status().map(({ code, severity, message }) =>
      `${code} ${severity} ${message.replace(/\d{4}-\d\d-\d\d/g, "DATE")}`
    );
  return { cluster, alarms, certificates, seen, told };
}

Deno.test("a certificate that ends soon is one warning, which names every check that sees one", () => {
  const { cluster, certificates, seen, told } = open();
  seen("site", 15);
  assert.deepEqual(told(), []);
  seen("site", 14);
  seen("shop", 1.5);
  seen("old", -0.5);
  assert.deepEqual(told(), [
    "certificate_ends warning a certificate ends soon: the one that check site sees on DATE (in 14 days); " +
    "the one that check shop sees on DATE (in 1 day); the one that check old sees on DATE (it has ended)",
  ]);
  certificates.forget("old");
  seen("shop", 90);
  assert.deepEqual(told(), [
    "certificate_ends warning a certificate ends soon: the one that check site sees on DATE (in 14 days)",
  ]);
  seen("site", 90);
  cluster.run(HOLD_DOWN_MS + 1000);
  assert.deepEqual(told(), []);
});

Deno.test("a certificate has ended at its end, and ends in 0 days on the last one", () => {
  for (
    const [days, says] of [[0.5, / ends soon: .*\(in 0 days\)$/], [0, / has ended: /]] as const
  ) {
    const { seen, told } = open();
    seen("site", days);
    assert.match(told()[0]!, says);
  }
});

Deno.test("a certificate that has ended is evidence for the fault of what tracks its check, and no other is", () => {
  const rows = [[-1, "check site", 1], [1, "check site", 2], [-1, "check shop", 2]] as const;
  for (const [days, cause, count] of rows) {
    const { alarms, seen, told } = open();
    alarms.raise("fault", "VI_1", { message: "cannot serve", hint: "look", causes: [cause] });
    seen("site", days);
    assert.equal(told().length, count);
  }
});
