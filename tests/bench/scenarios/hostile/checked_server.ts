/**
 * A server that is checked, and means ill.
 *
 * @module
 */

import { Attack } from "../../../../lab/hostile/attack.ts";
import type { AnswerName } from "../../../../lab/hostile/web_answers.ts";
import { masterHas, STRANGER_ADDRESS } from "../../hostile/nodes.ts";
import { pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";

const PORT = 8080;
const CHECKS = 4;
/** A check begins again after this, whatever comes of it, in milliseconds. */
const CHECK_AGAIN_MS = 2500;

const TITLES = {
  interim: "interim answers for ever",
  interim_with_headers: "interim answers with headers for ever",
  chunk_extensions: "chunk extensions for ever",
  gigabyte: "1 GB",
  trickle: "one octet a second",
  redirect: "a redirect to itself",
} as const satisfies Partial<Record<AnswerName, string>>;

/** Tracked by no instance: whether they pass is not what matters here. */
const checks = Array.from({ length: CHECKS }, (_, index) =>
  `  site${index}:
    type: http
    url: "http://${STRANGER_ADDRESS}:${PORT}/${index}"
    interval: 1s
    timeout: 1s
    body_contains: "what it never says"
`).join("");

export const CHECKED_SERVER: readonly HostileRow[] = Object.entries(TITLES).map(
  ([answer, title]) =>
    pairRow({
      name: `check-${answer.replaceAll("_", "-")}`,
      title: `a checked server (${CHECKS} checks a second): ${title}`,
      processes: 1,
      control: "checked server",
      config: masterHas(`checks:\n${checks}`),
      async attack({ stranger, durationMs, note }) {
        const server = Attack.start(stranger, "web_server", durationMs, answer, PORT);
        // A check takes its timeout, and then waits for its interval, at most.
        const least = { asked: CHECKS * Math.floor(durationMs / CHECK_AGAIN_MS), kibibytes: 1 };
        note(`the server: ${JSON.stringify(await server.ended(least))}`);
        return {};
      },
    }),
);
