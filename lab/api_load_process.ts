/**
 * Clients that request vipd's API without a pause, and others that hold its event stream open; one line of JSON (an
 * `ApiLoadLine`) a second. Runs inside the host whose API it uses.
 *
 * Usage: `deno run --allow-net api_load_process.ts BASE CLIENTS STREAMS`
 *
 * @module
 */

import type { ApiLoadLine } from "./api_load.ts";

const [base, clients, streams] = Deno.args as [string, string, string];
const encoder = new TextEncoder();
const counts = { answered: 0, refused: 0, streams: 0 };

for (let each = 0; each < Number(clients); each++) ask();
for (let each = 0; each < Number(streams); each++) listen();
setInterval(() => {
  const line: ApiLoadLine = counts;
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(line) + "\n"));
}, 1000);

async function ask(): Promise<never> {
  while (true) {
    try {
      const answer = await fetch(`${base}/v1/status`);
      await answer.arrayBuffer();
      if (answer.ok) counts.answered++;
      else counts.refused++;
    } catch {
      counts.refused++;
      // A refused connection returns at once; without a pause this would be a busy loop.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function listen(): Promise<void> {
  const answer = await fetch(`${base}/v1/events`, { headers: { accept: "text/event-stream" } });
  if (!answer.ok || answer.body === null) return;
  counts.streams++;
  for await (const _ of answer.body);
  counts.streams--;
}
