/** Two nodes compared by what their APIs say. */

import assert from "node:assert/strict";
import {
  type NodeAnswers,
  nodeDifferences,
  uncompared,
} from "../../../src/cli/commands/diff/node_differences.ts";
import { nodesJson, nodesText } from "../../../src/cli/commands/diff/nodes_text.ts";
import { styleFor } from "../../../src/cli/text/terminal/style.ts";
import { CONFIG_EXAMPLE, REHEARSAL_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import type { RehearsedName } from "../../../src/status/rehearsal.ts";

const [RESULT] = REHEARSAL_EXAMPLE.results;

/** A node whose nginx has servers for these names. */
function node(name: string, ...results: readonly Partial<RehearsedName>[]): NodeAnswers {
  return {
    config: { ...CONFIG_EXAMPLE, node: name, certificates: [] },
    rehearsal: {
      ...REHEARSAL_EXAMPLE,
      results: results.map((result) => ({ ...RESULT!, ...result })),
    },
  };
}

function ofNginx(here: NodeAnswers, there: NodeAnswers, nowMs = 0): string[] {
  return nodeDifferences(here, there, nowMs).filter(({ about }) => about === "nginx")
    .map(({ kind, text }) => `${kind}: ${text}`);
}

Deno.test("a name that the nginx of one node alone serves is a difference", () => {
  const lb01 = node(
    "lb01",
    { name: "www.example.com" },
    { name: "www.example.com", path: "/shop" },
    {
      ...{ name: "plain.example.com", port: 8080, tls: false },
    },
  );
  const lb02 = node("lb02", { name: "www.example.com" }, {
    ...{ name: "plain.example.com", port: 8080, tls: false, served: false },
  }, { name: "new.example.com" });
  assert.deepEqual(ofNginx(lb01, lb02), [
    "differs: nginx: plain.example.com:8080 is served here, not on lb02",
    "differs: nginx: new.example.com is served on lb02, not here",
  ]);
  assert.deepEqual(ofNginx(lb01, lb01), []);
});

Deno.test("certificates of nginx that have expired, end soon or end at other times are differences", () => {
  const ends = (name: string, expires: string, more: Partial<RehearsedName> = {}) => ({
    name,
    certificate: { ...RESULT!.certificate!, expires: `${expires}T00:00:00Z` },
    ...more,
  });
  const lb01 = node(
    "lb01",
    ends("both.example.com", "2026-05-01"),
    ends("shop.example.com", "2026-08-01"),
    ends("www.example.com", "2026-08-01"),
    ends("own.example.com", "2026-08-01"),
    ends("soon.example.com", "2026-06-10"),
  );
  const lb02 = node(
    "lb02",
    ends("both.example.com", "2026-05-01"),
    ends("shop.example.com", "2026-05-03"),
    ends("www.example.com", "2026-08-01"),
    ends("own.example.com", "2026-08-02"),
    ends("soon.example.com", "2026-05-01", { served: null, certificate: null }),
    ends("none.example.com", "2026-05-01", { served: false }),
  );
  assert.deepEqual(ofNginx(lb01, lb02, Date.parse("2026-06-01T00:00:00Z")), [
    "breaks: nginx: the certificate of both.example.com on lb01 has expired on 2026-05-01",
    "breaks: nginx: the certificate of both.example.com on lb02 has expired on 2026-05-01",
    "breaks: nginx: the certificate of shop.example.com on lb02 has expired on 2026-05-03",
    "differs: nginx: the certificate of soon.example.com on lb01 expires on 2026-06-10",
    "expected: nginx: the certificate of shop.example.com on lb01 expires on 2026-08-01",
    "expected: nginx: the certificate of own.example.com on lb01 expires on 2026-08-01",
    "expected: nginx: the certificate of own.example.com on lb02 expires on 2026-08-02",
  ]);
});

Deno.test("what is not known of nginx is no difference, and is said", () => {
  const lb01 = node("lb01", { name: "www.example.com" });
  const vague = node("lb02", { name: "www.example.com", served: null });
  assert.deepEqual(ofNginx(lb01, vague), []);
  const silent = { ...lb01, rehearsal: null };
  assert.deepEqual(ofNginx(lb01, silent), []);
  const unread = { path: "/etc/nginx/secret.conf", reason: "permission denied", named: false };
  const partly = {
    ...lb01,
    rehearsal: {
      ...lb01.rehearsal!,
      nginx: { ...REHEARSAL_EXAMPLE.nginx, unread: [unread, { ...unread, named: true }] },
    },
  };
  assert.deepEqual(uncompared([silent, partly]), [
    "lb01 has not rehearsed, so the names of nginx are not compared: vipd rehearse there",
    "the names in /etc/nginx/secret.conf on lb01 are not known: permission denied",
  ]);
});

Deno.test("a program reads all that a person does: nodes, differences, what is not compared", () => {
  const [{ config: own }, { config }] = [node("lb01"), node("lb02")];
  const other = { ...config, version: "0.1.0", machine: { ...config.machine, kernel: "6.12.1" } };
  const shown = nodeDifferences(
    { config: own, rehearsal: null },
    { config: other, rehearsal: null },
    0,
  );
  const answer = { own, other, shown, notCompared: ["lb02 has not rehearsed"] };
  const read = JSON.parse(nodesJson(answer));
  assert.deepEqual(
    read.nodes,
    [own, other].map((each) => ({
      ...{ node: each.node, version: each.version, kernel: each.machine.kernel },
    })),
  );
  const texts = [
    ...read.differences.map(({ text }: { text: string }) => text),
    ...read.not_compared,
  ];
  const said = nodesText(answer, styleFor(false));
  for (const text of texts) assert.ok(said.includes(text), text);
  assert.deepEqual([read.here, read.there, texts.length], ["lb01", "lb02", shown.length + 1]);
});
