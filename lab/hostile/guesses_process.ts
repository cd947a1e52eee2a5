/**
 * Sends commands with wrong tokens, at a steady rate, each from another address of 127.0.0.0/8.
 *
 * Usage: `deno run --allow-all guesses_process.ts MILLISECONDS PORT PER_SECOND`
 *
 * @module
 */

import { connect } from "node:net";
import { attackFor } from "./attacker.ts";
import { anyLoopback, LOOPBACK } from "./loopback.ts";

const TIMEOUT_MS = 5000;

const [duration, port, rate] = Deno.args;
/** `wrong`: answered with 401 or 403; `held_off`: with 429. */
const counts = { sent: 0, wrong: 0, held_off: 0, other: 0, unanswered: 0 };
attackFor(Number(duration), counts);
const startedMs = performance.now();
setInterval(() => {
  // On a busy machine a turn comes late, and has more to send.
  while (counts.sent < (performance.now() - startedMs) * Number(rate) / 1000) guess();
}, 1000 / Number(rate));

function guess(): void {
  counts.sent++;
  const socket = connect({ host: LOOPBACK, port: Number(port), localAddress: anyLoopback() });
  let answer = "";
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  socket.on("data", (octets) => answer += octets.toString());
  socket.on("error", () => {});
  socket.on("close", () => counts[outcome(answer)]++);
  socket.on("connect", () => socket.write(request()));
}

function request(): string {
  return [
    "POST /v1/reload HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${crypto.randomUUID()}`,
    "Content-Length: 0",
    "Connection: close",
    "\r\n",
  ].join("\r\n");
}

function outcome(answer: string): "wrong" | "held_off" | "other" | "unanswered" {
  const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
  if (status === undefined) return "unanswered";
  if (status === "429") return "held_off";
  return status === "401" || status === "403" ? "wrong" : "other";
}
