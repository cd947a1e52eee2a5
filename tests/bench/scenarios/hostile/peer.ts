/**
 * A node of `peers` whose API means ill.
 *
 * @module
 */

import { Attack } from "../../../../lab/hostile/attack.ts";
import type { AnswerName } from "../../../../lab/hostile/web_answers.ts";
import { sleep } from "../../../../lab/wait.ts";
import type { NodeStatus } from "../../../../src/status/status.ts";
import { masterHas, STRANGER_ADDRESS } from "../../hostile/nodes.ts";
import { type Field, pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";

const PORT = 8080;
/** One that does not answer well is asked every ten seconds only. */
const PEERS = 4;
/** Of the attack, when the status is asked for: the peer has answered several times. */
const ASK_AT = 0.8;

/** Each with the fault that vipd is to find in it, and not that nobody listens there, as before the attack. */
const ANSWERED = {
  brackets: {
    title: "4 MiB of `[`",
    fault: "its answer is nested deeper than any of vipd's",
  },
  interim: {
    title: "interim answers for ever",
    fault: "its answer is none of vipd's: more than 5 interim HTTP answers (1xx)",
  },
  objects: {
    title: "1.3 million `{}`",
    fault: "its answer is too long for one of vipd's",
  },
} as const satisfies Partial<Record<AnswerName, { title: string; fault: string }>>;

const peers = Array.from(
  { length: PEERS },
  (_, at) => `  - { name: peer${at}, url: "http://${STRANGER_ADDRESS}:${PORT + at}" }\n`,
).join("");

export const PEER: readonly HostileRow[] = Object.entries(ANSWERED).map((
  [answer, { title, fault }],
) =>
  pairRow({
    name: `peer-${answer}`,
    title: `${PEERS} peers: ${title}`,
    processes: 1,
    control: "peers",
    config: masterHas(`peers:\n${peers}`),
    besides: [{
      id: "faulty",
      title: "shown as faulty (1: yes)",
      unit: "count",
      target: { text: "1", met: (value) => value === 1 },
    }],
    async attack({ stranger, durationMs, note }) {
      const server = Attack.start(stranger, "web_server", durationMs, answer, PORT, PEERS);
      note(`the peers: ${JSON.stringify(await server.ended({ asked: PEERS, kibibytes: 1 }))}`);
      return {};
    },
    async meanwhile(field) {
      await sleep(field.durationMs * ASK_AT);
      return { faulty: await shownAsFaulty(field, fault) ? 1 : 0 };
    },
  })
);

async function shownAsFaulty({ vipd, note }: Field, fault: string): Promise<boolean> {
  const { code, stdout, stderr } = await vipd.command("status", "--json");
  if (code !== 0) {
    note(`vipd status ended with ${code}: ${stderr.trim()}`);
    return false;
  }
  const status = JSON.parse(stdout) as NodeStatus;
  const errors = status.peers.map(({ error }) => error ?? "without fault");
  note(`the peers in the status: ${[...new Set(errors)].join(", ")}`);
  return status.peers.length === PEERS &&
    status.peers.every(({ reachable, error }) => !reachable && error === fault);
}
