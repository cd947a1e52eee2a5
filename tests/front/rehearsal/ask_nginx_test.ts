/** One question: whose answer counts, and what an address means that this node does not have. */

import assert from "node:assert/strict";
import { type AskingMachine, askNginx } from "../../../src/front/rehearsal/ask_nginx.ts";
import type { PlannedQuestion } from "../../../src/rehearsal/plan.ts";

const AT = "2026-06-01T00:00:00.000Z";

function machine(changes: Partial<AskingMachine> = {}): AskingMachine {
  return {
    shutDown: () => {},
    listening: new Set(),
    has: () => true,
    turn: () => Promise.resolve(),
    ...changes,
  };
}

function question(place: PlannedQuestion["place"]): PlannedQuestion {
  return { name: "a.test", port: 80, tls: false, path: "/", served: true, place };
}

const WHY = "nginx listens for it elsewhere";
const ABSENT = { v4: "192.0.2.5", v6: "2001:db8::5" } as const;

for (
  const [what, address, listening, error] of [
    [
      "nothing listens",
      ABSENT.v4,
      ["192.0.2.6 80", "192.0.2.5 81"],
      "nothing listens on 192.0.2.5",
    ],
    ["nginx listens there", ABSENT.v4, ["192.0.2.5 80"], null],
    ["an nginx that was not reloaded listens everywhere", ABSENT.v4, ["0.0.0.0 80"], null],
    ["the other family listens", ABSENT.v4, [":: 80"], "nothing listens on 192.0.2.5"],
    ["nginx listens on all of IPv6", ABSENT.v6, [":: 80"], null],
    ["nothing of IPv6 listens", ABSENT.v6, ["0.0.0.0 80"], "nothing listens on 2001:db8::5"],
    ["the kernel does not say", ABSENT.v4, null, null],
  ] as const
) {
  Deno.test(`an address that this node does not have: ${what}`, async () => {
    const answer = await askNginx(
      question({ why: WHY, absent: { address, port: 80 } }),
      AT,
      machine({ listening: listening && new Set(listening) }),
    );
    assert.deepEqual([answer.error, answer.not_rehearsed], [error, error === null ? WHY : null]);
  });
}

Deno.test("an answer counts if this node has the address before and after it", async () => {
  // It is none of loopback's and still leads to this machine.
  const address = "0.0.0.0";
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    requests++;
    return new Response(null, { status: 204 });
  });
  const ask = async (...has: boolean[]) => {
    const answer = await askNginx(
      question({ address, port: server.addr.port }),
      AT,
      machine({ has: () => has.shift() ?? true }),
    );
    return [answer.status, answer.not_rehearsed];
  };
  const gone = `this node does not have ${address} any more`;
  assert.deepEqual(await ask(), [204, null]);
  assert.deepEqual([await ask(false), await ask(true, true, false)], [[null, gone], [null, gone]]);
  assert.equal(requests, 2);
  await server.shutdown();
});

/** Frames of HTTP/2, RFC 9113 section 4.1: length, type, flags, stream. */
const SETTINGS = [0, 0, 0, 4, 0, 0, 0, 0, 0];
/** The head alone (END_HEADERS, not END_STREAM), `:status` 204 of the static table (RFC 7541 appendix A). */
const HEAD = [0, 0, 1, 1, 4, 0, 0, 0, 1, 0x89];
/** RST_STREAM with INTERNAL_ERROR; GOAWAY after stream 1 with INTERNAL_ERROR. */
const RESET = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2];
const GOAWAY = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2];
const PREFACE = "PRI * HTTP/2.0";

for (
  const [what, head, rest, answer] of [
    ["closes behind its status", HEAD, [], [204, null]],
    ["gives up the stream behind its status", HEAD, RESET, [204, null]],
    ["says goodbye behind its status", HEAD, GOAWAY, [204, null]],
    ["closes before its status", [], [], [null, "error"]],
  ] as const
) {
  // The runtime's line 2.6 keeps what stands for the body of such an answer.
  const options = { name: `a server of HTTP/2 alone that ${what}`, sanitizeResources: false };
  Deno.test(options, async () => {
    const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      for await (const connection of server) {
        const octets = new Uint8Array(4096);
        const count = await connection.read(octets) ?? 0;
        await connection.write(new Uint8Array(SETTINGS));
        const begin = new TextDecoder().decode(octets.subarray(0, count));
        if (begin.startsWith(PREFACE)) {
          // Its request comes with its settings or behind them.
          for (const frames of [head, rest]) {
            await new Promise((resolve) => setTimeout(resolve, 100));
            await connection.write(new Uint8Array(frames));
          }
        }
        connection.close();
      }
    })();
    const { status, error } = await askNginx(
      question({ address: "127.0.0.1", port: server.addr.port }),
      AT,
      machine(),
    );
    assert.deepEqual([status, error === null ? null : "error"], answer, String(error));
    server.close();
    await serving;
  });
}
