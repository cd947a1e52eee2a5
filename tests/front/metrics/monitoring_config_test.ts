/** The dashboard and the alert rules use metrics that exist. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

const CONFIG = new URL("../../../config/", import.meta.url);

/** Names and labels of everything that is scraped. */
async function scraped(): Promise<{ names: Set<string>; labels: Set<string> }> {
  const lag = { lastMs: 0, worstMs: 0 };
  const figures = () => ({ cpuSeconds: 1, residentOctets: 1, lag });
  const app = createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN), figures });
  const bindings: ApiBindings = { listener: { kind: "unix", path: "/run/vipd/api.sock" } };
  const text = await (await app.request("http://localhost/metrics", {}, bindings)).text();
  const found = (pattern: RegExp) => new Set(Array.from(text.matchAll(pattern), (m) => m[1]!));
  return { names: found(/^# TYPE (\S+) /gm), labels: found(/[{,](\w+)="/g) };
}

async function ruleExpressions(): Promise<string[]> {
  const file = parse(await Deno.readTextFile(new URL("prometheus-alerts.yml", CONFIG))) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
  };
  const rules = file.groups.flatMap((group) => group.rules);
  for (const { alert, annotations } of rules) {
    assert.match(alert, /^Vipd[A-Z]/);
    assert.deepEqual(Object.keys(annotations), ["summary", "description"]);
  }
  return rules.map(({ expr }) => expr);
}

async function dashboardExpressions(): Promise<string[]> {
  const dashboard = JSON.parse(
    await Deno.readTextFile(new URL("grafana-dashboard.json", CONFIG)),
  ) as {
    panels: { targets: { expr: string }[] }[];
    templating: { list: { type: string; query: string }[] };
  };
  const variables = dashboard.templating.list.filter(({ type }) => type === "query");
  return [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...variables.map(({ query }) => query),
  ];
}

Deno.test("every metric that the dashboard and the alert rules name is there", async (t) => {
  const { names } = await scraped();
  const sources = { dashboard: await dashboardExpressions(), rules: await ruleExpressions() };
  for (const [source, expressions] of Object.entries(sources)) {
    await t.step(source, () => {
      assert.ok(expressions.length >= 10);
      for (const expression of expressions) {
        const used = expression.match(/\b(?:vipd|keepalived|process)_\w+/g) ?? [];
        // What Prometheus itself knows of each target.
        assert.ok(used.length > 0 || /\bup\{job="vipd"\}/.test(expression), expression);
        assert.deepEqual(
          used.filter((name) => !names.has(name)),
          [],
          expression,
        );
      }
    });
  }
});

Deno.test("the table of metrics in the documentation is complete", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/monitoring.md", import.meta.url));
  const told = new Set(Array.from(text.matchAll(/^\| `([a-z_]+)` /gm), (match) => match[1]!));
  const { names } = await scraped();
  const own = [...names].filter((name) => !name.startsWith("keepalived_"));
  assert.deepEqual([...told].sort(), own.sort());
});
