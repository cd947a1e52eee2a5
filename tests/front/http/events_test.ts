import assert from "node:assert/strict";
import { ApiClient } from "../../../src/api/client.ts";
import type { ApiTarget } from "../../../src/api/exchange.ts";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import {
  type EventStreamLimits,
  EventStreams,
  type StreamClient,
} from "../../../src/front/http/event_streams.ts";
import type { UnixUser } from "../../../src/front/server/connection.ts";
import { serveApi } from "../server/serve_api.ts";
import { Journal } from "../../../src/status/journal.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

const LOOPBACK: ApiBindings = { listener: { kind: "tcp", host: "127.0.0.1", port: 9112 } };

const NOBODY: StreamClient = { right: "none", share: "this machine" };

interface StreamedEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** Reads a stream chunk by chunk, as a browser would. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    this.#reader = response.body!.getReader();
  }

  /** The next block up to its empty line; `null` at the end. */
  async block(): Promise<string | null> {
    while (!this.#text.includes("\n\n")) {
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += new TextDecoder().decode(value);
    }
    const end = this.#text.indexOf("\n\n");
    const block = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 2);
    return block;
  }

  /** The next event that is none of the names left out. */
  async event(...without: string[]): Promise<StreamedEvent> {
    while (true) {
      const block = await this.block();
      assert.ok(block !== null, "the stream has ended");
      const fields = new Map(
        block.split("\n").map((line): [string, string] => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      );
      const event = fields.get("event");
      if (event === undefined || without.includes(event)) continue;
      const id = fields.get("id");
      return { ...(id === undefined ? {} : { id }), event, data: JSON.parse(fields.get("data")!) };
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

/** Streams with short times over a journal with `count` entries. */
function setUp(count = 0, limits: Partial<EventStreamLimits> = {}, capacity = 1000) {
  const journal = new Journal(() => Date.UTC(2026, 2, 1, 10), capacity);
  for (let i = 1; i <= count; i++) journal.record("info", "check_changed", `entry ${i}`);
  const state = { fingerprint: "a" };
  const streams = new EventStreams(
    { journal, fingerprint: () => Promise.resolve(state.fingerprint) },
    { settleMs: 1, lookMs: 5, ...limits },
  );
  return { journal, state, streams };
}

Deno.test("a stream replays what was asked for and goes on with what happens", async () => {
  const { journal, streams } = setUp(3);
  const reader = new Reader(streams.response(1, NOBODY));
  assert.match(await reader.block() ?? "", /^retry: \d+$/);
  for (const id of [2, 3]) {
    const { id: shown, event, data } = await reader.event();
    assert.deepEqual([shown, event], [String(id), "entry"]);
    assert.deepEqual(data, journal.since(id - 1)[0]);
  }
  assert.equal((await reader.event()).event, "changed");
  journal.record("notice", "state_changed", "VI_1: backup -> master", "VI_1");
  assert.deepEqual((await reader.event()).data, journal.since(3)[0]);
  assert.equal((await reader.event()).event, "changed");
  await reader.cancel();
  assert.equal(streams.open, 0);
});

Deno.test("a stream says that the status changed without an entry, and only then", async () => {
  const { state, streams } = setUp(0, { heartbeatMs: 20 });
  const reader = new Reader(streams.response(0, NOBODY));
  assert.equal((await reader.event()).event, "changed");
  assert.match(await reader.block() ?? "", /^: /);
  state.fingerprint = "b";
  assert.equal((await reader.event()).event, "changed");
  await reader.cancel();
});

Deno.test("more entries than fit one chunk come in order, then the status", async () => {
  const { streams } = setUp(25, { maxEntries: 10 });
  const reader = new Reader(streams.response(0, NOBODY));
  for (let id = 1; id <= 25; id++) assert.equal((await reader.event()).id, String(id));
  assert.equal((await reader.event()).event, "changed");
  await reader.cancel();
});

Deno.test("a client that comes back too late learns how much it missed", async () => {
  const { streams } = setUp(30, {}, 10);
  const reader = new Reader(streams.response(5, NOBODY));
  assert.deepEqual(await reader.event(), { event: "gap", data: { lost: 15 } });
  assert.equal((await reader.event()).id, "21");
  await reader.cancel();
});

/** A journal whose ids begin again, as the front's does if the engine has lost its own. */
class LostJournal extends Journal {
  lose(): void {
    this.clear();
  }

  /** Gets an entry of before the engine's run. */
  refill(id: number): void {
    const [severity, code] = ["info", "check_changed"] as const;
    this.adopt({ id, time: "2026-03-01T10:00:00.000Z", severity, code, message: "old" }, false);
  }
}

Deno.test("an id of another journal is answered with everything, after a word", async () => {
  const { streams } = setUp(2);
  const reader = new Reader(streams.response(4711, NOBODY));
  assert.deepEqual(await reader.event(), { event: "reset", data: { newest: 2 } });
  assert.equal((await reader.event()).id, "1");
  await reader.cancel();
});

Deno.test("a client of another journal learns how much of this one is not kept any more", async () => {
  const { streams } = setUp(30, {}, 10);
  const reader = new Reader(streams.response(4711, NOBODY));
  assert.equal((await reader.event()).event, "reset");
  assert.deepEqual(await reader.event(), { event: "gap", data: { lost: 20 } });
  assert.equal((await reader.event()).id, "21");
  await reader.cancel();
});

Deno.test("a stream over a journal that begins again says so and misses nothing", async () => {
  const journal = new LostJournal(() => 0);
  const limits = { settleMs: 1, lookMs: 5 };
  const streams = new EventStreams({ journal, fingerprint: () => Promise.resolve("") }, limits);
  for (let i = 1; i <= 3; i++) journal.record("info", "check_changed", `entry ${i}`);
  const reader = new Reader(streams.response(0, NOBODY));
  for (const id of ["1", "2", "3"]) assert.equal((await reader.event("changed")).id, id);
  journal.lose();
  journal.record("notice", "started", "vipd started");
  assert.deepEqual(await reader.event("changed"), { event: "reset", data: { newest: 1 } });
  assert.equal((await reader.event("changed")).id, "1");
  const fresh = new Reader(streams.response(0, NOBODY));
  assert.equal((await fresh.event("changed")).id, "1", "a new client has nothing to forget");
  await fresh.cancel();
  await reader.cancel();
});

Deno.test("entries that a restarted front gets late reach a stream without further news", async () => {
  const journal = new LostJournal(() => 0);
  const limits = { settleMs: 1, lookMs: 5 };
  const streams = new EventStreams({ journal, fingerprint: () => Promise.resolve("") }, limits);
  journal.refill(1);
  const reader = new Reader(streams.response(0, NOBODY));
  assert.equal((await reader.event("changed")).id, "1");
  const came: (string | undefined)[] = [];
  const next = reader.event("changed").then(({ id }) => came.push(id), () => {});
  // The stream waits for news now.
  await new Promise((resolve) => setTimeout(resolve, 20));
  journal.refill(2);
  const startMs = performance.now();
  while (came.length === 0 && performance.now() - startMs < 2000) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.deepEqual(came, ["2"]);
  streams.close();
  await next;
});

Deno.test("a client that does not read costs one chunk and is dropped", async () => {
  const { journal, streams } = setUp(0, { stallMs: 30, maxEntries: 10, heartbeatMs: 10 });
  const response = streams.response(0, NOBODY);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.read();
  for (let i = 0; i < 5000; i++) journal.record("info", "check_changed", "x".repeat(1000));
  const startMs = performance.now();
  while (streams.open > 0) {
    assert.ok(performance.now() - startMs < 2000, "the client was not dropped");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  let octets = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    octets += next.value.length;
  }
  assert.ok(octets < 20_000, `${octets} octets were kept for it`);
});

Deno.test("there is a limit to the number of streams, and a place becomes free again", async () => {
  const { streams } = setUp(0, { maxStreams: { none: 2, read: 2, change: 2 } });
  const first = new Reader(streams.response(0, NOBODY));
  const second = new Reader(streams.response(0, NOBODY));
  assert.throws(() => streams.response(0, NOBODY), { code: "too_many_streams" });
  await first.cancel();
  await new Reader(streams.response(0, NOBODY)).cancel();
  await second.cancel();
});

Deno.test("streams of those without a token leave places for other shares and for tokens", async () => {
  const { streams } = setUp();
  const readers: Reader[] = [];
  const openAll = (client: StreamClient): number => {
    const before = readers.length;
    while (true) {
      try {
        readers.push(new Reader(streams.response(0, client)));
      } catch (error) {
        assert.equal((error as { code?: string }).code, "too_many_streams");
        return readers.length - before;
      }
    }
  };
  const opened = [
    openAll(NOBODY),
    openAll({ right: "none", share: "the unix socket" }),
    openAll({ right: "none", share: "192.168.31.99" }),
    openAll({ right: "read", share: "this machine" }),
    openAll({ right: "change", share: "this machine" }),
  ];
  assert.deepEqual(opened, [16, 8, 0, 4, 4]);
  await Promise.all(readers.map((reader) => reader.cancel()));
  for (let count = 0; count < 10; count++) {
    readers.push(new Reader(streams.response(0, { right: "read", share: "this machine" })));
  }
  assert.equal(openAll(NOBODY), 14, "streams with a token take nothing of a share");
  assert.equal(openAll({ right: "change", share: "this machine" }), 8);
  streams.close();
});

Deno.test("close ends every stream", async () => {
  const { streams } = setUp(1);
  const reader = new Reader(streams.response(0, NOBODY));
  await reader.event();
  streams.close();
  while (await reader.block() !== null);
  assert.equal(streams.open, 0);
});

Deno.test("the call answers JSON or a stream, as it is asked", async (t) => {
  const backend = new FakeBackend();
  for (let i = 1; i <= 3; i++) backend.journal.record("info", "check_changed", `entry ${i}`);
  const app = createApi({ backend, judge: judgeOf(TOKEN) });
  const ask = (headers: Record<string, string>, query = "", method = "GET") =>
    app.request(`http://127.0.0.1:9112/v1/events${query}`, { method, headers }, LOOPBACK);
  await t.step("JSON unless a stream is wanted", async () => {
    const response = await ask({ accept: "application/json, */*" });
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal((await response.json()).length, 3);
  });
  await t.step("Last-Event-ID goes before the query", async () => {
    const headers = { accept: "text/event-stream", "last-event-id": "2" };
    const reader = new Reader(await ask(headers, "?since=1"));
    assert.equal((await reader.event()).id, "3");
    await reader.cancel();
  });
  await t.step("a Last-Event-ID that is no id is refused, and replays nothing", async () => {
    const headers = { accept: "text/event-stream", "last-event-id": "yesterday" };
    const response = await ask(headers, "?since=1");
    assert.equal(response.status, 400);
    assert.equal((await response.json()).code, "query_invalid");
  });
  await t.step("HEAD opens no stream", async () => {
    for (let i = 0; i < 40; i++) {
      const response = await ask({ accept: "text/event-stream" }, "", "HEAD");
      assert.equal(response.status, 200);
      assert.equal(await response.text(), "");
    }
  });
  await t.step(
    "both say that an id is of another journal, and give all that there is",
    async () => {
      for (const [since, newest] of [["3", null], ["4", "3"]] as const) {
        const json = await ask({}, `?since=${since}`);
        assert.equal(json.headers.get("vipd-journal-reset"), newest);
        assert.equal((await json.json()).length, newest === null ? 0 : 3);
        const streamed = await ask({ accept: "text/event-stream", "last-event-id": since });
        assert.equal(streamed.headers.get("vipd-journal-reset"), newest);
        const reader = new Reader(streamed);
        assert.equal((await reader.event()).event, newest === null ? "changed" : "reset");
        await reader.cancel();
        const head = await ask({}, `?since=${since}`, "HEAD");
        assert.equal(head.headers.get("vipd-journal-reset"), newest);
      }
    },
  );
  await t.step("a wrong query is refused in both", async () => {
    const response = await ask({ accept: "text/event-stream" }, "?since=x");
    assert.equal((await response.json()).code, "query_invalid");
  });
});

Deno.test("over TCP a client that never reads delays nobody, and closing does not wait for it", async () => {
  const backend = new FakeBackend();
  const closing = new AbortController();
  const app = createApi({ backend, judge: judgeOf(TOKEN), closing: closing.signal });
  const server = await serveApi([{ kind: "tcp", host: "127.0.0.1", port: 0 }], app);
  const address = server.addresses[0]!;
  assert.ok(address.kind === "tcp");
  const base = `http://127.0.0.1:${address.port}`;
  const deaf = await Deno.connect({ hostname: "127.0.0.1", port: address.port });
  const request = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
  await deaf.write(new TextEncoder().encode(request));
  const reader = new Reader(
    await fetch(`${base}/v1/events`, { headers: { accept: "text/event-stream" } }),
  );
  for (let i = 0; i < 20; i++) {
    for (let j = 0; j < 100; j++) backend.journal.record("info", "check_changed", "x".repeat(2000));
    const status = await fetch(`${base}/v1/status`);
    await status.body?.cancel();
    for (let j = 0; j < 100; j++) {
      const { id } = await reader.event("changed");
      assert.equal(id, String(i * 100 + j + 1));
    }
  }
  closing.abort();
  // The streams end by themselves, before the server closes its connections.
  while (await reader.block() !== null);
  deaf.close();
  await server.close();
});

Deno.test("nobody's streams keep out no operator who follows the events", async () => {
  const backend = new FakeBackend();
  backend.journal.record("info", "check_changed", "an entry");
  const closing = new AbortController();
  const app = createApi({ backend, judge: judgeOf(TOKEN), closing: closing.signal });
  const folder = await Deno.makeTempDir();
  const path = `${folder}/api.sock`;
  let user: UnixUser = { uid: 1000, isOwner: false };
  const server = await serveApi(
    [{ kind: "tcp", host: "127.0.0.1", port: 0 }, {
      kind: "unix",
      path,
    }],
    app,
    { unixUser: () => user },
  );
  const [tcp] = server.addresses;
  assert.ok(tcp?.kind === "tcp");
  const url = `http://127.0.0.1:${tcp.port}`;
  const nobodys: Response[] = [];
  const headers = { accept: "text/event-stream" };
  for (let count = 0; count < 40; count++) {
    nobodys.push(await fetch(`${url}/v1/events`, { headers }));
  }
  assert.deepEqual(new Set(nobodys.map(({ status }) => status)), new Set([200, 503]));
  const first = async (target: ApiTarget, readToken?: () => Promise<string>) => {
    for await (const entry of new ApiClient(target, readToken && { readToken }).follow()) {
      return entry.message;
    }
  };
  const refused = { name: "DaemonRefusedError", code: "too_many_streams" };
  await assert.rejects(first({ kind: "http", url }), refused);
  const unreadable = () => Promise.reject(new Error("no permission"));
  await assert.rejects(first({ kind: "http", url }, unreadable), refused);
  assert.equal(await first({ kind: "unix", path }), "an entry");
  const others: Response[] = [];
  const http = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  for (let count = 0; count < 40; count++) {
    others.push(await fetch("http://localhost/v1/events", { headers, client: http }));
  }
  await assert.rejects(first({ kind: "unix", path }), refused);
  user = { uid: 0, isOwner: true };
  assert.equal(await first({ kind: "unix", path }), "an entry", "root needs no token");
  await Promise.all(others.map(({ body }) => body?.cancel()));
  http.close();
  assert.equal(await first({ kind: "http", url }, () => Promise.resolve(TOKEN)), "an entry");
  closing.abort();
  await Promise.all(nobodys.map(({ body }) => body?.cancel()));
  await server.close();
  await Deno.remove(folder, { recursive: true });
});
