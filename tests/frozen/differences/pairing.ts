/** What `vipd pair`, `--node` and the care of certificates add to what 0.1.0 said. */

const COMMAND =
  "New command `vipd pair`: one line makes two nodes a pair whose nodes read each other's API over TLS";
const NODE = "`--node NAME` of `vipd status`, `vipd events` and `vipd watch` asks that node of " +
  "`peers`; commands that change something refuse it and name the way";
const RENEWED = "New codes of the journal: `certificate_renewed`, `certificate_not_renewed`";
const REFUSED = "`vipd check` warns of a certificate that other nodes refuse, and prints the " +
  "command for a right one: new code `certificate_of_authority`";
const ENDS =
  "`vipd check` warns of such a certificate, too, with the same remedy: new code `api_certificate_ends`";

/** Lines of the manual page about the command. */
const MANUAL = [
  "Make this node and another one a pair *",
  "Lets two nodes read each other's API*",
  "Afterwards vipd reload, or start vipd*",
  "read the line of the other node *",
  "the address of this node, and the port if you like*",
  "agree without a question",
  "make another certificate for this node*",
  "the configuration (default *",
  "vipd pair *",
] as const;

const found = (items: string, changelog: string, ...differences: readonly string[]) =>
  differences.map((difference) => ({ items, difference, changelog }));

export const PAIRING = [
  ...found("cli/*", COMMAND, "+ /* |   pair            make this node and another one *"),
  ...found("cli/completion zsh", COMMAND, "+ /out |     'pair:make *"),
  ...found("cli/completion fish", COMMAND, "+ /out | complete -c vipd * pair*"),
  ...found("cli/manpage", COMMAND, ...MANUAL.map((line) => `+ /out | ${line}`)),
  ...found(
    "cli/*",
    NODE,
    "+ /out |   --node NAME        ask this node of peers*",
    "+ /out |                      can be read only: commands that change *",
  ),
  ...found("cli/*status*", NODE, "+ /out |   vipd status --node lb02"),
  ...found("cli/*watch*", NODE, "+ /out |   vipd watch --node lb02"),
  ...found("cli/*events*", NODE, "+ /out |   vipd events --node lb02 --follow"),
  ...found("cli/completion fish", NODE, "+ /out | complete -c vipd * -l node *"),
  ...found(
    "cli/manpage",
    NODE,
    "+ /out | ask this node of peers*",
    "+ /out | vipd watch \\-\\-node lb02",
  ),
  ...found("codes/journal", RENEWED, "+ /certificate_*renewed *"),
  ...found("codes/diagnostics", REFUSED, "+ /certificate_of_authority *"),
  ...found("codes/diagnostics", ENDS, "+ /api_certificate_ends *"),
];
