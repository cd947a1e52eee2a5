/**
 * A name server that exists and never answers.
 *
 * Usage: `deno run --allow-all silent_resolver_process.ts MILLISECONDS`
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { attackFor } from "./attacker.ts";

const [duration] = Deno.args;
const counts = { asked: 0 };
attackFor(Number(duration), counts);
createSocket("udp4").on("message", () => counts.asked++).bind(53, "0.0.0.0");
