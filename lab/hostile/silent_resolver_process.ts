/**
 * A name server that is there and never answers.
 *
 * Usage: `deno run --allow-all silent_resolver_process.ts MILLISECONDS`
 *
 * @module
 */

import { attackFor } from "./attacker.ts";

const [duration] = Deno.args;
const counts = { asked: 0 };
attackFor(Number(duration), counts);
const socket = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 53 });
for await (const _ of socket) counts.asked++;
