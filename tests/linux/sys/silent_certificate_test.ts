/** A server that takes connections and never answers a TLS handshake, and a look at its certificate. */

import { strictEqual } from "node:assert/strict";
import { CertificateWatch } from "../../../src/health/probes/certificate.ts";
import { ConnectionShutdown } from "../../../src/linux/sys/connection_shutdown.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { delay, until } from "../namespace.ts";

Deno.test("a server that does not speak is given up after five seconds, and its connection with it", async () => {
  const libc = Libc.open();
  const connections = new ConnectionShutdown(libc);
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = silent.accept();
  const watch = new CertificateWatch(
    { kind: "tcp", host: "127.0.0.1", port: silent.addr.port, tls: { name: "a" } },
    1000,
    (connection) => void connections.shutdown(connection),
  );
  watch.refresh();
  const connection = await accepted;
  const buffer = new Uint8Array(4096);
  let ended = false;
  const read = async () => {
    while (!ended) ended = (await connection.read(buffer).catch(() => null)) === null;
  };
  void read();
  await until("the connection ends", () => ended, 10_000);
  // The test runner sees that no connection of ours stays open.
  await delay(1000);
  strictEqual(watch.endsMs, undefined);
  connection.close();
  silent.close();
  libc.close();
});
