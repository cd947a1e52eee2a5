import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { WebhookNotifyConfig } from "../../../src/config/notify_model.ts";
import { webhookTarget } from "../../../src/front/notify/webhook.ts";
import { ConnectionShutdown } from "../../../src/linux/sys/connection_shutdown.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import type { ShutDown } from "../../../src/runtime/connection.ts";
import type { AnswerName } from "../../http/hostile_answers.ts";
import { HostileServers } from "../../http/hostile_servers.ts";
import { delay, event } from "../../notify/support.ts";

const ALIVE = new AbortController().signal;

const CONFIG: WebhookNotifyConfig = {
  name: "hook",
  type: "webhook",
  on: ["master"],
  target: { secretUrl: "" },
  timeoutMs: 1000,
  retryForMs: 1000,
};

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A web server on loopback that keeps what it gets and answers what `answer` says. */
function receiver(answer: (request: Received) => Response | Promise<Response>) {
  const received: Received[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { method, headers } = request;
      const one = {
        method,
        path: new URL(request.url).pathname,
        headers,
        body: await request.text(),
      };
      received.push(one);
      return await answer(one);
    },
  );
  return {
    received,
    url: `http://127.0.0.1:${server.addr.port}/hooks/s3cr3t-path`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function target(url: string, changes: Partial<WebhookNotifyConfig> = {}) {
  return webhookTarget(
    { ...CONFIG, target: { secretUrl: url }, ...changes },
    "lb01",
    { run: "run1", readFile: Deno.readTextFile },
  );
}

Deno.test("a webhook is posted as JSON that says who, what and when", async () => {
  await using web = receiver(() => new Response("thanks"));
  assert.deepEqual(await target(web.url).deliver([event(7)], ALIVE), { ok: true });
  const [{ method, path, headers, body }] = web.received as [Received];
  assert.deepEqual([method, path], ["POST", "/hooks/s3cr3t-path"]);
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("webhook-signature"), null);
  assert.deepEqual(JSON.parse(body), {
    node: "lb01",
    event: "master",
    scope: "instance",
    name: "VI_1",
    priority: 150,
    text: "lb01: VI_1: backup -> master: as a test",
    entry: event(7).entry,
  });
});

Deno.test("the answer decides whether it is tried again", async (t) => {
  const cases = [
    { status: 204, ok: true },
    { status: 301, retry: false },
    { status: 400, retry: false },
    { status: 404, retry: false },
    { status: 408, retry: true },
    { status: 429, retry: true },
    { status: 500, retry: true },
    { status: 503, retry: true },
  ];
  for (const { status, ok, retry } of cases) {
    await t.step(`${status}`, async () => {
      const headers = status === 301 ? { location: "http://127.0.0.1:1/" } : undefined;
      await using web = receiver(() => new Response(null, { status, ...(headers && { headers }) }));
      const delivery = await target(web.url).deliver([event(1)], ALIVE);
      assert.equal(delivery.ok, ok ?? false);
      if (delivery.ok) return;
      assert.deepEqual([delivery.why, delivery.retry, delivery.unheard], [
        `HTTP ${status}`,
        retry,
        true,
      ]);
    });
  }
});

Deno.test("a server that is silent or gone is tried again, and the URL's path stays secret", async () => {
  const gate = Promise.withResolvers<Response>();
  {
    await using web = receiver(() => gate.promise);
    const late = await target(web.url, { timeoutMs: 50 }).deliver([event(1)], ALIVE);
    assert.deepEqual(late, {
      ok: false,
      why: "no answer within 50 ms",
      retry: true,
      unheard: true,
    });
    gate.resolve(new Response());
    await delay(10);
  }
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const gone = await target(`http://127.0.0.1:${port}/s3cr3t`).deliver([event(1)], ALIVE);
  assert.ok(!gone.ok && gone.retry);
  assert.match(gone.why, new RegExp(`127\\.0\\.0\\.1:${port}: .*refused`, "i"));
  assert.ok(!gone.why.includes("s3cr3t"), gone.why);
});

