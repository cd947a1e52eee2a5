import assert from "node:assert/strict";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { EmailNotifyConfig } from "../../../src/config/notify_model.ts";
import { emailTarget, subjectOf } from "../../../src/front/notify/email.ts";
import { event } from "../../notify/support.ts";

const ALIVE = new AbortController().signal;
const TLS = new URL("tls/", import.meta.url);

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** A mail server on loopback that keeps what it gets. */
async function mailServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, session, done) {
      const parts: Uint8Array[] = [];
      stream.on("data", (part: Uint8Array) => parts.push(part));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          text: parts.map((part) => new TextDecoder().decode(part)).join(""),
          secure: session.secure,
          user: session.user as string | undefined,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.server.address() as { port: number };
  return {
    mails,
    port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function target(port: number, changes: Partial<EmailNotifyConfig> = {}) {
  return emailTarget(
    {
      name: "mail",
      type: "email",
      on: ["master"],
      to: ["ops@example.org", "Night <night@example.org>"],
      from: "vipd@lb01",
      host: "127.0.0.1",
      port,
      security: "none",
      connectTimeoutMs: 2000,
      retryForMs: 1000,
      ...changes,
    },
    "lb01",
    { readFile: Deno.readTextFile },
  );
}

Deno.test("a mail names the node, the instance and its state, and all that happened", async () => {
  await using server = await mailServer();
  const events = [event(1, "backup"), event(2, "fault", "VI_2"), event(3)];
  assert.deepEqual(await target(server.port).deliver(events, ALIVE), { ok: true });
  const [{ from, to, text }] = server.mails as [Mail];
  assert.equal(from, "vipd@lb01");
  assert.deepEqual(to, ["ops@example.org", "night@example.org"]);
  assert.match(
    text,
    /^Subject: \[lb01\] VRRP Instance VI_1 - Entering MASTER state \(and 2\r?\n? more\)/m,
  );
  assert.match(text, /^Auto-Submitted: auto-generated/m);
  const positions = ["VI_1 - Entering BACKUP", "VI_2 - Entering FAULT", "VI_1 - Entering MASTER"]
    .map((line) => text.lastIndexOf(line));
  assert.ok(positions[0]! > 0 && positions[0]! < positions[1]! && positions[1]! < positions[2]!);
});

Deno.test("a subject is one line, whatever a message holds", () => {
  const alarm = event(1, "alarm");
  const entry = { ...alarm.entry, message: "VI_1: split_brain_advert: two\r\nBcc: x@example.org" };
  assert.equal(subjectOf([{ ...alarm, entry }], "lb01").includes("Bcc"), false);
});

Deno.test("what a server refuses for good is not tried again, all else is", async (t) => {
  await t.step("550", async () => {
    await using server = await mailServer({
      onRcptTo: (_, __, done) =>
        done(Object.assign(new Error("no such user"), { responseCode: 550 })),
    });
    const delivery = await target(server.port).deliver([event(1)], ALIVE);
    assert.ok(!delivery.ok && !delivery.retry, JSON.stringify(delivery));
    assert.match(delivery.why, /550.*no such user/);
  });
  await t.step("451", async () => {
    await using server = await mailServer({
      onMailFrom: (_, __, done) => done(Object.assign(new Error("later"), { responseCode: 451 })),
    });
    const delivery = await target(server.port).deliver([event(1)], ALIVE);
    assert.ok(!delivery.ok && delivery.retry, JSON.stringify(delivery));
  });
  await t.step("nobody listens", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const delivery = await target(port).deliver([event(1)], ALIVE);
    assert.ok(!delivery.ok && delivery.retry);
    assert.match(delivery.why, /ECONNREFUSED/);
  });
  await t.step("a server that never greets", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const open: Deno.Conn[] = [];
    const accepting = (async () => {
      for await (const connection of listener) open.push(connection);
    })();
    const startedMs = performance.now();
    const mute = target(listener.addr.port, { connectTimeoutMs: 200 });
    const delivery = await mute.deliver([event(1)], ALIVE);
    assert.ok(!delivery.ok && delivery.retry);
    assert.ok(performance.now() - startedMs < 2000);

    const stop = new AbortController();
    const slow = target(listener.addr.port, { connectTimeoutMs: 60_000 });
    setTimeout(() => stop.abort(), 50);
    assert.equal((await slow.deliver([event(1)], stop.signal)).ok, false, "ended by the stop");
    listener.close();
    await accepting;
    for (const connection of open) connection.close();
  });
});

Deno.test("mail is encrypted and logged in where that is asked for", async (t) => {
  const [key, cert] = await Promise.all(
    ["key.pem", "certificate.pem"].map((name) => Deno.readTextFile(new URL(name, TLS))),
  );
  const passwordFile = await Deno.makeTempFile();
  await Deno.writeTextFile(passwordFile, "s3cr3t\n");
  const secured: SMTPServerOptions = {
    key: key!,
    cert: cert!,
    disabledCommands: [],
    authOptional: false,
    onAuth: ({ username, password }, _, done) =>
      password === "s3cr3t"
        ? done(null, { user: username })
        : done(Object.assign(new Error("wrong password"), { responseCode: 535 })),
  };
  const login = { username: "vipd", passwordFile };
  const caFile = new URL("authority.pem", TLS).pathname;
  // A name with two addresses, on only one of which the server listens.
  const host = "localhost";
  for (const security of ["starttls", "tls"] as const) {
    await t.step(security, async () => {
      await using server = await mailServer({ ...secured, secure: security === "tls" });
      const good = target(server.port, { security, login, caFile, host });
      assert.deepEqual(await good.deliver([event(1)], ALIVE), { ok: true });
      assert.deepEqual(server.mails.map(({ secure, user }) => [secure, user]), [[true, "vipd"]]);
      const unknown = await target(server.port, { security, login, host }).deliver(
        [event(1)],
        ALIVE,
      );
      assert.ok(!unknown.ok, "a certificate that nobody trusts");
      await Deno.writeTextFile(passwordFile, "wrong");
      const refused = await good.deliver([event(1)], ALIVE);
      await Deno.writeTextFile(passwordFile, "s3cr3t\n");
      assert.ok(!refused.ok);
      assert.ok(!refused.why.includes("wrong\n") && !refused.why.includes("s3cr3t"));
      assert.equal(server.mails.length, 1);
    });
  }
  await t.step("a server without STARTTLS gets nothing", async () => {
    await using server = await mailServer();
    const delivery = await target(server.port, { security: "starttls", host }).deliver(
      [event(1)],
      ALIVE,
    );
    assert.equal(delivery.ok, false);
    assert.equal(server.mails.length, 0);
  });
  await Deno.remove(passwordFile);
});
