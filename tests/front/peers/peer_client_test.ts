/** Another load balancer's API, asked: every way in which it may not answer. */

import assert from "node:assert/strict";
import type { PeerConfig } from "../../../src/config/model.ts";
import { createApi } from "../../../src/front/http/app.ts";
import { PeerClient } from "../../../src/front/peers/peer_client.ts";
import { PeerPoller } from "../../../src/front/peers/peer_poller.ts";
import { serveApi } from "../server/serve_api.ts";
import { answerLimitOctets, type PeerReport } from "../../../src/status/reports/peer_answer.ts";
import type { AnswerName } from "../../http/hostile_answers.ts";
import { HostileServers } from "../../http/hostile_servers.ts";
import { certificate } from "../certificates.ts";
import { exampleInstance, exampleStatus, FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

/** Asks as the poller does, with its limit or a shorter one. */
async function asked(url: string, rest: Partial<PeerConfig> = {}, limitMs = 1000) {
  const client = new PeerClient({ name: "lb02", url, ...rest }, { readFile: Deno.readTextFile });
  return await client.ask(answerLimitOctets(1), AbortSignal.timeout(limitMs));
}

function causeOf(report: PeerReport) {
  return report.ok ? undefined : report.cause;
}

function errorOf(report: PeerReport): string {
  return report.ok ? assert.fail("it answered") : report.error;
}

/** A server on loopback that answers as it is told. */
async function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  act: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  try {
    await act(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

const json = (value: unknown) => Response.json(value);

Deno.test("vipd answers: what is taken of its status", async () => {
  await withServer(() => json(exampleStatus({ node: "lb02" })), async (url) => {
    const report = await asked(url);
    assert.ok(report.ok, JSON.stringify(report));
    const { node, version, instances: [instance] } = report.answer;
    assert.deepEqual([node, version], ["lb02", "0.1.0"]);
    assert.deepEqual(instance, {
      name: "VI_1",
      interface: "eth1",
      vrid: 55,
      family: "ipv4",
      version: 2,
      state: "master",
      handing_over: false,
      priority: { configured: 150, effective: 90 },
      advert_interval_ms: 1000,
      preempt: true,
      authentication: "pass",
      addresses: ["192.168.31.5/24"],
      master: { address: "192.168.31.11", priority: 90 },
      faults: [],
      override: null,
      lowered_by: ["check nginx is down"],
      since: "2026-03-01T10:00:00.000Z",
      // The example gives no verdict, as 0.1.0.
      without_verdict: true,
    });
  });
});

Deno.test("which addresses a master does not hold is read, of no other node, and of none that says nothing of it", async () => {
  const [address] = exampleInstance().addresses;
  const { held: _, ...unsaid } = address!;
  const cases = [
    ["master", { ...address!, held: false }, ["192.168.31.5"]],
    ["master", { ...address!, held: true }, undefined],
    ["master", unsaid, undefined],
    ["backup", { ...address!, held: false }, undefined],
  ] as const;
  for (const [state, carried, missing] of cases) {
    const instances = [{ ...exampleInstance(), state, addresses: [carried] }];
    await withServer(() => json({ ...exampleStatus(), instances }), async (url) => {
      const report = await asked(url);
      assert.ok(report.ok, JSON.stringify(report));
      assert.deepEqual(report.answer.instances[0]!.addresses_missing, missing);
    });
  }
});

Deno.test("a vipd of another version: what it says more is passed over, what it does not say is null", async () => {
  const { preempt: _, authentication: __, timers: ___, ...older } = exampleInstance();
  const newer = { ...older, authentication: "quantum", moon: "full" };
  for (const instance of [older, newer]) {
    await withServer(() => json({ ...exampleStatus(), instances: [instance] }), async (url) => {
      const report = await asked(url);
      assert.ok(report.ok, JSON.stringify(report));
      const { preempt, authentication, advert_interval_ms } = report.answer.instances[0]!;
      assert.deepEqual([preempt, authentication, advert_interval_ms], [null, null, null]);
    });
  }
});

Deno.test("how far a peer's clock is ahead is known by its status, or by Date of an older vipd", async () => {
  const hourMs = 3_600_000;
  const ahead = () => new Date(Date.now() + hourMs);
  const { now: _now, ...older } = exampleStatus();
  const cases: readonly [string, () => Response, number | null, number][] = [
    ["now", () => json({ ...exampleStatus(), now: ahead().toISOString() }), hourMs, 200],
    [
      "now goes before Date",
      () =>
        Response.json({ ...exampleStatus(), now: ahead().toISOString() }, {
          headers: { date: new Date().toUTCString() },
        }),
      hourMs,
      200,
    ],
    [
      "Date",
      () => Response.json(older, { headers: { date: ahead().toUTCString() } }),
      hourMs,
      1500,
    ],
    ["no time", () => Response.json(older, { headers: { date: "yesterday" } }), null, 0],
    [
      "a false time",
      () => Response.json({ ...exampleStatus(), now: "soon" }, { headers: { date: "" } }),
      null,
      0,
    ],
  ];
  for (const [what, answer, offsetMs, withinMs] of cases) {
    await withServer(answer, async (url) => {
      const client = new PeerClient({ name: "lb02", url }, { readFile: Deno.readTextFile });
      assert.equal(client.clockOffsetMs, null);
      const report = await client.ask(answerLimitOctets(1), AbortSignal.timeout(1000));
      assert.ok(report.ok, JSON.stringify(report));
      assert.deepEqual(
        Object.keys(report.answer),
        ["node", "version", "instances", "engine"],
        what,
      );
      const { clockOffsetMs } = client;
      if (offsetMs === null || clockOffsetMs === null) assert.equal(clockOffsetMs, offsetMs, what);
      else assert.ok(Math.abs(clockOffsetMs - offsetMs) <= withinMs, `${what}: ${clockOffsetMs}`);
    });
  }
});

Deno.test("what is no answer of vipd is reported as what it is", async (t) => {
  const cases: readonly [string, () => Response, RegExp][] = [
    ["garbage", () => new Response("<html>"), /not JSON/],
    ["another program's JSON", () => json({ ok: true }), /lacks what vipd says.*: node$/],
    [
      "an impossible state",
      () => json({ ...exampleStatus(), instances: [{ ...exampleInstance(), state: "king" }] }),
      /: instances\.0\.state$/,
    ],
    ["a failure", () => new Response("", { status: 500 }), /it answers 500/],
    ["a missing page", () => new Response("", { status: 404 }), /it answers 404/],
    [
      "a redirect",
      () => new Response("", { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
      /it answers 302: vipd follows no redirect/,
    ],
  ];
  for (const [name, answer, says] of cases) {
    await t.step(name, async () => {
      await withServer(answer, async (url) => assert.match(errorOf(await asked(url)), says));
    });
  }
  await t.step("nobody", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.close();
    assert.match(errorOf(await asked(`http://127.0.0.1:${listener.addr.port}`)), /nobody listens/);
    assert.match(errorOf(await asked("unix:/nonexistent/vipd.sock")), /nobody listens/);
  });
});

Deno.test("a failure says what it proves: that nothing listens, the engine is gone, another answers, or this node could not ask", async () => {
  const problem = (code: string) => () =>
    Response.json({ type: "about:blank", status: 503, code }, { status: 503 });
  const cases: readonly [string, () => Response, string | undefined, RegExp][] = [
    ["the front's", problem("engine_unreachable"), "engine_gone", /its engine does not$/],
    ["another problem", problem("token_unavailable"), undefined, /it answers 503/],
    ["no JSON", () => new Response("<html>", { status: 503 }), undefined, /it answers 503/],
    ["not vipd's", () => new Response("no such page", { status: 404 }), "mismatch", /answers 404/],
    ["another program's", () => json({ node: 1 }), "mismatch", /its status lacks what vipd says/],
    ["long", () => new Response("x".repeat(9000), { status: 503 }), undefined, /it answers 503/],
  ];
  for (const [what, answer, cause, says] of cases) {
    await withServer(answer, async (url) => {
      const report = await asked(url);
      assert.match(errorOf(report), says, what);
      assert.equal(report.ok ? null : report.cause, cause, what);
    });
  }
  await withServer(() => json(exampleStatus()), async (url) => {
    const report = await asked(url, { tokenFile: "/nonexistent/peer.token" });
    assert.match(errorOf(report), /^cannot read the token file \/nonexistent\/peer\.token/);
    assert.equal(report.ok ? null : report.cause, "not_asked");
  });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  const report = await asked(`http://127.0.0.1:${listener.addr.port}`);
  assert.equal(report.ok ? null : report.cause, "refused");
});

Deno.test("an answer of 100 MB is not read to its end", async () => {
  let sent = 0;
  const megabyte = new Uint8Array(1024 * 1024).fill(0x20);
  const endless = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          if (sent++ < 100) controller.enqueue(megabyte);
          else controller.close();
        },
      }),
    );
  await withServer(endless, async (url) => {
    assert.match(errorOf(await asked(url)), /too long/);
    assert.ok(sent < 30, `${sent} MB were taken`);
  });
});

