/**
 * The API of a fake load balancer on a socket of its own, whose connections break as a test wants. It carries an order
 * out once for each id, as vipd does.
 */

import { join } from "node:path";
import { COMMAND_ID_HEADER } from "../../src/api/repeated_command.ts";
import { createApi } from "../../src/front/http/app.ts";
import type { NodeStatus } from "../../src/status/status.ts";
import { exampleStatus, FakeBackend, TOKEN } from "../front/fake_backend.ts";
import { judgeOf } from "../front/fake_judge.ts";

/** What becomes of a request: it is answered; answered so that nobody hears; never answered; not read. */
export type Fate = "answer" | "break after" | "hang" | "break before" | Response;

export class FakeFront implements AsyncDisposable {
  readonly backend = new FakeBackend();
  /** The ids of all orders that arrived, in order. */
  readonly ids: string[] = [];
  /** What each request showed, in order; `null` without a token. */
  readonly shown: (string | null)[] = [];
  readonly #ordered = Promise.withResolvers<void>();
  /** Resolves when the first order arrives. */
  readonly ordered = this.#ordered.promise;
  /** What becomes of the next orders; the ones after are answered. */
  readonly fates: Fate[] = [];
  /** The same of all other requests. */
  readFate: Fate = "answer";
  readonly path: string;
  readonly #answers = new Map<string, Promise<string>>();
  readonly #app;
  #listener: Deno.UnixListener | null = null;
  readonly #open = new Set<Deno.UnixConn>();

  constructor(folder: string, name = "api.sock") {
    this.path = join(folder, name);
    this.#app = createApi({
      backend: this.backend,
      judge: judgeOf(TOKEN),
    });
    this.start();
  }

  start(): void {
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
    void this.#accept(this.#listener);
  }

  /** Its socket goes with it, as when a process has ended and been cleaned up after. */
  async stop(): Promise<void> {
    this.#listener?.close();
    this.#listener = null;
    for (const connection of this.#open) connection.close();
    this.#open.clear();
    await Deno.remove(this.path).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #accept(listener: Deno.UnixListener): Promise<void> {
    for await (const connection of listener) {
      this.#open.add(connection);
      void this.#serve(connection).catch(() => {}).finally(() => {
        if (this.#open.delete(connection)) connection.close();
      });
    }
  }

  /** One request a connection. */
  async #serve(connection: Deno.UnixConn): Promise<void> {
    const request = await readRequest(connection);
    if (request === null) return;
    this.shown.push(request.headers.get("authorization"));
    const id = request.headers.get(COMMAND_ID_HEADER);
    if (id !== null) {
      this.ids.push(id);
      this.#ordered.resolve();
    }
    const fate = id === null ? this.readFate : this.fates.shift() ?? "answer";
    if (fate === "break before") return;
    if (fate === "hang") return await new Promise(() => {});
    const answer = fate instanceof Response
      ? await textOf(fate.clone())
      : await this.#once(id ?? crypto.randomUUID(), request);
    if (fate !== "break after") await connection.write(new TextEncoder().encode(answer));
  }

  #once(id: string, request: Request): Promise<string> {
    const known = this.#answers.get(id);
    if (known) return known;
    const bindings = { listener: { kind: "unix", path: this.path } } as const;
    const answer = Promise.resolve(this.#app.fetch(request, bindings)).then(textOf);
    this.#answers.set(id, answer);
    return answer;
  }
}

/** A status as vipd 0.1.0 gives it. */
export function statusOfOneProcess(): NodeStatus {
  const { processes: _, ...status } = exampleStatus();
  return status as NodeStatus;
}

async function readRequest(connection: Deno.UnixConn): Promise<Request | null> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65536);
  let text = "";
  for (;;) {
    const [head, body] = text.split("\r\n\r\n", 2);
    const length = Number(/^content-length: *(\d+)/im.exec(head!)?.[1] ?? 0);
    if (body !== undefined && body.length >= length) return requestOf(head!, body);
    const count = await connection.read(buffer);
    if (count === null) return null;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}

function requestOf(head: string, body: string): Request {
  const [first, ...lines] = head.split("\r\n");
  const [method, target] = first!.split(" ");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return new Request(new URL(target!, "http://localhost"), {
    method: method!,
    headers,
    ...(body === "" ? {} : { body }),
  });
}

async function textOf(response: Response): Promise<string> {
  const body = await response.text();
  const headers = [...response.headers, [
    "content-length",
    `${new TextEncoder().encode(body).length}`,
  ]];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${response.status} x\r\n${lines.join("")}connection: close\r\n\r\n${body}`;
}
