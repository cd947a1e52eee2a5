/** docs/conformance.md, written from the ledger. */

import { type ItemVerdict, LEDGER, type LedgerItem } from "./ledger.ts";

/** Where the document is. */
export const DOCUMENT = new URL("../../docs/conformance.md", import.meta.url);

const WORDS: Readonly<Record<ItemVerdict, string>> = {
  met: "met",
  partly: "partly",
  deviates: "deviates",
  declined: "optional, not done",
  kernel: "the kernel's",
  not_applicable: "does not apply",
};

/** The whole document. */
export function documentText(): string {
  const items = LEDGER.flatMap((chapter) => chapter.items);
  const counts = (Object.keys(WORDS) as ItemVerdict[]).map((verdict) =>
    `${items.filter((item) => item.verdict === verdict).length} ${WORDS[verdict]}`
  );
  const chapters = LEDGER.map(({ title, items }) =>
    `## ${title}\n\n${items.map(itemText).join("\n")}`
  );
  return `# Conformance

The demands of VRRP (RFC 3768 for version 2, RFC 9568 with its errata for version 3, RFC 8347 for management, and the
practice of deployed routers), and how vipd meets them: ${counts.join(", ")}. Each item that is met
names the tests that prove it. A bare section number means that both RFCs have it. Written from
\`tests/conformance/ledger.ts\`; do not edit.

${chapters.join("\n\n")}
`;
}

function itemText({ item, source, requirement, verdict, proofs, note }: LedgerItem): string {
  const tests = proofs.map(({ file, name }) =>
    `  - \`${file}\`: ${name.replace("${SEEDS}", "1000")}`
  );
  const head = `- **${item}** ${requirement} (${source}): _${WORDS[verdict]}_.${
    note && ` ${note}`
  }`;
  return [head, ...tests].join("\n");
}
