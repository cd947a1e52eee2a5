/** The alert rules fire when they should, and only then, as Prometheus' own tool evaluates them. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { PAIR_REASONS, type PairReasonCode } from "../../../src/status/codes/verdicts.ts";

const RULES = fileURLToPath(new URL("../../../config/prometheus-alerts.yml", import.meta.url));

interface Series {
  readonly series: string;
  readonly values: string;
}

/** One node of a pair: its target and what it says of its one address, a sample each 15 seconds. */
interface Node {
  readonly target: string;
  readonly up?: string;
  /** `_` for as long as the node is not scraped. */
  readonly held: string;
  readonly verdict?: readonly [name: string, values: string];
  /** Of the verdict; each lasts as long as that. */
  readonly reasons?: readonly PairReasonCode[];
  readonly demoted?: string;
  readonly address?: string;
  readonly pair?: string;
}

function seriesOf(
  { target, up = "1x80", held, verdict, reasons = [], demoted, address = "10.0.0.5", pair }: Node,
) {
  const labels = `job="vipd",instance="${target}"${pair === undefined ? "" : `,pair="${pair}"`}`;
  const instance = `${labels},vrrp_instance="VI_1",interface="eth1",vrid="55",family="ipv4"`;
  const found: Series[] = [
    { series: `up{${labels}}`, values: up },
    {
      series: `vipd_address_held{${instance},address="${address}",device="eth1"}`,
      values: held,
    },
  ];
  if (verdict) {
    const [name, values] = verdict;
    found.push({ series: `vipd_pair_verdict{${instance},verdict="${name}"}`, values });
    for (const reason of reasons) {
      found.push({ series: `vipd_pair_reason{${instance},reason="${reason}"}`, values });
    }
  }
  if (demoted !== undefined) {
    found.push({ series: `vipd_instance_override{${instance},kind="demoted"}`, values: demoted });
  }
  return found;
}

/** The rules about a pair; the others are one comparison each. */
const JUDGED = [
  "VipdNotScraped",
  "VipdPairDown",
  "VipdNodeDown",
  "VipdUnserved",
  "VipdContested",
  "VipdUnprotected",
  "VipdServesLess",
  "VipdStillDemoted",
  "VipdFlapping",
  "VipdAlarmError",
  "VipdAlarmWarning",
] as const;

interface Case {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly more?: readonly Series[];
  readonly at: string;
  /** Each alert that fires, by what it is about. */
  readonly fires: readonly string[];
}

const [A, B] = ["lb01:9112", "lb02:9112"];
const HEALTHY: readonly Node[] = [{ target: A, held: "1x80" }, { target: B, held: "0x80" }];
const alarm = (code: string, severity: string): Series => ({
  series: `vipd_alarms_active{job="vipd",instance="${A}",code="${code}",severity="${severity}",` +
    'subject="VI_1"}',
  values: "1x80",
});

