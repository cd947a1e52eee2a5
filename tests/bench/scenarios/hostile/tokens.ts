/**
 * Somebody on this machine guesses tokens.
 *
 * @module
 */

import { Attack } from "../../../../lab/hostile/attack.ts";
import type { JournalEntry } from "../../../../src/status/journal.ts";
import { LOCAL_API } from "../../hostile/nodes.ts";
import { every2s } from "../../hostile/operator.ts";
import { type Field, pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import { never } from "../../scenario.ts";

const PER_SECOND = 50;

export const TOKENS: HostileRow = pairRow({
  name: "tokens",
  title: `wrong tokens, ${PER_SECOND} a second from 127.0.0.0/8`,
  processes: 1,
  besides: [
    {
      id: "refused",
      title: "`vipd reload` refused",
      unit: "count",
      target: never(),
    },
    {
      id: "genuine",
      title: "the journal has its first entry still (1: yes)",
      unit: "count",
      target: { text: "1", met: (value) => value === 1 },
    },
    { id: "entries", title: "entries of the guesses", unit: "count" },
  ],
  async attack({ master, durationMs, note }) {
    const guesses = Attack.start(master, "guesses", durationMs, LOCAL_API.port, PER_SECOND);
    note(`guesses: ${JSON.stringify(await guesses.ended())}`);
    return {};
  },
  async meanwhile({ vipd, note }, untilMs) {
    const reloads = await every2s(vipd, untilMs, "reload");
    const refused = reloads.filter(({ code }) => code !== 0);
    const [first] = refused;
    if (first !== undefined) note(`vipd reload ended with ${first.code}: ${first.stderr.trim()}`);
    return { refused: refused.length };
  },
  async afterwards(field) {
    const entries = await journal(field);
    return {
      genuine: entries.some(({ code }) => code === "started") ? 1 : 0,
      entries: entries.filter(({ code }) => code === "api_token_guessed").length,
    };
  },
});

async function journal({ vipd, note }: Field): Promise<JournalEntry[]> {
  const { code, stdout, stderr } = await vipd.command("events", "--json");
  if (code !== 0) note(`vipd events ended with ${code}: ${stderr.trim()}`);
  return stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}
