import assert from "node:assert/strict";
import { KEPT_MS, Names } from "../../src/runtime/names.ts";
import { THREAD_SHARES, ThreadPool } from "../../src/runtime/thread_pool.ts";

const NEVER = new AbortController().signal;

/** Names with one thread, whose look-ups are answered by the test, and a clock. */
class Fixture {
  readonly asked: string[] = [];
  readonly #answers = new Map<string, PromiseWithResolvers<readonly string[]>>();
  nowMs = 0;
  readonly names = new Names(
    new ThreadPool({ ...THREAD_SHARES, name: 1 }),
    (name) => {
      this.asked.push(name);
      const answer = Promise.withResolvers<readonly string[]>();
      this.#answers.set(name, answer);
      return answer.promise;
    },
    () => this.nowMs,
  );

  async answer(name: string, ...addresses: string[]): Promise<void> {
    this.#answers.get(name)!.resolve(addresses);
    await settled();
  }

  async unknown(name: string): Promise<void> {
    this.#answers.get(name)!.reject(new Error("ENOTFOUND"));
    await settled();
  }

  /** A name that has been found. */
  async found(name: string, address: string): Promise<void> {
    const addresses = this.names.addresses(name, NEVER);
    await this.answer(name, address);
    await addresses;
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("an address is its own, localhost is both loopback addresses, and neither is looked up", async () => {
  const { names, asked } = new Fixture();
  assert.deepEqual(await names.addresses("192.0.2.1", NEVER), ["192.0.2.1"]);
  assert.deepEqual(await names.addresses("2001:db8::1", NEVER), ["2001:db8::1"]);
  assert.deepEqual(await names.addresses("localhost", NEVER), ["127.0.0.1", "::1"]);
  assert.deepEqual(asked, []);
});

Deno.test("all that ask for a name meanwhile share one look-up; the next asks again", async () => {
  const fixture = new Fixture();
  const { names, asked } = fixture;
  const both = [names.addresses("web", NEVER), names.addresses("web", NEVER)];
  await fixture.answer("web", "192.0.2.1", "192.0.2.2");
  for (const addresses of await Promise.all(both)) {
    assert.deepEqual(addresses, ["192.0.2.1", "192.0.2.2"]);
  }
  const next = names.addresses("web", NEVER);
  await fixture.answer("web", "192.0.2.3");
  assert.deepEqual(await next, ["192.0.2.3"]);
  assert.deepEqual(asked, ["web", "web"]);
});

Deno.test("a name that the system does not know is an error, for all that share the look-up", async () => {
  const fixture = new Fixture();
  const both = [1, 2].map(() =>
    assert.rejects(fixture.names.addresses("web", NEVER), { message: "cannot resolve web" })
  );
  await fixture.unknown("web");
  await Promise.all(both);
});

Deno.test("a silent look-up is given up at once when the signal aborts, and shared by the next that asks", async () => {
  const fixture = new Fixture();
  const { names, asked } = fixture;
  const patience = new AbortController();
  const given = assert.rejects(names.addresses("web", patience.signal), /enough/);
  patience.abort(new Error("enough"));
  await given;
  const next = names.addresses("web", NEVER);
  assert.deepEqual(asked, ["web"], "it is still under way");
  await fixture.answer("web", "192.0.2.1");
  assert.deepEqual(await next, ["192.0.2.1"]);
});

Deno.test("a name that waits behind a silent one has the addresses that it had last, for a minute", async () => {
  const fixture = new Fixture();
  const { names, asked } = fixture;
  await fixture.found("web", "192.0.2.1");
  const silent = names.addresses("silent", NEVER);
  fixture.nowMs = KEPT_MS;
  assert.deepEqual(await names.addresses("web", NEVER), ["192.0.2.1"]);
  fixture.nowMs = KEPT_MS + 1;
  const late = names.addresses("web", NEVER);
  await fixture.answer("silent", "192.0.2.9");
  await silent;
  assert.deepEqual(asked, ["web", "silent", "web"], "its look-up has waited for the thread");
  await fixture.answer("web", "192.0.2.2");
  assert.deepEqual(await late, ["192.0.2.2"]);
});

Deno.test("the silent name itself has no addresses, nor has one that the system no longer knows", async () => {
  const fixture = new Fixture();
  const { names } = fixture;
  await fixture.found("web", "192.0.2.1");
  const patience = new AbortController();
  const silent = assert.rejects(names.addresses("web", patience.signal), /enough/);
  patience.abort(new Error("enough"));
  await silent;
  await fixture.unknown("web");
  const other = names.addresses("other", NEVER);
  const unknown = assert.rejects(names.addresses("web", NEVER), /cannot resolve web/);
  await fixture.answer("other", "192.0.2.2");
  await other;
  await fixture.unknown("web");
  await unknown;
});
