/** Where the front listens: new places refuse other settings, those in force are in trouble and tried again. */

import assert from "node:assert/strict";
import type { ListenAddress } from "../../src/config/model.ts";
import { createApi } from "../../src/front/http/app.ts";
import { FrontListeners } from "../../src/front/listeners.ts";
import { ApiServer } from "../../src/front/server/server.ts";
import { type Certificate, certificate } from "./certificates.ts";
import { FakeBackend, TOKEN } from "./fake_backend.ts";
import { judgeOf } from "./fake_judge.ts";

type Place = Extract<ListenAddress, { kind: "tcp" }>;

const place = (port: number): Place => ({ kind: "tcp", host: "127.0.0.1", port });

/** A port that somebody else holds. */
function squatter(port = 0): { readonly place: Place } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  return { place: place(listener.addr.port), [Symbol.dispose]: () => listener.close() };
}

/** Ports that nobody holds. */
function freePlaces(): [Place, Place] {
  using first = squatter();
  using second = squatter();
  return [first.place, second.place];
}

class Rig implements AsyncDisposable {
  /** Where it listens, and why not everywhere. */
  readonly reports: { readonly ports: readonly number[]; readonly problem: string | null }[] = [];
  readonly listeners: FrontListeners;

  constructor() {
    const app = createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN) });
    this.listeners = new FrontListeners(new ApiServer(app), (addresses, problem) => {
      const ports = addresses.flatMap((address) => address.kind === "tcp" ? address.port : []);
      this.reports.push({ ports, problem });
    });
  }

  /** Puts addresses in force; returns why that is refused. */
  async take(...addresses: ListenAddress[]): Promise<string | null> {
    const refusal = await this.listeners.prepare(addresses);
    if (refusal === null) this.listeners.commit(addresses);
    return refusal;
  }

  /** The report of this number, from 1. */
  async report(count: number) {
    while (this.reports.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.reports[count - 1]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listeners.close();
  }
}

Deno.test("who holds a configured port keeps no other settings out, and it is had when it is free", async () => {
  await using rig = new Rig();
  const [first, second] = freePlaces();
  {
    using taken = squatter();
    await rig.take(first, taken.place);
    assert.deepEqual(rig.reports[0]!.ports, [first.port]);
    assert.match(rig.reports[0]!.problem!, /the port is in use/);
    assert.equal(await rig.take(taken.place, first), null);
    assert.equal(await rig.take(taken.place, first, second), null);
    const now = rig.reports.at(-1)!;
    assert.deepEqual(now.ports, [first.port, second.port]);
    assert.match(now.problem!, /the port is in use/);
    assert.equal(await rig.take(first, taken.place), null);
  }
  while (rig.reports.at(-1)!.problem !== null) await rig.report(rig.reports.length + 1);
  assert.equal(rig.reports.at(-1)!.ports.length, 2);
});

Deno.test("a new place that cannot be had refuses, and what was in force stays", async () => {
  await using rig = new Rig();
  const [first] = freePlaces();
  await rig.take(first);
  using taken = squatter();
  assert.match((await rig.take(first, taken.place))!, /the port is in use/);
  const { ports, problem } = await rig.report(rig.reports.length + 1);
  assert.deepEqual([ports, problem], [[first.port], null]);
});

Deno.test("trying a port again disturbs nobody at the other places", async () => {
  await using rig = new Rig();
  using taken = squatter();
  const [first] = freePlaces();
  await rig.take(taken.place, first);
  using client = await Deno.connect({ hostname: "127.0.0.1", port: first.port });
  await rig.report(2);
  await client.write(new TextEncoder().encode("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"));
  const octets = new Uint8Array(100);
  const length = await client.read(octets);
  assert.match(new TextDecoder().decode(octets.subarray(0, length ?? 0)), /^HTTP\/1.1 200/);
});

Deno.test("a certificate that does not serve is trouble where it is in force, and else refuses", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [one, other] = [await certificate(folder, "one"), await certificate(folder, "other")];
    const withTls = (tls: Certificate, to: Place) => ({ ...to, tls });
    const mixed: Certificate = { cert: one.cert, key: other.key };
    const [port, another] = freePlaces();
    await using rig = new Rig();
    await rig.take(withTls(mixed, port));
    assert.match(rig.reports[0]!.problem!, /certificate and key do not serve/);
    const missing = { ...port, tls: { problem: "api.tls.cert: it is gone" } };
    assert.match((await rig.take(missing))!, /^the API cannot listen on https:.*: api\.tls\.cert/);
    assert.equal(await rig.take(withTls(mixed, port), another), null);
    assert.equal(await rig.take(withTls(one, port)), null);
    assert.deepEqual(rig.reports.at(-1), { ports: [port.port], problem: null });
    assert.match((await rig.take(withTls(mixed, port)))!, /certificate and key do not serve/);
    const { ports, problem } = await rig.report(rig.reports.length + 1);
    assert.deepEqual([ports, problem], [[port.port], null]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a new certificate is no reason to refuse while somebody else holds the port", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [one, other] = [await certificate(folder, "one"), await certificate(folder, "other")];
    await using rig = new Rig();
    using taken = squatter();
    await rig.take({ ...taken.place, tls: one });
    assert.equal(await rig.take({ ...taken.place, tls: other }), null);
    assert.match(rig.reports.at(-1)!.problem!, /the port is in use/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a front without an engine gives its places up, and has them again with the next one", async () => {
  const server = new ApiServer(createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN) }));
  const listeners = new FrontListeners(server, () => {});
  const anywhere = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  assert.equal(await listeners.prepare([anywhere]), null);
  listeners.commit([anywhere]);
  const [open] = server.addresses;
  assert.ok(open?.kind === "tcp");
  const taken = { ...anywhere, port: open.port };
  listeners.release();
  const untilMs = performance.now() + 1000;
  // The kernel frees the place a moment after the listener is closed.
  do {
    assert.ok(performance.now() < untilMs, "the place is free");
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await listeners.prepare([taken]), null);
    listeners.commit([taken]);
  } while (server.addresses.length === 0);
  await listeners.close();
});

Deno.test("places that were open but not in force are given up, too", async () => {
  const server = new ApiServer(createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN) }));
  const listeners = new FrontListeners(server, () => {});
  assert.equal(await listeners.prepare([{ kind: "tcp", host: "127.0.0.1", port: 0 }]), null);
  listeners.release();
  await listeners.close();
  assert.deepEqual(server.addresses, []);
});
