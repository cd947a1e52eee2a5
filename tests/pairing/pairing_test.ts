import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { derOf, makeAuthority, makeSessionCertificate } from "../../src/pairing/certificates.ts";
import { Done, PairChannel, PairingEnded, Sealed } from "../../src/pairing/channel.ts";
import { FirstNode, SESSION_NAME } from "../../src/pairing/first_node.ts";
import { type Offer, openOffer, sealOffer } from "../../src/pairing/offer.ts";
import { formatPairLine, type PairLine, readPairLine } from "../../src/pairing/pair_line.ts";
import { reachFirstNode } from "../../src/pairing/second_node.ts";

const OFFER: Offer = {
  node: "lb02",
  url: "https://192.168.31.12:9112",
  ca: makeAuthority("lb02").cert,
  read_token: "correct-horse-battery-staple",
  time: Date.now(),
};
const LIMIT_MS = 60_000;

function lineOf(first: FirstNode): PairLine {
  const line = readPairLine(first.line);
  assert.ok(typeof line !== "string");
  return line;
}

/** Comes with a line and waits for the answer. */
async function come(line: PairLine): Promise<string> {
  const { channel } = await reachFirstNode(line);
  using _channel = channel;
  await channel.send(sealOffer(OFFER, "second", line));
  return await channel.receive(Sealed, LIMIT_MS).then(() => "welcome", (error) => error.message);
}

const open = () => FirstNode.open({ host: "127.0.0.1", port: 0, limitMs: LIMIT_MS });

Deno.test("the node that has the line is let in, and says to whom it speaks", async () => {
  using first = open();
  const line = lineOf(first);
  const { channel, localAddress } = await reachFirstNode(line);
  using _channel = channel;
  assert.equal(localAddress, "127.0.0.1");
  await channel.send(sealOffer(OFFER, "second", line));
  const guest = await first.guest();
  using _guest = guest.channel;
  assert.deepEqual([guest.offer, guest.address], [OFFER, "127.0.0.1"]);
  await guest.channel.send(sealOffer({ ...OFFER, node: "lb01" }, "first", first.seal));
  const sealed = await channel.receive(Sealed, LIMIT_MS);
  assert.equal(openOffer(sealed, "first", line)?.node, "lb01");
});

Deno.test("of two nodes that come at once with one line, one is let in", async () => {
  using first = open();
  const line = lineOf(first);
  const welcomed = first.guest().then(async ({ channel }) => {
    await channel.send(sealOffer(OFFER, "first", first.seal));
    return channel;
  });
  const answers = await Promise.all([come(line), come(line), come(line)]);
  using _channel = await welcomed;
  const [used, others] = [answers.filter((it) => /used already/.test(it)), answers.length - 1];
  assert.equal(used.length, others, answers.join("\n"));
  assert.match(await come(line), /used already/, "nor is it good later");
});

Deno.test("three wrong secrets end the pairing, and it says from where they came", async () => {
  using first = open();
  const line = { ...lineOf(first), secret: new Uint8Array(16) };
  const ended = assert.rejects(first.guest(), (error) => {
    assert.ok(error instanceof PairingEnded);
    assert.match(error.message, /wrong 3 times, from 127\.0\.0\.1:\d+, 127/);
    return true;
  });
  for (let count = 0; count < 3; count++) assert.match(await come(line), /secret of the line/);
  await ended;
  await assert.rejects(reachFirstNode(line), /nobody listens/);
});

Deno.test("a line that nobody uses ends", async () => {
  using first = FirstNode.open({ host: "127.0.0.1", port: 0, limitMs: 20 });
  await assert.rejects(first.guest(), /nobody used the line/);
});

