/** docs/codes.md: every code that vipd shows, taken from the catalogue that `vipd explain` has. */

import { allCodes, type CodeMeaning } from "../../src/codes/catalogue.ts";
import { CODE_KINDS, type CodeKind, RELOAD_SEEN } from "../../src/codes/kinds.ts";
import { table } from "./fresh.ts";

/** The whole document. */
export function codesText(): string {
  return `# Codes

Every code that vipd shows, by where it is seen. \`vipd explain CODE\` and
\`GET /v1/codes/{code}\` say the same on the node. Codes are stable: scripts and alert rules may rely
on them. Written from the code (\`UPDATE_GOLDEN=1 deno test -A tests/docs\`); do not edit.

## Alarms

${CODE_KINDS.alarm.seen} [alarms.md](alarms.md) says what each means and what to do.

${
    rows("alarm", ["code", "severity", "meaning"], ({ code, severity = "", meaning }) => [
      `[\`${code}\`](alarms.md#${code})`,
      severity,
      meaning,
    ])
  }
## The verdict on the pair

${CODE_KINDS.pair_reason.seen} [verdict.md](verdict.md) has the verdicts, and what to do about each
reason.

${
    rows("pair_reason", ["code", "meaning"], ({ code, meaning }) => [
      `[\`${code}\`](verdict.md#${code})`,
      meaning,
    ])
  }
## The journal

${CODE_KINDS.journal.seen} A warning about the configuration has the code of the
[diagnostic](#the-configuration).

${rows("journal", ["code", "what the entry reports"])}
## Transitions

${CODE_KINDS.transition.seen} [how-it-works.md](how-it-works.md#states) shows the states that each joins.

${rows("transition", ["reason", "meaning"])}
## Discarded adverts

${CODE_KINDS.drop.seen}

${rows("drop", ["reason", "meaning and remedy"])}
## The API

${CODE_KINDS.problem.seen} Meanings are in [api.md](api.md#errors).

${rows("problem", ["code", "status"], ({ code, status }) => [`\`${code}\``, String(status)])}
## The configuration

${CODE_KINDS.diagnostic.seen} A problem that only a reload finds is seen elsewhere:
${RELOAD_SEEN[0]!.toLowerCase()}${RELOAD_SEEN.slice(1)}

${rows("diagnostic", ["code", "meaning"])}
## vipd doctor

${CODE_KINDS.doctor.seen}

${rows("doctor", ["code", "meaning"])}
## vipd listen

Findings, and changes with \`--json\`:

${rows("listen_finding", ["finding", "meaning"])}
${rows("listen_change", ["change", "meaning"])}
A rejected datagram has one of the reasons [above](#discarded-adverts), or:

${rows("listen_reject", ["reason", "meaning"])}
## Exit codes

${rows("exit", ["code", "meaning"])}`;
}

/** The table of docs/api.md. */
export function problemTable(): string {
  const problems = allCodes().filter(({ kind }) => kind === "problem");
  const sorted = problems.toSorted((a, b) => a.status! - b.status!);
  return table(
    ["status", "code", "meaning"],
    sorted.map(({ status, code, meaning }) => [String(status), `\`${code}\``, meaning]),
  );
}

/** One row for each code, by the alphabet. */
function rows(
  kind: CodeKind,
  head: readonly string[],
  cells: (code: CodeMeaning) => string[] = ({ code, meaning }) => [`\`${code}\``, meaning],
): string {
  const codes = allCodes().filter((code) => code.kind === kind);
  return table(head, codes.toSorted((a, b) => a.code < b.code ? -1 : 1).map(cells));
}
