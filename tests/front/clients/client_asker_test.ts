/** An address, asked as a client: what counts as an answer, and how often it is asked. */

import assert from "node:assert/strict";
import type { ClientTarget } from "../../../src/config/client_target.ts";
import { ClientAsker } from "../../../src/front/clients/client_asker.ts";
import { askAsClient } from "../../../src/front/clients/client_question.ts";
import type { ClientReport } from "../../../src/status/reports/client_report.ts";
import { certificate } from "../certificates.ts";

function target(port: number, changes: Partial<ClientTarget> = {}): ClientTarget {
  return { instance: "VI_1", address: "127.0.0.1", type: "http", port, path: "/", ...changes };
}

async function asked(question: ClientTarget, limitMs = 1000): Promise<ClientReport> {
  return await askAsClient(question, AbortSignal.timeout(limitMs));
}

function listen(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

/** Answers each connection with these octets, or with nothing. */
async function serve(listener: Deno.TcpListener, answer: string): Promise<void> {
  for await (const connection of listener) {
    void connection.read(new Uint8Array(1024))
      .then(() => connection.write(new TextEncoder().encode(answer)))
      .then(() => answer === "" ? undefined : connection.close(), () => {});
  }
}

Deno.test("whatever an HTTP server answers is an answer, to the path and host that are asked for", async () => {
  const requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    requests.push(`${request.headers.get("host")} ${pathname}${search}`);
    return new Response("", { status: pathname === "/" ? 503 : 200 });
  });
  const { port } = server.addr;
  const detail = async (changes: Partial<ClientTarget>) => await asked(target(port, changes));
  const place = `http://127.0.0.1:${port}`;
  assert.deepEqual(await detail({}), {
    ...{ instance: "VI_1", target: `${place}/`, ok: true, detail: "HTTP 503" },
  });
  const secret = await detail({ path: "/health?key=s3cret", host: "www.example.com" });
  assert.deepEqual(secret, { ...secret, target: `${place}/health`, ok: true, detail: "HTTP 200" });
  assert.deepEqual(requests, ["127.0.0.1 /", "www.example.com /health?key=s3cret"]);
  assert.deepEqual(await detail({ type: "tcp" }), {
    ...{ instance: "VI_1", target: `tcp 127.0.0.1:${port}`, ok: true, detail: "connected" },
  });
  await server.shutdown();
});

Deno.test("a TLS server has answered, even with a certificate of which this node knows nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const pem = await certificate(folder, "lb02");
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {}, ...pem },
      () => new Response(),
    );
    const { ok, target: place, detail } = await asked(target(server.addr.port, { type: "https" }));
    assert.deepEqual([ok, place], [true, `https://127.0.0.1:${server.addr.port}/`]);
    assert.equal(detail, "a certificate that this node does not trust");
    await server.shutdown();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("nobody, silence, the end and another protocol are no answer, and the words say which", async (t) => {
  const closed = listen();
  closed.close();
  const cases: readonly [string, Partial<ClientTarget>, string | null, RegExp][] = [
    ["nobody listens", {}, null, /^connection refused$/],
    ["nobody listens, tcp", { type: "tcp" }, null, /^connection refused$/],
    ["nobody listens, https", { type: "https" }, null, /^connection refused$/],
    ["silence", {}, "", /^no answer within 1\.5 s$/],
    ["silence in TLS", { type: "https" }, "", /^no answer within 1\.5 s$/],
    ["another protocol", {}, "220 mail.example.com\r\n", /not an HTTP answer/],
  ];
  for (const [what, changes, answer, says] of cases) {
    await t.step(what, async () => {
      using listener = answer === null ? null : listen();
      if (listener && answer !== null) void serve(listener, answer).catch(() => {});
      const { port } = (listener ?? closed).addr as Deno.NetAddr;
      const { ok, detail } = await asked(target(port, changes), 200);
      assert.equal(ok, false);
      assert.match(detail, says);
    });
  }
});

/** Counts the questions that arrive, each of which is refused an answer or gets one. */
async function counting(
  act: (
    port: number,
    times: number[],
    asker: ClientAsker,
    reports: ClientReport[],
  ) => Promise<void>,
): Promise<void> {
  using listener = listen();
  const times: number[] = [];
  void (async () => {
    for await (const connection of listener) {
      times.push(performance.now());
      connection.close();
    }
  })().catch(() => {});
  const reports: ClientReport[] = [];
  const asker = new ClientAsker({ report: (report) => void reports.push(report) });
  try {
    await act(listener.addr.port, times, asker, reports);
  } finally {
    asker.close();
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("nothing is asked but what is wanted and has a target, one question after the other", async () => {
  await counting(async (port, times, asker, reports) => {
    const names = Array.from({ length: 10 }, (_, index) => `VI_${index}`);
    asker.ask([...names.slice(5), "VI_unknown"]);
    asker.follow(names.map((instance) => target(port, { instance, type: "tcp" })));
    await pause(500);
    assert.deepEqual(reports.map(({ instance }) => instance).toSorted(), names.slice(5));
    const gaps = times.slice(1).map((ms, index) => ms - times[index]!);
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    assert.ok(last - first >= 4 * 20 - 10, `they came in a burst: ${gaps}`);
    asker.ask([]);
    await pause(100);
    assert.equal(times.length, 5);
  });
});

Deno.test("after a failure the address is asked sooner, and what goes on is not begun again", async () => {
  await counting(async (port, times, asker, reports) => {
    const question = target(port);
    asker.ask(["VI_1"]);
    asker.follow([question]);
    await pause(300);
    asker.follow([{ ...question }]);
    asker.ask(["VI_1"]);
    await pause(500);
    assert.equal(times.length, 2);
    assert.deepEqual(reports.map(({ ok, detail }) => [ok, detail]), [
      [false, "connection closed without an answer"],
      [false, "connection closed without an answer"],
    ]);
  });
});
