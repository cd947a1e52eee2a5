/**
 * The remedies for the faults of an instance, on the node that has them.
 *
 * @module
 */

/** The beginning of a fault, and its remedy; `where`: `here`, `on lb01`. */
type Remedy = readonly [begins: RegExp, helps: (named: string, where: string) => string];

const REMEDIES: readonly Remedy[] = [
  [/^sync group [^:]+: \S+ [^:]+: (.+)$/s, (fault, where) => remedyOf(fault, where)],
  [
    /^check \S+ is down: no process ([^ :;]+)/,
    (program, where) => `\`systemctl start ${program}\` ${where}, or as it starts there`,
  ],
  [/^check (\S+) /, checkRemedy],
  [
    /^(?:tracked )?interface ([^ ,]+).* is down(?: or does not exist)?$/,
    (name, where) => `\`ip link set ${name} up\` ${where}, if it is to be there`,
  ],
  [
    /^interface ([^ ,]+).* has no carrier$/,
    (name, where) =>
      `cable and switch port of ${name} ${where}: \`ethtool ${name}\` shows whether there is a link`,
  ],
  [
    /^interface ([^ ,]+).* does not exist$/,
    (name, where) =>
      `\`ip link\` ${where} shows the interfaces that there are; make ${name}, or name another one, ` +
      "then vipd reload",
  ],
  [/ up_delay is not over$/, (_, where) => `nothing: it ends by itself ${where}`],
];

/** The remedy of a failed check. */
function checkRemedy(check: string, where: string): string {
  return `repair what check ${check} looks at; \`vipd status\` ${where} has its last result`;
}

/** Each remedy once; of what is not known, where to look. `faults`: also what lowers a priority, `check nginx is down`. */
export function faultRemedy(faults: readonly string[], where: string): string {
  return [...new Set(faults.map((fault) => remedyOf(fault, where)))].join("; ");
}

function remedyOf(fault: string, where: string): string {
  for (const [begins, helps] of REMEDIES) {
    const found = begins.exec(fault);
    if (found) return helps(found[1] ?? "", where);
  }
  return `remove the cause; \`vipd doctor\` ${where} examines the machine`;
}
