/** The API of a fake load balancer on loopback, that can restart. */

import { formatListenAddress } from "../../src/api/listen_address.ts";
import type { ListenAddress } from "../../src/config/model.ts";
import { createApi } from "../../src/front/http/app.ts";
import type { ApiServer } from "../../src/front/server/server.ts";
import { serveApi } from "../front/server/serve_api.ts";
import { FakeBackend, TOKEN } from "../front/fake_backend.ts";
import { judgeOf } from "../front/fake_judge.ts";

export class FakeDaemonApi {
  readonly backend = new FakeBackend();
  #closing = new AbortController();
  #server: ApiServer | null = null;
  #listen: ListenAddress = { kind: "tcp", host: "127.0.0.1", port: 0 };

  get api(): string {
    return formatListenAddress(this.#listen);
  }

  async start(): Promise<void> {
    this.#closing = new AbortController();
    const app = createApi({
      backend: this.backend,
      judge: judgeOf(TOKEN),
      closing: this.#closing.signal,
    });
    this.#server = await serveApi([this.#listen], app);
    this.#listen = this.#server.addresses[0]!;
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#server?.close();
  }

  /** Away for a moment in which `meanwhile` happens. */
  async restart(meanwhile: () => void | Promise<void>): Promise<void> {
    await this.stop();
    await meanwhile();
    await this.start();
  }

  /** Resolves when somebody follows the events. */
  async followed(): Promise<void> {
    while (true) {
      const text = await (await fetch(`${this.api}/metrics`)).text();
      if (/^vipd_event_streams [1-9]/m.test(text)) return;
    }
  }
}

/** Gives `act` a running fake daemon and ends it afterwards. */
export async function withDaemonApi(
  act: (daemon: FakeDaemonApi) => Promise<void>,
): Promise<void> {
  const daemon = new FakeDaemonApi();
  await daemon.start();
  try {
    await act(daemon);
  } finally {
    await daemon.stop();
  }
}
