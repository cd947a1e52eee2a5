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

const [duration, name = "", port, ports = "1"] = Deno.args;
if (!Object.hasOwn(ANSWERS, name)) throw new RangeError(`There is no answer "${name}"`);
const counts = { asked: 0, mebibytes: 0 };
let sentOctets = 0;
attackFor(Number(duration), counts);

for (let at = 0; at < Number(ports); at++) void serve(Deno.listen({ port: Number(port) + at }));

async function serve(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    counts.asked++;
    void answer(connection);
  }
}

async function answer(connection: Deno.Conn): Promise<void> {
  try {
    await connection.read(new Uint8Array(4096));
    for await (const piece of ANSWERS[name as AnswerName]()) {
      await writeAll(connection, piece);
      sentOctets += piece.length;
      counts.mebibytes = Math.round(sentOctets / (1024 * 1024));
    }
  } catch {
    // The client has ended the connection.
  } finally {
    connection.close();
  }
}
