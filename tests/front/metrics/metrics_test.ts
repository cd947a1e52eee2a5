import assert from "node:assert/strict";
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { EventCounts } from "../../../src/front/metrics/event_counts.ts";
import { familyText } from "../../../src/front/metrics/exposition.ts";
import { metricsText } from "../../../src/front/metrics/metrics.ts";
import { PAIR_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import type { EngineFigures } from "../../../src/ipc/messages.ts";
import { exampleInstance, exampleStatus, FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";
import { assertStrict, type ParsedFamily } from "./exposition_rules.ts";

const BINDINGS: ApiBindings = { listener: { kind: "unix", path: "/run/vipd/api.sock" } };

const FIGURES: EngineFigures = {
  cpuSeconds: 1.5,
  residentOctets: 60 * 2 ** 20,
  lag: { lastMs: 3, worstMs: 40 },
};

async function scrape(backend: FakeBackend, figures?: EngineFigures): Promise<string> {
  const measured = figures ? { figures: () => figures } : {};
  const app = createApi({ backend, judge: judgeOf(TOKEN), ...measured });
  backend.journal.record("notice", "state_changed", "VI_1: init -> backup", "VI_1", {
    transition: { from: "init", to: "backup", reason: "startup" },
  });
  backend.journal.record("error", "send_failed", "VI_1: advert not sent: EPERM", "VI_1");
  const response = await app.request("http://localhost/metrics", {}, BINDINGS);
  assert.equal(response.status, 200);
  assert.equal(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  return await response.text();
}

const { verdict, since, sentence, served_by, ready, reasons } = PAIR_EXAMPLE.instances[0]!;
const PAIR = { verdict, since, sentence, served_by, ready, reasons };

/** A status that has a value in every metric. */
function fullBackend(): FakeBackend {
  const backend = new FakeBackend();
  const [address] = exampleInstance().addresses;
  const { processes, checks } = exampleStatus();
  const [nginx] = checks;
  const excluded = { ...address!, address: "192.168.31.6", advertised: false, held: false };
  backend.current = exampleStatus({
    alarms: [{
      code: "flapping",
      severity: "warning",
      subject: "VI_1",
      message: "becomes master again and again",
      hint: "look at the network",
      since: "2026-03-01T10:00:00.000Z",
    }],
    instances: [
      exampleInstance({ addresses: [address!, excluded], pair: PAIR }),
      exampleInstance({
        name: 'odd "name" \\ with\nbreaks',
        state: "fault",
        override: {
          kind: "demoted",
          priority: 1,
          since: "2026-03-01T10:00:00.000Z",
          until: null,
        },
        routing: [{ entry: "route 10.1.0.0/16 via 192.168.31.1", held: true }],
      }),
    ],
    checks: [
      { ...nginx!, certificate_ends: "2026-03-15T10:00:00.000Z" },
      { ...nginx!, name: "load", type: "file", number: -20 },
    ],
    processes: {
      engine: { ...processes.engine, restarts: 2 },
      front: { ...processes.front, state: "starting", restarts: 3 },
    },
    peers: [{
      name: "lb02",
      url: "http://lb02:9112",
      reachable: true,
      error: null,
      last_seen: "2026-03-01T10:00:00.000Z",
      node: "lb02",
      version: "0.1.0",
      instances: [],
    }],
    notifications: [{
      name: "ops",
      type: "webhook",
      state: "failing",
      waiting: 3,
      delivered: 7,
      failed: 5,
      lost: 2,
      last_success: "2026-03-01T10:00:00.000Z",
      last_failure: { at: "2026-03-01T10:03:10.000Z", detail: "HTTP 503" },
    }],
    dropped: { unknown_vrid: 3 },
  });
  return backend;
}

/** The value of one sample, found by name and some of its labels. */
function valueOf(text: string, name: string, labels: Record<string, string> = {}): number {
  const families: ParsedFamily[] = parsePrometheusTextFormat(text);
  const family = families.find((candidate) => candidate.name === name);
  const found =
    family?.metrics.filter((metric) =>
      Object.entries(labels).every(([key, value]) => metric.labels?.[key] === value)
    ) ?? [];
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}: ${found.length} samples`);
  return Number(found[0]!.value);
}

Deno.test("the metrics follow Prometheus' rules", async () => {
  const text = await scrape(fullBackend(), FIGURES);
  assertStrict(text);
  // Every family of a full status has samples, so that none of them goes unchecked.
  const families: ParsedFamily[] = parsePrometheusTextFormat(text);
  assert.deepEqual(families.filter(({ metrics }) => metrics.length === 0), []);
});

Deno.test("the verdict is a state set, and each reason has a series", async () => {
  const text = await scrape(fullBackend());
  const verdicts = ["unserved", "contested", "unprotected", "unverified", "protected"];
  for (const verdict of verdicts) {
    const value = valueOf(text, "vipd_pair_verdict", { verdict });
    assert.equal(value, Number(verdict === "unprotected"), verdict);
  }
  assert.equal(valueOf(text, "vipd_pair_reason", { reason: "weight_too_small" }), 1);
  assert.equal(valueOf(text, "vipd_pair_reason", { reason: "peer_silent" }), 0);
});

Deno.test("the rules are strict: wrong text is refused", () => {
  const good = "# HELP a_total help\n# TYPE a_total counter\na_total 1\n";
  assertStrict(good);
  const wrong = [
    good.trimEnd(),
    good + good,
    good.replace("# HELP a_total help\n", ""),
    good.replaceAll("a_total", "a"),
    good + "a_total 2\n",
    good.replace("a_total 1", 'a_total{b="1",b="2"} 1'),
    good.replace("a_total 1", "a_total one"),
    good.replace("a_total 1", 'a_total{b="x\\y"} 1'),
    good + "b_seconds 1\n",
  ];
  for (const text of wrong) assert.throws(() => assertStrict(text), text);
});

Deno.test("the metrics say what the status says", async () => {
  const text = await scrape(fullBackend());
  const VI_1 = { vrrp_instance: "VI_1", interface: "eth1", vrid: "55", family: "ipv4" };
  const expected: readonly (readonly [string, Record<string, string>, number])[] = [
    ["vipd_build_info", { node: "lb01", version: "0.1.0" }, 1],
    ["vipd_instance_info", { ...VI_1, version: "2" }, 1],
    ["vipd_instance_state", { ...VI_1, state: "master" }, 1],
    ["vipd_instance_state", { ...VI_1, state: "backup" }, 0],
    ["vipd_instance_priority_configured", VI_1, 150],
    ["vipd_instance_priority_effective", VI_1, 90],
    ["vipd_instance_addresses_configured", VI_1, 2],
    ["vipd_instance_addresses_held", VI_1, 1],
    ["vipd_address_held", { ...VI_1, address: "192.168.31.5", device: "eth1" }, 1],
    ["vipd_instance_last_transition_timestamp_seconds", VI_1, Date.UTC(2026, 2, 1, 10) / 1000],
    ["vipd_instance_transitions_total", { ...VI_1, from: "init", to: "backup" }, 1],
    ["vipd_instance_master_down_interval_seconds", VI_1, 3.6484],
    ["vipd_advertisements_sent_total", VI_1, 12],
    ["vipd_advertisements_received_total", VI_1, 3],
    ["vipd_advertisements_dropped_total", { ...VI_1, reason: "authentication_failed" }, 2],
    ["vipd_packets_dropped_total", { reason: "unknown_vrid" }, 3],
    ["vipd_front_up", {}, 0],
    ["vipd_front_restarts_total", {}, 3],
    ["vipd_engine_restarts_total", {}, 2],
    ["vipd_check_up", { check: "nginx", type: "http" }, 0],
    ["vipd_check_last_duration_seconds", { check: "nginx" }, 0.001],
    ["vipd_check_number", { check: "load", type: "file" }, -20],
    [
      "vipd_check_certificate_end_timestamp_seconds",
      { check: "nginx", type: "http" },
      Date.UTC(2026, 2, 15, 10) / 1000,
    ],
    ["vipd_alarms_active", { code: "flapping", subject: "VI_1" }, 1],
    ["vipd_notifications_delivered_total", { receiver: "ops", type: "webhook" }, 7],
    ["vipd_notifications_lost_total", { receiver: "ops" }, 2],
    ["vipd_notification_failures_total", { receiver: "ops" }, 5],
    ["vipd_notifications_waiting", { receiver: "ops" }, 3],
    ["vipd_notification_failing", { receiver: "ops" }, 1],
    ["vipd_journal_entries_total", { severity: "error", code: "send_failed" }, 1],
    ["vipd_instance_override", { kind: "demoted", family: "ipv4", vrid: "55" }, 1],
  ];
  for (const [name, labels, value] of expected) {
    const only = name === "vipd_instance_override"
      ? { ...labels, vrrp_instance: 'odd "name" \\ with\nbreaks' }
      : labels;
    assert.equal(valueOf(text, name, only), value, name);
  }
});

Deno.test("an alarm that does not stand is there with 0", async () => {
  assert.equal(
    valueOf(await scrape(new FakeBackend()), "vipd_alarms_active", { code: "flapping" }),
    0,
  );
});

Deno.test("the names and labels that users of keepalived-exporter know are there", async () => {
  const text = await scrape(fullBackend());
  const iname = { iname: "VI_1", intf: "eth1", vrid: "55" };
  assert.equal(valueOf(text, "keepalived_up"), 1);
  assert.equal(valueOf(text, "keepalived_vrrp_state", { ...iname, ip_address: "192.168.31.5" }), 2);
  assert.equal(
    valueOf(text, "keepalived_vrrp_excluded_state", { ...iname, ip_address: "192.168.31.6" }),
    2,
  );
  assert.equal(valueOf(text, "keepalived_script_status", { name: "nginx" }), 0);
  const counters: Readonly<Record<string, number>> = {
    advertisements_received: 3,
    advertisements_sent: 12,
    become_master: 1,
    release_master: 0,
    packet_length_errors: 0,
    advertisements_interval_errors: 0,
    ip_ttl_errors: 0,
    invalid_type_received: 0,
    address_list_errors: 0,
    authentication_invalid: 0,
    authentication_mismatch: 0,
    authentication_failure: 2,
    priority_zero_received: 0,
    priority_zero_sent: 0,
    gratuitous_arp_delay: 5,
  };
  for (const [name, value] of Object.entries(counters)) {
    assert.equal(valueOf(text, `keepalived_${name}_total`, iname), value, name);
  }
});

Deno.test("what a label may contain is escaped", () => {
  const text = familyText({
    name: "x",
    type: "gauge",
    help: "a \\ and\na line",
    samples: [{ labels: { a: '\\ " \n' }, value: 1 }],
  });
  assert.equal(text, '# HELP x a \\\\ and\\na line\n# TYPE x gauge\nx{a="\\\\ \\" \\n"} 1\n');
});

Deno.test("the answer is written in portions that adverts do not wait for", async () => {
  const status = exampleStatus();
  const sources = {
    events: new EventCounts(new FakeBackend().journal),
    figures: FIGURES,
    openStreams: () => 0,
  };
  let nowMs = 0;
  const portionsMs: number[] = [];
  let beganMs = 0;
  const text = await metricsText(status, sources, {
    // Whatever is made between two looks at the clock took a millisecond.
    nowMs: () => nowMs++,
    giveWay: () => {
      portionsMs.push(nowMs - beganMs);
      beganMs = nowMs += 10;
      return Promise.resolve();
    },
  });
  assertStrict(text);
  const families = text.match(/^# TYPE /gm)!.length;
  assert.ok(portionsMs.length >= families / 4, `${portionsMs.length} portions of ${families}`);
  assert.ok(portionsMs.every((tookMs) => tookMs <= 4), `${portionsMs}`);
});