Deno.test("a server that answers only to keep vipd busy is tried again later", async (t) => {
  await using servers = await HostileServers.start();
  const cases: readonly [AnswerName | "neverReads", RegExp][] = [
    ["interim", /^127\.0\.0\.1:\d+: more than 5 interim HTTP answers/],
    ["fieldLine", /^127\.0\.0\.1:\d+: the HTTP head does not end$/],
    ["slowHead", /^no answer within 200 ms$/],
    ["neverReads", /^no answer within 200 ms$/],
  ];
  for (const [answer, why] of cases) {
    await t.step(answer, async () => {
      const url = `http://127.0.0.1:${servers.port(answer)}/s3cr3t`;
      const delivery = await target(url, { timeoutMs: 200 }).deliver([event(1)], ALIVE);
      assert.ok(!delivery.ok && delivery.retry && delivery.unheard);
      assert.match(delivery.why, why);
    });
  }
  await t.step("an answer without end counts by its head", async () => {
    const url = `http://127.0.0.1:${servers.port("gigabyte")}/`;
    assert.deepEqual(await target(url).deliver([event(1)], ALIVE), { ok: true });
  });
  await t.step("a handshake that does not go on is not waited for", async () => {
    const url = `https://127.0.0.1:${servers.port("neverReads")}/`;
    const libc = Libc.open();
    const ending = new ConnectionShutdown(libc);
    const shutDown: ShutDown = (connection) => void ending.shutdown(connection);
    const hook = webhookTarget(
      { ...CONFIG, target: { secretUrl: url }, timeoutMs: 300 },
      "lb01",
      { run: "run1", readFile: Deno.readTextFile, shutDown },
    );
    const delivery = await hook.deliver([event(1)], ALIVE);
    assert.ok(!delivery.ok);
    assert.equal(delivery.why, "no answer within 300 ms");
    await delay(20);
    libc.close();
  });
});

Deno.test("a request is signed as Standard Webhooks are, with the secret that the file holds now", async (t) => {
  const folder = await Deno.makeTempDir();
  const secretFile = `${folder}/secret`;
  await using web = receiver(() => new Response());
  const signed = target(web.url, { secretFile });
  const secrets: readonly (readonly [string, Uint8Array])[] = [
    ["a plain text\n", new TextEncoder().encode("a plain text")],
    [
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      Uint8Array.fromBase64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ],
  ];
  for (const [text, octets] of secrets) {
    await t.step(text.slice(0, 6), async () => {
      await Deno.writeTextFile(secretFile, text);
      web.received.length = 0;
      assert.deepEqual(await signed.deliver([event(5)], ALIVE), { ok: true });
      assert.deepEqual(await signed.deliver([event(5)], ALIVE), { ok: true });
      const [first, again] = web.received as [Received, Received];
      const id = first.headers.get("webhook-id");
      const timestamp = first.headers.get("webhook-timestamp");
      assert.equal(again.headers.get("webhook-id"), id, "a retry has the same id");
      assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 5);
      // Worked out by another implementation.
      const digest = createHmac("sha256", octets).update(`${id}.${timestamp}.${first.body}`);
      assert.equal(first.headers.get("webhook-signature"), `v1,${digest.digest("base64")}`);
    });
  }
  await t.step("without a secret nothing is sent", async () => {
    web.received.length = 0;
    await Deno.writeTextFile(secretFile, "\n");
    const empty = await signed.deliver([event(6)], ALIVE);
    await Deno.remove(secretFile);
    const missing = await signed.deliver([event(6)], ALIVE);
    assert.deepEqual([empty.ok, missing.ok, web.received.length], [false, false, 0]);
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a URL that is a secret comes from a file", async () => {
  const urlFile = await Deno.makeTempFile();
  await using web = receiver(() => new Response());
  await Deno.writeTextFile(urlFile, `${web.url}\n`);
  const hook = webhookTarget({ ...CONFIG, target: { urlFile } }, "lb01", {
    run: "run1",
    readFile: Deno.readTextFile,
  });
  assert.deepEqual(await hook.deliver([event(1)], ALIVE), { ok: true });
  await Deno.writeTextFile(urlFile, "not a URL");
  const wrong = await hook.deliver([event(1)], ALIVE);
  assert.ok(!wrong.ok);
  assert.equal(wrong.why, "url_file holds no http or https URL");
  await Deno.remove(urlFile);
});
