import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ConnectionShutdown } from "../../../src/linux/sys/connection_shutdown.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { certificate } from "../../front/certificates.ts";

const shutdowns = new ConnectionShutdown(Libc.open());
const MUCH = new Uint8Array(1024 * 1024);

interface Pair {
  readonly server: Deno.Conn;
  readonly client: Deno.Conn;
}

/** Both ends of a new connection of this listener. */
async function pairOf(
  listener: Deno.Listener,
  connect: () => Promise<Deno.Conn>,
): Promise<Pair> {
  const [server, client] = await Promise.all([listener.accept(), connect()]);
  return { server, client };
}

function tcpPair(listener: Deno.TcpListener | Deno.TlsListener): Promise<Pair> {
  const { hostname, port } = listener.addr;
  return pairOf(listener, () => Deno.connect({ hostname, port }));
}

/** What `promise` comes to within 200 ms. */
function soon<T>(promise: Promise<T>): Promise<T | "pending"> {
  const { promise: late, resolve } = Promise.withResolvers<"pending">();
  const timer = setTimeout(() => resolve("pending"), 200);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A write for which there is no room: what the kernel takes is written before. */
async function pendingWrite(conn: Deno.Conn): Promise<{ outcome: Promise<string> }> {
  while (true) {
    const outcome = conn.write(MUCH).then(() => "written", () => "broken");
    if (await soon(outcome) === "pending") return { outcome };
  }
}

/** Whether the client's end is over: an end of file, or a reset. */
async function isOver(client: Deno.Conn): Promise<boolean> {
  const buffer = new Uint8Array(65536);
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), 2000);
  const read = async () => {
    while (await client.read(buffer) !== null);
    return true;
  };
  try {
    return await Promise.race([read().catch(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

for (const hostname of ["127.0.0.1", "::1"]) {
  Deno.test(`a connection on ${hostname} ends at once although its client does not read`, async () => {
    using listener = Deno.listen({ hostname, port: 0 });
    const { server, client } = await tcpPair(listener);
    const other = await tcpPair(listener);
    const { outcome } = await pendingWrite(server);
    strictEqual(shutdowns.shutdown(server), true);
    server.close();
    // Before the client reads, which would let it go on.
    strictEqual(await soon(outcome), "broken");
    ok(await isOver(client));
    // Nobody else was meant.
    await other.server.write(Uint8Array.of(42));
    const octet = new Uint8Array(1);
    await other.client.read(octet);
    strictEqual(octet[0], 42);
    for (const conn of [client, other.server, other.client]) conn.close();
  });
}

Deno.test("a TLS handshake that its client does not go on with ends at once", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const tls = await certificate(folder, "server");
    using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...tls });
    const { server, client } = await tcpPair(listener);
    // The beginning of a record that never ends.
    await client.write(Uint8Array.of(22, 3, 1, 2, 0, 1));
    const outcome = (server as Deno.TlsConn).handshake().then(() => "done", () => "broken");
    strictEqual(shutdowns.shutdown(server), true);
    server.close();
    strictEqual(await outcome, "broken");
    ok(await isOver(client));
    client.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an IPv4 client of an IPv6 listener is found", async () => {
  using listener = Deno.listen({ hostname: "::", port: 0 });
  const { port } = listener.addr;
  const { server, client } = await pairOf(
    listener,
    () => Deno.connect({ hostname: "127.0.0.1", port }),
  );
  strictEqual(shutdowns.shutdown(server), true);
  ok(await isOver(client));
  server.close();
  client.close();
});

Deno.test("the right one of many is found, whatever descriptors the others had", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let pairs: Pair[] = [];
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 20; count++) pairs.push(await tcpPair(listener));
    // Every other one, so that the next round is given their descriptors.
    for (const { server, client } of pairs.filter((_, at) => at % 2 === 0)) {
      strictEqual(shutdowns.shutdown(server), true);
      ok(await isOver(client));
      server.close();
      client.close();
    }
    pairs = pairs.filter((_, at) => at % 2 === 1);
    for (const { server, client } of pairs) {
      await server.write(Uint8Array.of(round));
      const octet = new Uint8Array(1);
      await client.read(octet);
      strictEqual(octet[0], round);
    }
  }
  for (const { server, client } of pairs) {
    server.close();
    client.close();
  }
});

Deno.test("a connection that is closed already, and one without addresses, are none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/socket`;
    using unix = Deno.listen({ transport: "unix", path });
    using tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const ofUnix = await pairOf(unix, () => Deno.connect({ transport: "unix", path }));
    const ofTcp = await tcpPair(tcp);
    const outcomes = [shutdowns.shutdown(ofUnix.server)];
    ofTcp.server.close();
    outcomes.push(shutdowns.shutdown(ofTcp.server));
    deepStrictEqual(outcomes, [false, false]);
    for (const conn of [ofUnix.server, ofUnix.client, ofTcp.client]) conn.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
