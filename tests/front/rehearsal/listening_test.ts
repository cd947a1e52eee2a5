/** Listening sockets, as proc_net_tcp(5) has them. */

import assert from "node:assert/strict";
import { listeningSockets, readSockets } from "../../../src/front/rehearsal/listening.ts";
import { machineFiles } from "./proc_files.ts";

Deno.test("listening sockets of both families are read, and others are not", () => {
  const head = "  sl  local_address rem_address   st tx_queue rx_queue\n";
  const rest = "00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n";
  assert.deepEqual(
    readSockets(
      `${head}   0: 051FA8C0:01BB 00000000:0000 0A ${rest}   1: 0100007F:0050 0200007F:1234 01 ${rest}`,
    ),
    ["192.168.31.5 443"],
  );
  const v6 = "B80D0120000000000000000005000000:0050 00000000000000000000000000000000:0000 0A";
  assert.deepEqual(readSockets(`${head}   0: ${v6} ${rest}`), ["2001:db8::5 80"]);
});

Deno.test("a listener of this machine is seen while it is there", () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const key = `127.0.0.1 ${(listener.addr as Deno.NetAddr).port}`;
  assert.equal(listeningSockets(machineFiles)!.has(key), true);
  listener.close();
  assert.equal(listeningSockets(machineFiles)!.has(key), false);
});
