import assert from "node:assert/strict";
import { fastConfig } from "../../../src/config/fast_path.ts";
import { DIAGNOSTIC_CODES, formatDiagnostic } from "../../../src/config/diagnostics.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { mutateText } from "../mutate_text.ts";
import { fuzzTarget, must } from "../target.ts";

const FOLDER = new URL("../../../config/", import.meta.url);
/** Without the comments: they are where damage does nothing. */
function example(name: string): string {
  return Deno.readTextFileSync(new URL(name, FOLDER)).replace(/(^|\s+)#.*$/gm, "");
}

const CORPUS = [
  example("lb01.yaml"),
  `api: { listen: [127.0.0.1:9112, "unix:/run/vipd/api.sock"], token_file: /etc/vipd/token }
run_dir: /run/vipd
checks:
  web: { type: tcp, target: "127.0.0.1:80", interval: 1s, timeout: 500ms, rise: 2, fall: 3 }
  exec: { type: exec, command: ["/usr/bin/true"], interval: 5s }
instances:
  - { name: V, interface: eth1, vrid: 5, addresses: [192.0.2.5/24], track: [{ check: web }] }
`,
  `instances:
  - name: VI_6
    interface: eth1
    vrid: 6
    version: 3
    advert_interval: 100ms
    addresses: ["fe80::5/64", { address: "2001:db8::5/64", device: eth1 }]
    track: [{ interface: eth0, weight: -60 }]
`,
  `instances:
  - { name: A, interface: eth2, vrid: 7, unicast: { peers: [192.0.2.12] }, addresses: [192.0.2.5] }
  - { name: B, interface: eth3, vrid: 7, addresses: [192.0.2.6/24], preempt: false }
sync_groups:
  - { name: G, instances: [A, B] }
`,
];

/** Pieces with a meaning to YAML or to the schema. */
const PIECES = [
  "- ",
  ": ",
  "&a ",
  "*a",
  "<<: ",
  "!x ",
  "!!binary AA==",
  "|\n",
  "? ",
  "---\n",
  "...\n",
  "%",
  "@",
  "~",
  "yes",
  ".nan",
  "0x7f",
  "1s",
  "ms",
  "vrid: 1\n",
  "type: ",
  "authentication: ",
  "addresses: ",
  "track: []\n",
  "checks: ",
  "instances: ",
  "unicast: ",
  "sync_groups: ",
  "192.168.31.5/24",
  "2001:db8::5/64",
];

export const CONFIG = fuzzTarget<string>({
  name: "config",
  title:
    "vipd.yaml: a configuration, quickly and thoroughly the same, or diagnostics at places that exist",
  // Beyond the syntax: what the schema and the rules find.
  reaches: [
    "accepted",
    "yaml_syntax",
    "unknown_key",
    "wrong_type",
    "missing_key",
    "invalid_address",
  ],
  shortInputs: 8000,
  make: (random) => mutateText(CORPUS, PIECES, random),
  check(text) {
    const result = parseConfig(text, "vipd.yaml", { hostname: "lb01" });
    const sound = fastConfig(text, "vipd.yaml", { hostname: "lb01" });
    if (sound) assert.deepEqual({ ok: true, config: sound, warnings: [] }, result);
    const diagnostics = result.ok ? result.warnings : result.diagnostics;
    const lines = text.split(/\r?\n|\r/).length;
    for (const diagnostic of diagnostics) {
      must(Object.hasOwn(DIAGNOSTIC_CODES, diagnostic.code), `${diagnostic.code} is unknown`);
      const { line } = diagnostic;
      must(line === null || (line >= 1 && line <= lines), `line ${line} of ${lines}`);
      const shown = formatDiagnostic(diagnostic, { excerpt: true });
      const raw = /Invalid input|undefined|\[object|NaN is not/.exec(shown)?.[0];
      must(raw === undefined || text.includes(raw), `"${raw}" is no way to speak: ${shown}`);
    }
    if (result.ok) return "accepted";
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    must(errors.length > 0, "a refusal has an error");
    return errors[0]!.code;
  },
  show: (text) => JSON.stringify(text),
});
