/**
 * A web server that gives every client the same hostile answer.
 *
 * Usage: `deno run --allow-all web_server_process.ts MILLISECONDS ANSWER PORT`, where ANSWER is an `AnswerName`.
 *
 * @module
 */

import { attackFor } from "./attacker.ts";
import { writeAll } from "./streams.ts";
import { type AnswerName, ANSWERS } from "./web_answers.ts";

const [duration, name = "", port] = Deno.args;
if (!Object.hasOwn(ANSWERS, name)) throw new RangeError(`There is no answer "${name}"`);
const counts = { asked: 0, mebibytes: 0 };
let sentOctets = 0;
attackFor(Number(duration), counts);

for await (const connection of Deno.listen({ port: Number(port) })) {
  counts.asked++;
  void answer(connection);
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
    // The client has had enough.
  } finally {
    connection.close();
  }
}
