/** Names of servers, as nginx matches them. */

import assert from "node:assert/strict";
import { matchesName, readServerNames, type ServerName } from "../../src/nginx/server_name.ts";

const name = (kind: ServerName["kind"], text: string): ServerName => ({
  ...{ kind, text, written: text },
});

Deno.test("a wildcard stands for at least one character, and a name for itself", () => {
  const rows: readonly [ServerName, matches: readonly string[], others: readonly string[]][] = [
    [name("exact", "a.example"), ["a.example"], ["b.a.example", "a.example."]],
    [name("suffix", ".example"), ["a.example"], [".example", "example", "a.example.org"]],
    [name("prefix", "www."), ["www.a"], ["www.", "www", "a.www.b"]],
    [name("regex", "^a\\d$"), ["a1"], ["a", "a12"]],
  ];
  for (const [own, matches, others] of rows) {
    for (const asked of matches) assert.ok(matchesName(own, asked), `${own.text}: ${asked}`);
    for (const asked of others) assert.ok(!matchesName(own, asked), `${own.text}: ${asked}`);
  }
});

Deno.test("what is before or behind an asterisk is a name of a host, of one letter at least", () => {
  const cases: readonly (readonly [written: string, is: readonly string[]])[] = [
    ["m.*", ["prefix m."]],
    ["*.e", ["suffix .e"]],
    [".e", ["exact e", "suffix .e"]],
    ...["-m.*", ".*", "*.-e", "*.", ".-e", "."].map((written) => [written, []] as const),
  ];
  for (const [written, is] of cases) {
    const names = readServerNames([written]).map(({ kind, text }) => `${kind} ${text}`);
    assert.deepEqual(names, is, written);
  }
});
