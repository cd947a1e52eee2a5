/**
 * A web server that gives every client the same hostile answer.
 *
 * Usage: `deno run --allow-all web_server_process.ts MILLISECONDS ANSWER PORT [PORTS]`, where ANSWER is an
 * `AnswerName` and PORTS how many ports from that one on it listens on.
 *
 * @module
 */

import { attackFor } from "./attacker.ts";
import { writeAll } from "./streams.ts";
import { type AnswerName, ANSWERS } from "./web_answers.ts";

/** The server writes so much at once: octets that no client takes do not count as sent. */
const AT_ONCE_OCTETS = 64 * 1024;

const [duration, name = "", port, ports = "1"] = Deno.args;
if (!Object.hasOwn(ANSWERS, name)) throw new RangeError(`There is no answer "${name}"`);
/** `asked`: clients that have sent a request. */
const counts = { asked: 0, kibibytes: 0 };
let sentOctets = 0;
attackFor(Number(duration), counts);

for (let at = 0; at < Number(ports); at++) void serve(Deno.listen({ port: Number(port) + at }));

async function serve(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    void answer(connection);
  }
}

async function answer(connection: Deno.Conn): Promise<void> {
  try {
    if (await connection.read(new Uint8Array(4096)) === null) return;
    counts.asked++;
    for await (const piece of ANSWERS[name as AnswerName]()) {
      for (let at = 0; at < piece.length; at += AT_ONCE_OCTETS) {
        const octets = piece.subarray(at, at + AT_ONCE_OCTETS);
        await writeAll(connection, octets);
        sentOctets += octets.length;
        counts.kibibytes = Math.ceil(sentOctets / 1024);
      }
    }
  } catch {
    // The client has ended the connection.
  } finally {
    connection.close();
  }
}
