/**
 * Somebody on this machine guesses tokens.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { LabError } from "../../../../lab/error.ts";
import { Attack } from "../../../../lab/hostile/attack.ts";
import type { JournalEntry } from "../../../../src/status/journal.ts";
import { LOCAL_API } from "../../hostile/nodes.ts";
import { every2s } from "../../hostile/operator.ts";
import { type Field, pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import { never } from "../../scenario.ts";

const PER_SECOND = 50;
/** Of the guesses, what must have been answered as such at least. */
const ANSWERED = 0.8;
/** The journal gets one entry a minute at most, and no load lasts longer than that. */
const MOST_ENTRIES = 2;

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
      title: "the journal has all entries from before (1: yes)",
      unit: "count",
      target: { text: "1", met: (value) => value === 1 },
    },
    {
      id: "entries",
      title: "entries of the guesses",
      unit: "count",
      target: {
        text: `1 to ${MOST_ENTRIES}`,
        met: (value) => value >= 1 && value <= MOST_ENTRIES,
      },
    },
  ],
  prepare: () => Promise.resolve(new Map<number, JournalEntry>()),
  async attack(field, earlier) {
    const { master, durationMs, note } = field;
    for (const entry of await journal(field)) earlier.set(entry.id, entry);
    if (earlier.size === 0) throw new LabError("The journal is empty before the attack");
    const guesses = Attack.start(master, "guesses", durationMs, LOCAL_API.port, PER_SECOND);
    const counts = await guesses.ended({ wrong: 1 });
    note(`guesses: ${JSON.stringify(counts)}`);
    const answered = (counts["wrong"] ?? 0) + (counts["held_off"] ?? 0);
    const meant = PER_SECOND * durationMs / 1000;
    if (answered < ANSWERED * meant) {
      throw new LabError(`Only ${answered} of ${meant} guesses were answered`);
    }
    return {};
  },
  async meanwhile({ vipd, note }, untilMs) {
    // Over the socket of the commands, and from where the guesses come.
    const reloads = (await Promise.all([
      every2s(vipd, untilMs, "reload"),
      every2s(vipd, untilMs, "reload", "--api", `http://${LOCAL_API.host}:${LOCAL_API.port}`),
    ])).flat();
    const refused = reloads.filter(({ code }) => code !== 0);
    const [first] = refused;
    if (first !== undefined) note(`vipd reload ended with ${first.code}: ${first.stderr.trim()}`);
    return { refused: refused.length };
  },
  async afterwards(field, earlier) {
    const entries = await journal(field);
    const kept = new Map(entries.map((entry) => [entry.id, entry]));
    const lost = [...earlier.keys()].filter((id) =>
      !isDeepStrictEqual(kept.get(id), earlier.get(id))
    );
    field.note(
      `of ${earlier.size} entries from before ${lost.length} are lost: ${lost.join(", ")}`,
    );
    return {
      genuine: lost.length === 0 ? 1 : 0,
      entries: entries.filter(({ code }) => code === "api_token_guessed").length,
    };
  },
});

async function journal({ vipd, note }: Field): Promise<JournalEntry[]> {
  const { code, stdout, stderr } = await vipd.command("events", "--json");
  if (code !== 0) note(`vipd events ended with ${code}: ${stderr.trim()}`);
  return stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}
