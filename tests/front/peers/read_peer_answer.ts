/** What a peer answers, without the time of the answer. */

import { readPeerStatus } from "../../../src/front/peers/peer_answer.ts";
import type { PeerAnswer } from "../../../src/status/reports/peer_answer.ts";

/** The answer in `text`, or why it is none of vipd's. Reports only the first problem. */
export function readPeerAnswer(text: string): PeerAnswer | { readonly problem: string } {
  const read = readPeerStatus(text);
  if ("problem" in read) return read;
  const { atMs: _, ...answer } = read;
  return answer;
}
