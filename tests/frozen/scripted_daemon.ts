/**
 * A daemon that answers what it was given, for commands that ask one; it writes down what it was asked.
 *
 * @module
 */

/** `text` is the body as it is sent. */
export type Reply = { readonly status: number; readonly type: string; readonly text: string };

/** Call, such as `GET /v1/status` -> what is answered. */
export type Replies = Readonly<Record<string, Reply>>;

/** A request as the data have it. */
export type HeardRequest = {
  readonly call: string;
  readonly authorization: string | null;
  readonly body: string;
};

export interface ScriptedDaemon {
  /** `http://127.0.0.1:PORT`. */
  readonly api: string;
  readonly heard: readonly HeardRequest[];
}

/** Runs a daemon on loopback during `act`; without replies nobody listens where it would be. */
export async function withScriptedDaemon<T>(
  replies: Replies | null,
  act: (daemon: ScriptedDaemon) => Promise<T>,
): Promise<T> {
  const heard: HeardRequest[] = [];
  const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(place, async (request) => {
    const { pathname, search } = new URL(request.url);
    const call = `${request.method} ${pathname}${search}`;
    const authorization = request.headers.get("authorization");
    heard.push({ call, authorization, body: await request.text() });
    const reply = replies?.[call] ?? { status: 404, type: "text/plain", text: "not vipd\n" };
    return new Response(reply.text, {
      status: reply.status,
      headers: { "content-type": reply.type },
    });
  });
  const api = `http://127.0.0.1:${server.addr.port}`;
  if (replies === null) await server.shutdown();
  try {
    return await act({ api, heard });
  } finally {
    await server.shutdown();
  }
}