Deno.test("who answers only to keep vipd busy is shown as faulty, and why", async (t) => {
  await using servers = await HostileServers.start();
  const cases: readonly [AnswerName, RegExp][] = [
    ["interim", /none of vipd's: more than 5 interim HTTP answers/],
    ["interimFields", /none of vipd's: more than 5 interim HTTP answers/],
    ["nested", /nested deeper/],
    ["emptyObjects", /too long/],
    ["endlessBody", /too long/],
    ["fieldLines", /none of vipd's: the HTTP head has more than 256 lines/],
    ["notHttp", /none of vipd's: not an HTTP answer/],
    ["cut", /none of vipd's: connection closed within the answer/],
  ];
  for (const [answer, says] of cases) {
    await t.step(answer, async () => {
      const url = `http://127.0.0.1:${servers.port(answer)}`;
      assert.match(errorOf(await asked(url, {}, 20_000)), says);
    });
  }
});

Deno.test("an answer may be as long as this node has instances for, and not an octet longer", async () => {
  const limitOctets = answerLimitOctets(2);
  const status = JSON.stringify(exampleStatus());
  for (const [octets, ok] of [[limitOctets, true], [limitOctets + 1, false]] as const) {
    await withServer(() => new Response(status.padEnd(octets)), async (url) => {
      const client = new PeerClient({ name: "lb02", url }, { readFile: Deno.readTextFile });
      const report = await client.ask(limitOctets, AbortSignal.timeout(5000));
      assert.equal(report.ok, ok, JSON.stringify(report).slice(0, 200));
    });
  }
});

Deno.test("who hangs or trickles costs no more than the limit", async (t) => {
  const limitMs = 150;
  const inTime = async (url: string) => {
    const fromMs = performance.now();
    assert.match(errorOf(await asked(url, {}, limitMs)), /no whole answer within/);
    const tookMs = performance.now() - fromMs;
    assert.ok(tookMs < limitMs + 400, `${tookMs} ms`);
  };
  await t.step("a server that accepts and says nothing", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = listener.accept();
    await inTime(`http://127.0.0.1:${listener.addr.port}`);
    (await accepted).close();
  });
  await t.step("one octet at a time", async () => {
    const trickle = () => {
      let timer: ReturnType<typeof setInterval>;
      return new Response(
        new ReadableStream({
          start: (controller) => {
            timer = setInterval(() => controller.enqueue(new Uint8Array([0x20])), 10);
          },
          cancel: () => clearInterval(timer),
        }),
      );
    };
    await withServer(trickle, inTime);
  });
});

Deno.test("the token is shown where one is configured, and stands in no error", async () => {
  const file = await Deno.makeTempFile();
  const backend = new FakeBackend();
  const app = createApi({ backend, judge: judgeOf("another", TOKEN) });
  const api = await serveApi([{ kind: "tcp", host: "127.0.0.1", port: 0 }], app);
  const [listen] = api.addresses;
  assert.ok(listen?.kind === "tcp");
  const url = `http://127.0.0.1:${listen.port}`;
  try {
    const without = await asked(url);
    assert.match(errorOf(without), /wants a token \(401\).*token_file/);
    assert.equal(causeOf(without), "mismatch");
    await Deno.writeTextFile(file, `${TOKEN}\n`);
    assert.equal((await asked(url, { tokenFile: file })).ok, true);
    await Deno.writeTextFile(file, "wrong-but-secret\n");
    const report = await asked(url, { tokenFile: file });
    const refused = errorOf(report);
    assert.equal(causeOf(report), "mismatch");
    assert.match(refused, /refuses the token in token_file/);
    assert.ok(!refused.includes("wrong-but-secret"));
    assert.match(errorOf(await asked(url, { tokenFile: "/nonexistent" })), /\/nonexistent/);
  } finally {
    await api.close();
    await Deno.remove(file);
  }
});

Deno.test("a certificate that nobody vouches for is refused until it is named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const pem = await certificate(folder, "lb02");
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {}, ...pem },
      () => json(exampleStatus()),
    );
    const url = `https://127.0.0.1:${server.addr.port}`;
    const report = await asked(url);
    assert.match(errorOf(report), /nobody that this machine trusts: name it in ca/);
    assert.equal(causeOf(report), "mismatch");
    assert.equal((await asked(url, { ca: pem.cert })).ok, true);
    const inClear = await asked(url.replace("https:", "http:"));
    assert.match(errorOf(inClear), /^it speaks TLS: write https/);
    assert.equal(causeOf(inClear), "mismatch");
    await server.shutdown();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a peer that does not speak TLS although its url says so is named as that", () =>
  withServer(() => json(exampleStatus()), async (url) => {
    const report = await asked(url.replace("http:", "https:"));
    assert.match(errorOf(report), /^it does not speak TLS: vipd pair makes it, or write http:/);
    assert.equal(causeOf(report), "mismatch");
  }));

Deno.test("each peer has one question at a time, and a dead one delays no other", async () => {
  let open = 0;
  let most = 0;
  let answers = 0;
  const slow = async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 20));
    open--;
    return json(exampleStatus());
  };
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const hanging = { name: "dead", url: `http://127.0.0.1:${listener.addr.port}` };
  await withServer(slow, async (url) => {
    const enough = Promise.withResolvers<void>();
    const poller = new PeerPoller({
      listener: (name) => {
        if (name === "lb02" && ++answers === 5) enough.resolve();
        return Promise.resolve(1);
      },
      readFile: Deno.readTextFile,
    });
    const peer = { name: "lb02", url };
    poller.follow([hanging, peer], 1);
    poller.follow([hanging, { ...peer }], 1);
    const fromMs = performance.now();
    await enough.promise;
    assert.ok(performance.now() - fromMs < 900, "it waited for the dead one");
    poller.close();
    const atClose = answers;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual([most, answers], [1, atClose]);
  });
});

Deno.test("a peer is asked out of its turn, after the question that is under way", async () => {
  let asked = 0;
  const answer = Promise.withResolvers<void>();
  const late = async () => {
    if (++asked === 1) await answer.promise;
    return new Response("{}");
  };
  await withServer(late, async (url) => {
    let taken = 0;
    const poller = new PeerPoller({
      listener: () => {
        taken++;
        return Promise.resolve(3_600_000);
      },
      readFile: Deno.readTextFile,
    });
    poller.follow([{ name: "lb02", url }], 1);
    const both = Promise.all([poller.askNow(), poller.askNow()]);
    answer.resolve();
    await both;
    assert.deepEqual([asked, taken], [2, 2]);
    await poller.askNow();
    assert.deepEqual([asked, taken], [3, 3]);
    poller.close();
    await poller.askNow();
    assert.equal(asked, 3);
  });
});