/** Listens at the address of the line, with another certificate, and keeps what it is sent. */
function listenBetween(answer: (conn: Deno.TlsConn) => Promise<void>) {
  const { cert, key } = makeSessionCertificate(SESSION_NAME);
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const serving = (async () => {
    for await (const conn of listener) {
      await answer(conn).catch(() => {});
      try {
        conn.close();
      } catch {
        // The client has.
      }
    }
  })().catch(() => {});
  return {
    cert,
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

Deno.test("a man in the middle is found out before anything is sent", async () => {
  using first = open();
  const heard: string[] = [];
  await using between = listenBetween(async (conn) => {
    const buffer = new Uint8Array(1024);
    const count = await conn.read(buffer);
    if (count) heard.push(new TextDecoder().decode(buffer.subarray(0, count)));
  });
  const line = { ...lineOf(first), port: between.port };
  await assert.rejects(reachFirstNode(line), /not the node that printed the line/);
  assert.deepEqual(heard, []);
});

Deno.test("who shows the right certificate without its key gets no connection", async () => {
  // It hands the first connection through, and answers the second one itself.
  using first = open();
  const { port } = lineOf(first);
  const { key, cert } = makeSessionCertificate(SESSION_NAME);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const own = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const heard: (number | null)[] = [];
  const forward = async (to: number) => {
    const conn = await listener.accept();
    const target = await Deno.connect({ hostname: "127.0.0.1", port: to });
    await Promise.allSettled([
      conn.readable.pipeTo(target.writable),
      target.readable.pipeTo(conn.writable),
    ]);
  };
  const relaying = forward(port).then(() => forward(own.addr.port));
  const accepting = own.accept().then(async (conn) => {
    heard.push(await conn.read(new Uint8Array(10)).catch(() => null));
    conn.close();
  });
  const line = { ...lineOf(first), port: (listener.addr as Deno.NetAddr).port };
  await assert.rejects(reachFirstNode(line), PairingEnded);
  await Promise.allSettled([relaying, accepting]);
  assert.deepEqual(heard, [null]);
  listener.close();
  own.close();
});

Deno.test("one who has the certificate and its key, but not the secret, gets no token read", async () => {
  const { cert, key } = makeSessionCertificate(SESSION_NAME);
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const fingerprint = new Uint8Array(createHash("sha256").update(derOf(cert)).digest());
  const line = readPairLine(formatPairLine({
    ...{ host: "127.0.0.1", port: listener.addr.port, fingerprint },
    secret: new Uint8Array(16).fill(9),
  }));
  assert.ok(typeof line !== "string");
  const serving = (async () => {
    (await listener.accept()).close();
    const conn = await listener.accept();
    using channel = new PairChannel(conn, "lb02");
    const sealed = await channel.receive(Sealed, LIMIT_MS);
    // It sees the offer, because it is the end of the TLS, but cannot answer for the other node.
    await channel.send({ ...sealed });
    await channel.receive(Done, LIMIT_MS).catch(() => {});
  })();
  const { channel } = await reachFirstNode(line);
  using _channel = channel;
  await channel.send(sealOffer(OFFER, "second", line));
  assert.equal(openOffer(await channel.receive(Sealed, LIMIT_MS), "first", line), null);
  channel[Symbol.dispose]();
  await serving;
  listener.close();
});

Deno.test("what is no message of a pairing ends it: too long, another language, nothing", async () => {
  for (
    const [text, reason] of [
      ["x".repeat(300_000), /sends too much/],
      ["GET / HTTP/1.1\r\n\r\n", /does not speak/],
      ['{"ended":"no"}\n', /lb02: no/],
      ["", /has ended/],
    ] as const
  ) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const sending = (async () => {
      const conn = await listener.accept();
      await new Blob([text]).stream().pipeTo(conn.writable).catch(() => {});
    })();
    using channel = new PairChannel(
      await Deno.connect({ hostname: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port }),
      "lb02",
    );
    await assert.rejects(channel.receive(Done, LIMIT_MS), reason);
    channel[Symbol.dispose]();
    await sending;
    listener.close();
  }
});

Deno.test("an end that fails says why to the other one, in one short line that can be printed", async () => {
  const long = "x".repeat(5000);
  const cases = [
    [
      "nothing is written: Read-only file system",
      "lb02: nothing is written: Read-only file system",
    ],
    ["not valid:\n  line 1\n\u001b[2J", "lb02: not valid:; line 1; \ufffd[2J"],
    [long, `lb02: ${long.slice(0, 2000)}`],
  ] as const;
  for (const [why, heard] of cases) {
    using first = open();
    const line = lineOf(first);
    const { channel } = await reachFirstNode(line);
    using _channel = channel;
    await channel.send(sealOffer({ ...OFFER, node: "lb02" }, "second", line));
    const guest = await first.guest();
    using _guest = guest.channel;
    const listening = assert.rejects(guest.channel.receive(Sealed, LIMIT_MS), (error) => {
      assert.ok(error instanceof PairingEnded);
      assert.equal(error.message, heard);
      return true;
    });
    const failing = channel.during(() => Promise.reject(new Error(why)));
    await assert.rejects(failing, { message: why });
    await listening;
  }
});
