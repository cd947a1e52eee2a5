/**
 * Keeps many connections open and does as little as a client can on each. It reopens one that the server ends at once,
 * and one that fails after a second. On loopback each comes from another address of 127.0.0.0/8.
 *
 * Usage: `deno run --allow-all connections_process.ts MILLISECONDS KIND HOST PORT CONNECTIONS`, where KIND is a key of
 * `KINDS`.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { sleep } from "../wait.ts";
import { attackFor } from "./attacker.ts";
import { anyLoopback, LOOPBACK } from "./loopback.ts";

const AGAIN_MS = 1000;
/** How many connections are in progress at once; a listener's backlog has room for them. */
const AT_ONCE = 100;

const [duration, kind = "", host = "", port, count] = Deno.args;

/** A client's action once it is connected, and after that. */
const KINDS: Readonly<Record<string, (socket: Socket) => void>> = {
  idle: (socket) => {
    read(socket);
  },
  half_handshake: (socket) => {
    read(socket);
    // A record of the handshake protocol (RFC 8446 section 5.1) that announces 512 octets and contains 100.
    socket.write(Buffer.concat([Buffer.of(22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), Buffer.alloc(94)]));
  },
  half_head: (socket) => {
    read(socket);
    socket.write(`GET /v1/status HTTP/1.1\r\nHost: ${host}:${port}\r\nX-Half: `);
  },
  unread: (socket) => {
    const requests = `GET /openapi.json HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`.repeat(50);
    // Nothing ever reads the answers: the windows and buffers of both kernels fill up, then the server's own.
    const more = setInterval(() => {
      if (socket.writableLength < requests.length) socket.write(requests);
    }, 1000);
    socket.write(requests);
    // The first octets reach this process's own buffer, and stay there.
    socket.once("readable", () => {
      if (socket.readableLength > 0) counts.answered++;
    });
    socket.once("close", () => clearInterval(more));
  },
};

/** `answered`: connections on which the server has sent something; `ended`: those that it has ended. */
const counts = {
  ...{ tried: 0, connected: 0, open: 0, open_at_most: 0 },
  ...{ answered: 0, ended: 0, refused: 0 },
};
const occupy = KINDS[kind];
if (occupy === undefined) throw new RangeError(`There is no kind of connection "${kind}"`);
attackFor(Number(duration), counts);
let underWay = 0;
for (let each = 0; each < Number(count); each++) {
  while (underWay >= AT_ONCE) await sleep(1);
  void hold();
}

function read(socket: Socket): void {
  socket.once("data", () => counts.answered++);
  socket.resume();
}

async function hold(): Promise<never> {
  while (true) {
    counts.tried++;
    underWay++;
    const socket = connect({
      host,
      port: Number(port),
      ...(host === LOOPBACK && { localAddress: anyLoopback() }),
    });
    let connected = false;
    await new Promise<void>((resolve) => {
      socket.once("connect", () => {
        connected = true;
        underWay--;
        counts.connected++;
        counts.open++;
        counts.open_at_most = Math.max(counts.open_at_most, counts.open);
        occupy!(socket);
      });
      socket.once("error", () => {});
      socket.once("close", () => {
        if (connected) {
          counts.open--;
          counts.ended++;
        } else {
          underWay--;
          counts.refused++;
        }
        resolve();
      });
    });
    if (!connected) await sleep(AGAIN_MS);
  }
}
