import { parseConfig } from "../../../src/config/load.ts";
import { Report } from "../../../src/keepalived/finding.ts";
import { importLines } from "../../../src/keepalived/import.ts";
import { parseStatements } from "../../../src/keepalived/syntax/parse.ts";
import type { SourceLine } from "../../../src/keepalived/syntax/statement.ts";
import { mutateText } from "../mutate_text.ts";
import { fuzzTarget, must } from "../target.ts";

/** The imports whose result is written down are the examples to damage. */
const FOLDER = new URL("../../keepalived/files/", import.meta.url);
const CORPUS = Array.from(Deno.readDirSync(FOLDER))
  .filter(({ name, isFile }) => isFile && name.endsWith(".conf"))
  .map(({ name }) => name)
  .sort()
  .map((name) => Deno.readTextFileSync(new URL(name, FOLDER)));

/** Pieces with a meaning to the parser or to the converter. */
const PIECES = [
  "!",
  "$A=",
  "$A",
  "${A}",
  "${",
  "@lb01 ",
  "@^x ",
  "~SEQ(A,1,9) ",
  "weight -",
  "include x\n",
  "constructor ",
  "__proto__ ",
  "virtual_ipaddress {",
  "vrrp_instance X {",
  "vrrp_script x {",
  "vrrp_sync_group G {",
  "virtual_router_id 7\n",
  "::1/64",
  "255.255.255.255/32",
];

function linesOf(text: string): SourceLine[] {
  return text.split("\n").map((line, index) => ({ file: "k.conf", line: index + 1, text: line }));
}

const show = (text: string) => JSON.stringify(text);
const make = (random: () => number) => mutateText(CORPUS, PIECES, random);

export const KEEPALIVED = fuzzTarget<string>({
  name: "keepalived",
  title: "keepalived.conf: statements and findings at lines that exist",
  reaches: ["statements", "no statements"],
  make,
  check(text) {
    const lines = linesOf(text);
    const report = new Report();
    const statements = parseStatements(lines, "lb01", report);
    for (const { line } of report.sorted([])) {
      must(line === null || (line >= 1 && line <= lines.length), `line ${line}`);
    }
    return statements.length > 0 ? "statements" : "no statements";
  },
  show,
});

export const IMPORT = fuzzTarget<string>({
  name: "import",
  title: "keepalived.conf: an import ends in errors, or in a vipd.yaml that vipd takes",
  reaches: ["written", "refused"],
  shortInputs: 4000,
  make,
  check(text) {
    const options = { id: "lb01", hostname: "lb01" };
    const { yaml, findings } = importLines(["k.conf"], linesOf(text), options, new Report());
    const errors = findings.filter(({ severity }) => severity === "error");
    must((yaml === null) === (errors.length > 0), "errors, or a configuration");
    if (yaml === null) return "refused";
    const result = parseConfig(yaml, "vipd.yaml", { hostname: "lb01" });
    const problems = result.ok ? "" : result.diagnostics.map(({ message }) => message).join("; ");
    must(result.ok, `vipd refuses what was written: ${problems}\n${yaml}`);
    return "written";
  },
  show,
});