const CASES: readonly Case[] = [
  { name: "a healthy pair", nodes: HEALTHY, at: "15m", fires: [] },
  { name: "nothing is scraped", nodes: [], at: "6m", fires: ["VipdNotScraped"] },
  {
    name: "both nodes down",
    nodes: [
      { target: A, up: "1x8 0x72", held: "1x8 stale" },
      { target: B, up: "1x8 0x72", held: "0x8 stale" },
    ],
    at: "10m",
    fires: ["VipdPairDown 10.0.0.5", `VipdNodeDown ${A}`, `VipdNodeDown ${B}`],
  },
  {
    name: "one node down",
    nodes: [
      { target: A, held: "1x80" },
      { target: B, up: "1x8 0x72", held: "0x8 stale" },
    ],
    at: "10m",
    fires: [`VipdNodeDown ${B}`],
  },
  {
    name: "both nodes down for days",
    nodes: [
      { target: A, up: "1x8 0x11520", held: "1x8 stale" },
      { target: B, up: "1x8 0x11520", held: "0x8 stale" },
    ],
    at: "2d",
    fires: ["VipdPairDown 10.0.0.5", `VipdNodeDown ${A}`, `VipdNodeDown ${B}`],
  },
  {
    name: "a master that serves and cannot be scraped",
    nodes: [
      { target: A, up: "1x8 0x72", held: "1x8 stale" },
      { target: B, held: "0x80", verdict: ["protected", "1x80"] },
    ],
    at: "10m",
    fires: [`VipdNodeDown ${A}`],
  },
  {
    name: "a master that is down, and a standby that does not take over",
    nodes: [
      { target: A, up: "1x8 0x72", held: "1x8 stale" },
      { target: B, held: "0x80", verdict: ["unverified", "1x80"] },
    ],
    at: "10m",
    fires: [`VipdNodeDown ${A}`, "VipdUnserved 10.0.0.5"],
  },
  {
    name: "two healthy pairs that call their instance the same",
    nodes: [
      ...HEALTHY,
      { target: "lb11:9112", held: "1x80", address: "10.0.1.5" },
      { target: "lb12:9112", held: "0x80", address: "10.0.1.5" },
    ],
    at: "15m",
    fires: [],
  },
  {
    name: "two healthy pairs with the same address in networks of their own",
    nodes: [
      ...HEALTHY.map((node) => ({ ...node, pair: "east" })),
      { target: "lb11:9112", held: "1x80", pair: "west" },
      { target: "lb12:9112", held: "0x80", pair: "west" },
    ],
    at: "15m",
    fires: [],
  },
  {
    name: "one of two pairs with equal names is not served",
    nodes: [
      ...HEALTHY,
      { target: "lb11:9112", held: "0x80", address: "10.0.1.5" },
      { target: "lb12:9112", held: "0x80", address: "10.0.1.5" },
    ],
    at: "2m",
    fires: ["VipdUnserved 10.0.1.5"],
  },
  {
    name: "two hold the address",
    nodes: [{ target: A, held: "1x80" }, { target: B, held: "1x80" }],
    at: "2m",
    fires: ["VipdContested 10.0.0.5"],
  },
  {
    name: "two hold the address for the moment of a hand-over",
    nodes: [{ target: A, held: "1x4 1 0x75" }, { target: B, held: "0x4 1x76" }],
    at: "75s",
    fires: [],
  },
  {
    name: "contested, as the nodes say, though only one counts as holder",
    nodes: [{ target: A, held: "1x80", verdict: ["contested", "1x80"] }, {
      target: B,
      held: "0x80",
    }],
    at: "2m",
    fires: ["VipdContested 10.0.0.5"],
  },
  {
    name: "held by a node that does not answer",
    nodes: [{ target: A, held: "1x80" }, {
      target: B,
      held: "0x80",
      verdict: ["unserved", "1x80"],
    }],
    at: "2m",
    fires: ["VipdUnserved 10.0.0.5"],
  },
  {
    name: "unprotected for nine minutes",
    nodes: [{
      ...{ target: A, held: "1x80", verdict: ["unprotected", "1x80"] },
      reasons: ["standby_deaf"],
    }],
    at: "9m",
    fires: [],
  },
  {
    name: "unprotected for ten minutes",
    nodes: [{
      ...{ target: A, held: "1x80", verdict: ["unprotected", "1x80"] },
      reasons: ["standby_deaf"],
    }],
    at: "11m",
    fires: ["VipdUnprotected 10.0.0.5"],
  },
  {
    name: "protected again after some minutes",
    nodes: [{
      ...{ target: A, held: "1x80", verdict: ["unprotected", "1x20 0x60"] },
      reasons: ["standby_deaf"],
    }],
    at: "15m",
    fires: [],
  },
  {
    name: "unprotected for an hour because the other node is demoted",
    nodes: [{
      ...{ target: A, up: "1x1300", held: "1x1300", verdict: ["unprotected", "1x1300"] },
      reasons: ["standby_demoted"],
    }],
    at: "1h",
    fires: [],
  },
  {
    name: "unprotected for more than four hours because the other node is demoted",
    nodes: [{
      ...{ target: A, up: "1x1300", held: "1x1300", verdict: ["unprotected", "1x1300"] },
      reasons: ["standby_demoted"],
    }],
    at: "5h",
    fires: ["VipdStillDemoted 10.0.0.5"],
  },
  {
    name: "a demoted node that would not even serve if it were let",
    nodes: [{
      ...{ target: A, held: "1x80", verdict: ["unprotected", "1x80"] },
      reasons: ["standby_demoted", "standby_deaf"],
    }],
    at: "11m",
    fires: ["VipdUnprotected 10.0.0.5"],
  },
  {
    name: "a node that serves some names only, for hours",
    nodes: [{
      ...{ target: A, up: "1x1300", held: "1x1300", verdict: ["unprotected", "1x1300"] },
      reasons: ["serves_less"],
    }],
    at: "5h",
    fires: ["VipdServesLess 10.0.0.5"],
  },
  {
    name: "a node that was demoted and is stopped, as for maintenance",
    nodes: [
      {
        ...{ target: A, held: "1x80", verdict: ["unprotected", "1x80"] },
        reasons: ["standby_stopped"],
      },
      { target: B, up: "1x8 0x72", held: "0x8 stale", demoted: "1x8 stale" },
    ],
    at: "15m",
    fires: [`VipdNodeDown ${B}`],
  },
  {
    name: "a node that is stopped without a demote",
    nodes: [
      {
        ...{ target: A, held: "1x80", verdict: ["unprotected", "1x80"] },
        reasons: ["standby_stopped"],
      },
      { target: B, up: "1x8 0x72", held: "0x8 stale", demoted: "0x8 stale" },
    ],
    at: "15m",
    fires: [`VipdNodeDown ${B}`, "VipdUnprotected 10.0.0.5"],
  },
  {
    name: "flapping, which is said once",
    nodes: HEALTHY,
    more: [
      {
        series: `vipd_instance_transitions_total{job="vipd",instance="${A}",vrrp_instance="VI_1"}`,
        values: "0+1x80",
      },
      alarm("flapping", "warning"),
    ],
    at: "15m",
    fires: [`VipdFlapping ${A}`],
  },
  ...["address_conflict", "vrid_differs", "split_brain_advert"].map((code): Case => ({
    name: `another machine has the address: ${code}, whatever the verdict`,
    nodes: [
      { target: A, held: "1x80", verdict: ["unverified", "1x80"] },
      { target: B, held: "0x80" },
      { target: "lb11:9112", held: "1x80", address: "10.0.1.5" },
    ],
    more: [alarm(code, "error")],
    at: "2m",
    fires: ["VipdContested 10.0.0.5"],
  })),
  {
    name: "another machine has had the address for less than ten seconds",
    nodes: HEALTHY,
    more: [{ ...alarm("address_conflict", "error"), values: "_x4 1 stale" }],
    at: "75s",
    fires: [],
  },
  {
    name: "alarms on one scale, those with a rule of their own not twice",
    nodes: HEALTHY,
    more: [
      alarm("adverts_not_sent", "error"),
      alarm("split_brain_peer", "error"),
      alarm("peer_differs", "warning"),
      alarm("unprotected", "warning"),
    ],
    at: "5m",
    fires: [
      "VipdContested 10.0.0.5",
      "VipdAlarmError adverts_not_sent",
      "VipdAlarmWarning peer_differs",
    ],
  },
];

