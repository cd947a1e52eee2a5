/**
 * Which test types each line that README, docs and help show, or why none can. A test that types a kind of lines takes
 * them from here, so that a new one is typed without another word; a line that no rule fits fails `typed_lines_test.ts`.
 *
 * @module
 */

import { allShownLines, type ShownLine } from "./shown_lines.ts";

/** Those who type what they are given here. */
export type Typist = "reading" | "commands" | "engines" | "replaced";

/** The first rule that fits a line counts. */
export type Rule =
  & { readonly lines: RegExp }
  & (
    | { readonly typist: Typist }
    /** Another test types it in its own way: these words of it show where. */
    | { readonly test: string; readonly words: string }
    | { readonly never: string }
  );

const SYSTEMD =
  "systemd is the first process of no host of these tests; tests/machines has two machines";

export const RULES: readonly Rule[] = [
  // Steps of the README, and its transcript.
  {
    lines: /^(?:scp |systemctl enable --now vipd$|vipd init .*--role \w+$|vipd pair(?: --join)?$)/,
    test: "tests/e2e/fresh_pair_test.ts",
    words: "await installSteps()",
  },
  {
    lines: /sites-enabled|last-year|^pkill -9 nginx$|^systemctl stop vipd$|^sed -i/,
    test: "tests/e2e/fresh_pair_test.ts",
    words: "await transcript()",
  },
  {
    lines: /^npx -y deno@\S+ task /,
    never: "a task of the repository, which has tests of its own; here only its name is looked up",
  },
  // Files that the unit's user reads.
  {
    lines: /^openssl rand -hex|^install -m 640 -g vipd/,
    test: "tests/e2e/documented_steps.ts",
    words: '"## Signed adverts"',
  },
  {
    lines: /^openssl req|^chgrp vipd \/etc\/vipd\/api/,
    test: "tests/e2e/documented_steps.ts",
    words: '"A certificate from elsewhere"',
  },
  { lines: /^echo "whsec_|webhook\.secret$|^vipd import .*--output/, typist: "replaced" },
  {
    lines: /^install -m 755 vipd|^systemctl restart vipd$/,
    test: "tests/e2e/documented_steps.ts",
    words: '"To upgrade vipd"',
  },
  {
    lines: /^curl .*--haproxy-protocol|^openssl s_client/,
    test: "tests/front/rehearsal/rehearse_test.ts",
    words: '"You can ask a server that vipd cannot ask"',
  },
  // What other tests type with other words.
  { lines: /^vipd init$/, test: "tests/e2e/init_test.ts", words: "script -qec '${command}'" },
  { lines: /^vipd init .*--peer/, test: "tests/cli/commands/init/init_test.ts", words: '"--peer"' },
  {
    lines: /^vipd pair --listen/,
    test: "tests/e2e/pair_test.ts",
    words: '"--listen", "192.168.31.11:9112"',
  },
  { lines: /^vipd run .*--record/, test: "tests/e2e/record_test.ts", words: "--record " },
  {
    lines: /^ip address del /,
    test: "tests/e2e/doctor_test.ts",
    words: '"ip", "address", "delete", `${PAIR_ADDRESS}/24`, "dev", "eth1"',
  },
  {
    lines: /^apt install .*\.deb$/,
    test: "tests/machines/installing.ts",
    words: "apt install --yes ${PACKAGE}",
  },
  {
    lines: /^systemctl start vipd$/,
    test: "tests/machines/installing.ts",
    words: '"systemctl start vipd"',
  },
  // A machine without systemd, and one that vipd leaves.
  {
    lines:
      /^kill "\$\(cat|^useradd |^chgrp vipd |^install -d -o vipd|^chown -R vipd:|^setpriv --reuid=vipd/,
    test: "tests/e2e/install_test.ts",
    words: '"The engine needs two capabilities"',
  },
  {
    lines: /^rm (?:-r?f )?\/|^userdel |^systemctl d(?:isable --now vipd vipd-front|aemon-reload)$/,
    test: "tests/e2e/install_test.ts",
    words: '"## Uninstall a copied executable"',
  },
  // What nobody can type here.
  { lines: /reboot/, never: `${SYSTEMD}, and tests/machines/outages.ts reboots one` },
  { lines: /^(?:systemctl|journalctl|coredumpctl) /, never: SYSTEMD },
  { lines: /^docker run /, never: "IMAGE is the reader's: vipd has no image" },
  {
    lines: /\/boot\/config|\/etc\/netplan/,
    never: "files that the machine of a test need not have",
  },
  { lines: /recording\.jsonl$/, never: "a recording of the reader's; tests/recording reads one" },
  // An engine that a person starts, where systemd does not.
  { lines: /^(?:setpriv .* )?vipd (?:run|goodbye)\b/, typist: "engines" },
  { lines: /^vipd front$/, test: "tests/e2e/service.ts", words: 'unit.value("ExecStart")' },
  // What changes something on a pair that runs.
  {
    lines:
      /^vipd (?:demote|promote|release|priority|maintenance|reload|notify-test|support-bundle|pair --renew)\b|vipd reload$/,
    typist: "commands",
  },
  { lines: /\bTOKEN\b|^ID=/, typist: "commands" },
  // What only looks.
  {
    lines:
      /vipd (?:check|completion|diff|doctor|events|explain|help|import|listen|man|manpage|rehearse|simulate|status|version|watch)\b/,
    typist: "reading",
  },
  { lines: /^vipd init .*--output -$|^curl /, typist: "reading" },
  {
    lines: /^(?:arping|df|ethtool|findmnt|ip|ls|nginx -t|openssl s_client|ss|sysctl) /,
    typist: "reading",
  },
];

/** The rule that counts for a line. */
export function ruleOf({ line }: ShownLine): Rule | undefined {
  return RULES.find(({ lines }) => lines.test(line));
}

/** The lines of a typist, each once, in the order of the documents. */
export function linesOf(typist: Typist): string[] {
  const lines = allShownLines().filter((line) => {
    const rule = ruleOf(line);
    return rule !== undefined && "typist" in rule && rule.typist === typist;
  });
  return [...new Set(lines.map(({ line }) => line))];
}
