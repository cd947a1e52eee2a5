/**
 * Sends packets that do not belong to a pair, at a given rate. Ends when it has sent them all, with one line of JSON
 * (a `FloodReport`).
 *
 * Usage: `deno run --allow-all flood_process.ts DEVICE PACKETS_PER_SECOND MILLISECONDS VRID`
 *
 * @module
 */

import { floodFrames } from "./flood_packets.ts";
import { sendFrames } from "./frame_sender.ts";

const [device = "", rate, duration, vrid] = Deno.args;
const frames = floodFrames(Number(vrid)).map(({ frame }) => frame);
const report = sendFrames(device, frames, Number(rate), Number(duration));
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(report) + "\n"));