/** What each of these alerts is about, as its summary says. */
const SUMMARIES: Readonly<Record<(typeof JUDGED)[number], RegExp>> = {
  VipdNotScraped: /^/,
  VipdPairDown: /has (\S+)/,
  VipdNodeDown: /on (\S+)/,
  VipdUnserved: /^(\S+)/,
  VipdContested: /hold (\S+)/,
  VipdUnprotected: /^(\S+)/,
  VipdServesLess: /^(\S+)/,
  VipdStillDemoted: /^(\S+)/,
  VipdFlapping: /on (\S+)/,
  VipdAlarmError: /^(\S+)/,
  VipdAlarmWarning: /^(\S+)/,
};

/** Runs promtool; its output. */
async function promtool(...args: readonly string[]): Promise<string> {
  const command = new Deno.Command("promtool", {
    args: [...args],
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await command.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** An expectation that never holds, so that promtool prints what fires. */
const ALWAYS_WRONG = [{ exp_labels: { wanted: "nothing" }, exp_annotations: {} }];

/** What fires in each case, in the form of `Case.fires`. */
async function firing(): Promise<string[][]> {
  const file = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    const found: string[][] = [];
    const tests = CASES.map(({ nodes, more = [], at }) => ({
      interval: "15s",
      input_series: [...nodes.flatMap(seriesOf), ...more],
      alert_rule_test: JUDGED.map((alertname) => ({
        ...{ alertname, eval_time: at },
        exp_alerts: ALWAYS_WRONG,
      })),
    }));
    for (const test of tests) {
      const text = stringify({ rule_files: [RULES], evaluation_interval: "15s", tests: [test] });
      await Deno.writeTextFile(file, text);
      found.push(readFiring(await promtool("test", "rules", file)));
    }
    return found;
  } finally {
    await Deno.remove(file);
  }
}

/** The alerts in promtool's `got:[...]` blocks. */
function readFiring(output: string): string[] {
  const blocks = output.matchAll(
    /alertname: ?(\w+), time: [^\n]*\n[\s\S]*?got:\[([\s\S]*?)\n? *\]/g,
  );
  return Array.from(blocks, ([, name = "", got = ""]) => {
    const summaries = Array.from(got.matchAll(/summary="([^"]*)"/g), ([, summary = ""]) => summary);
    const pattern = SUMMARIES[name as keyof typeof SUMMARIES];
    return summaries.map((summary) => `${name} ${pattern.exec(summary)?.[1] ?? ""}`.trim());
  }).flat();
}

Deno.test("the alert rules are valid", async () => {
  assert.match(await promtool("check", "rules", RULES), /SUCCESS: \d+ rules found/);
});

Deno.test("every reason for unprotected is critical but the one that a person has caused", async () => {
  const rules = await Deno.readTextFile(RULES);
  const [, named = ""] = /vipd_pair_reason\{reason=~"([^"]*)"/.exec(rules) ?? [];
  const [, alone = ""] = /vipd_pair_reason\{reason="([^"]*)"/.exec(rules) ?? [];
  const expected = Object.entries(PAIR_REASONS).flatMap(([code, { verdict }]) =>
    verdict === "unprotected" && code !== "standby_demoted" ? [code] : []
  );
  assert.deepEqual([alone, ...named.split("|")], expected);
});

Deno.test("each trouble of a pair raises its alert, and nothing else does", async () => {
  const found = await firing();
  for (const [index, { name, fires }] of CASES.entries()) {
    assert.deepEqual(found[index]!.toSorted(), fires.toSorted(), name);
  }
});
