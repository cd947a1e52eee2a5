/**
 * What servers answer that want to keep their client busy; in a process of its own, see `hostile_servers.ts`.
 *
 * @module
 */

/** How one connection is served, after its request was read. */
export type Answer = (connection: Deno.Conn) => Promise<void>;

const BLOCK_OCTETS = 64 * 1024;

function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function write(connection: Deno.Conn, content: Uint8Array): Promise<void> {
  for (let at = 0; at < content.length;) at += await connection.write(content.subarray(at));
}

/** `head`, then `part` for ever, as fast as it is taken. */
function endless(head: string, part: string): Answer {
  const block = octets(part.repeat(Math.ceil(BLOCK_OCTETS / part.length)));
  return async (connection) => {
    await write(connection, octets(head));
    for (;;) await write(connection, block);
  };
}

/** `text` one octet at a time. */
function inOctets(text: string, pauseMs: number | null): Answer {
  return async (connection) => {
    for (const octet of octets(text)) {
      await write(connection, Uint8Array.of(octet));
      if (pauseMs !== null) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    // The end of a connection would be an answer.
    await new Promise(() => {});
  };
}

function whole(text: string): Answer {
  return (connection) => write(connection, octets(text));
}

/** `text`, then nothing. */
function thenSilence(text: string): Answer {
  return async (connection) => {
    await write(connection, octets(text));
    await new Promise(() => {});
  };
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

/** By name. */
export const ANSWERS = {
  interim: endless("", "HTTP/1.1 100\n\n"),
  interimFields: endless("", "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"),
  chunkExtensions: endless(`${CHUNKED}1;`, "x=y;"),
  tinyChunks: endless(CHUNKED, "1;\r\nx\r\n"),
  chunkSize: endless(CHUNKED, "1"),
  gigabyte: endless(`${OK}Content-Length: 1073741824\r\n\r\n`, "x"),
  endlessBody: endless(`${OK}\r\n`, "x"),
  redirect: whole("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
  fieldLines: endless(OK, "X: y\r\n"),
  fieldLine: endless(`${OK}X: `, "y"),
  statusLine: endless("HTTP/1.1 200 ", "y"),
  notHttp: endless("", "\0"),
  negativeLength: whole(`${OK}Content-Length: -1\r\n\r\n`),
  hugeLength: endless(`${OK}Content-Length: ${"9".repeat(400)}\r\n\r\n`, "x"),
  twoLengths: whole(`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`),
  cut: whole(`${OK}Content-Length: 10\r\n\r\nx`),
  slowHead: inOctets(`${OK}Content-Length: 0\r\n\r\n`, 1000),
  slowBody: inOctets(`${OK}\r\n${"x".repeat(1000)}`, 1000),
  octetByOctet: inOctets(`${OK}\r\n${"x".repeat(100_000)}`, null),
  badStatus: thenSilence("HTTP/1.1 503 Service Unavailable\r\n"),
  silence: thenSilence(""),
  /** 4 MiB of what a peer's status begins with at best. */
  nested: endless(`${OK}\r\n`, "["),
  emptyObjects: endless(`${OK}\r\n{"node":"a","version":"b","instances":[{}`, ",{}"),
} as const satisfies Readonly<Record<string, Answer>>;

export type AnswerName = keyof typeof ANSWERS;
