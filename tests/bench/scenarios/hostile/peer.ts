/**
 * A node of `peers` whose API means ill.
 *
 * @module
 */

import { Attack } from "../../../../lab/hostile/attack.ts";
import type { AnswerName } from "../../../../lab/hostile/web_answers.ts";
import { sleep } from "../../../../lab/wait.ts";
import type { NodeStatus } from "../../../../src/node/status.ts";
import { masterHas, STRANGER_ADDRESS } from "../../hostile/nodes.ts";
import { type Field, pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";

const PORT = 8080;
/** Of the attack, when the status is asked for: the peer has answered several times. */
const ASK_AT = 0.8;

const TITLES = {
  brackets: "4 MiB of `[`",
  interim: "interim answers for ever",
  objects: "1.3 million `{}`",
} as const satisfies Partial<Record<AnswerName, string>>;

export const PEER: readonly HostileRow[] = Object.entries(TITLES).map(([answer, title]) =>
  pairRow({
    name: `peer-${answer}`,
    title: `a peer: ${title}`,
    processes: 1,
    config: masterHas(`peers: [{ name: lb02, url: "http://${STRANGER_ADDRESS}:${PORT}" }]\n`),
    besides: [{
      id: "faulty",
      title: "shown as faulty (1: yes)",
      unit: "count",
      target: { text: "1", met: (value) => value === 1 },
    }],
    async attack({ stranger, durationMs, note }) {
      const server = Attack.start(stranger, "web_server", durationMs, answer, PORT);
      note(`the peer: ${JSON.stringify(await server.ended())}`);
      return {};
    },
    async meanwhile(field) {
      await sleep(field.durationMs * ASK_AT);
      return { faulty: await shownAsFaulty(field) ? 1 : 0 };
    },
  })
);

async function shownAsFaulty({ vipd, note }: Field): Promise<boolean> {
  const { code, stdout, stderr } = await vipd.command("status", "--json");
  if (code !== 0) {
    note(`vipd status ended with ${code}: ${stderr.trim()}`);
    return false;
  }
  const { peers } = JSON.parse(stdout) as NodeStatus;
  const error = peers[0]?.error ?? null;
  note(`the peer in the status: ${error ?? "without fault"}`);
  return error !== null && peers[0]?.reachable === false;
}
