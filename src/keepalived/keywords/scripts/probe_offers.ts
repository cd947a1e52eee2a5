/**
 * Scripts that stay programs although a check of vipd asks much the same: which check, and what would be different.
 *
 * @module
 */

/** A check that could replace a script. */
export interface ProbeOffer {
  /** As vipd's configuration writes it. */
  readonly check: string;
  /** The difference, to be read after "it". */
  readonly difference: string;
}

/** A pattern of a script's text; the offer gets its groups. */
type OfferRule = readonly [RegExp, (groups: readonly string[], text: string) => ProbeOffer | null];

const SEES_PROCESS = "looks for the process itself and notices its end at once";
const CONNECTS = "connects, so a port on which nobody accepts is a failure too";
const NO_QUERY = "asks whether it accepts connections, not whether it answers";

/** Names that stand for themselves: programs whose process has the name that people write. */
const PROGRAM = "nginx|haproxy|httpd|apache2|envoy|varnishd|mysqld|mariadbd|redis-server|dockerd";

/** Units whose process has another name. */
const PROCESS_OF: Readonly<Record<string, string>> = {
  mysql: "mysqld",
  mariadb: "mariadbd",
  redis: "redis-server",
  docker: "dockerd",
  postgresql: "postgres",
};

const RULES: readonly OfferRule[] = [
  [/\/dev\/tcp\/([\w.:-]+)\/(\d{1,5})/, ([host, port]) => tcp(host!, port!, CONNECTS)],
  [/\b(?:curl|wget)\b[^|;&]*?\b(https?:\/\/[^\s"'|;&)]+)/, ([url]) => ({
    check: `{ type: http, url: "${url}" }`,
    difference: "judges the status of the answer, 200 to 399, and not its text",
  })],
  [
    /\b(?:ss|netstat)\b[^|]*\|.*?\bgrep\b[^|]*?(?:[:\s"']|\b)(\d{2,5})\b/,
    ([port]) => tcp("127.0.0.1", port!, CONNECTS),
  ],
  [/\bmysql(?:admin)?\b/, (_, text) => server(text, "P", "3306")],
  [/\bredis-cli\b/, (_, text) => server(text, "p", "6379")],
  [
    /\b(?:nc|ncat|netcat)\s+(?:-\S+\s+(?:\d+\s+)?)*([\w.]+)\s+(\d{1,5})\b/,
    ([host, port]) => tcp(host!, port!, CONNECTS),
  ],
  [
    /\bsystemctl\s+(?:-\S+\s+)*(?:is-active|status)\s+(?:-\S+\s+)*([A-Za-z][\w.@-]*?)(?:\.service)?(?=[\s;|&)]|$)/,
    ([unit]) => process(PROCESS_OF[unit!] ?? unit!, "looks for the process, not for its unit"),
  ],
  [
    new RegExp(`\\bdocker\\b.*?\\b(${PROGRAM})\\b`),
    ([name]) => process(name!, "finds the process in whatever container it runs, or in none"),
  ],
  [/\bps\b[^|]*?-C\s*([A-Za-z][\w-]*)/, ([name]) => process(name!, SEES_PROCESS)],
  [
    /\b(?:pidof|pgrep|killall\s+-0)\s+(?:-\S+\s+)*([A-Za-z][\w-]*)(?![\w|-])/,
    ([name]) => process(name!, SEES_PROCESS),
  ],
  [
    new RegExp(`\\bps\\b[^|]*\\|.*?\\bgrep\\b[^|]*?\\b(${PROGRAM})\\b`),
    ([name]) => process(name!, SEES_PROCESS),
  ],
  [/\bhaproxy\.(?:sock|stat)/, () => process("haproxy", SEES_PROCESS)],
];

/** The check for the first thing that the script asks; `null` if it asks nothing that a check could. */
export function offerProbe(text: string): ProbeOffer | null {
  for (const [pattern, offer] of RULES) {
    const found = pattern.exec(text);
    const made = found && offer(found.slice(1), text);
    if (made) return made;
  }
  return null;
}

/** True if the script ends with a program that succeeds whatever it reads, so that a check of it never fails. */
export function alwaysSucceeds(text: string): boolean {
  return /\|\s*wc\b[^|;&)]*$/.test(text.trimEnd());
}

/** True if the script stops keepalived: the usual way to hand over when nginx does not come back. */
export function stopsKeepalived(text: string): boolean {
  return /\bstop\s+keepalived|\bkeepalived(?:\.service)?\s+stop|\b(?:killall|pkill|kill)\b[^\n|;&]*keepalived/
    .test(text);
}

/** The program that the script starts again when it is gone; `null` if it starts none. */
export function restartedProgram(text: string): string | null {
  const found = new RegExp(
    `\\b(?:systemctl|service)\\s+(?:(?:re)?start\\s+)?(${PROGRAM})\\b|/(nginx|haproxy)\\s*(?:$|[;&|\\n])`,
  ).exec(text);
  return found ? found[1] ?? found[2] ?? null : null;
}

function process(name: string, difference: string): ProbeOffer {
  return { check: `{ type: process, process: ${name} }`, difference };
}

function tcp(host: string, port: string, difference: string): ProbeOffer | null {
  if (Number(port) < 1 || Number(port) > 65_535) return null;
  const place = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return { check: `{ type: tcp, address: "${place}" }`, difference };
}

/** Host and port as the client's options say them. */
function server(text: string, portOption: string, usual: string): ProbeOffer | null {
  const option = (letter: string) => new RegExp(`\\s-${letter}\\s*([\\w.]+)`).exec(text)?.[1];
  return tcp(option("h") ?? "127.0.0.1", option(portOption) ?? usual, NO_QUERY);
}
