/**
 * Many clients of vipd's API at once.
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

/** The counts that the clients' process prints: totals since the start. */
export interface ApiLoadLine {
  readonly answered: number;
  readonly refused: number;
  /** Event streams that are open now. */
  readonly streams: number;
}

/** Clients that request `/v1/status` without a pause, and open event streams. */
export class ApiLoad {
  readonly #process: LabProcess;
  #last: ApiLoadLine = { answered: 0, refused: 0, streams: 0 };

  private constructor(process: LabProcess) {
    this.#process = process;
    process.onLine((line) => {
      if (line.startsWith("{")) this.#last = JSON.parse(line);
    });
  }

  /** Starts them on the host whose API they use; resolves when the first answers have come. */
  static async start(host: LabHost, clients: number, streams: number): Promise<ApiLoad> {
    const load = new ApiLoad(host.start("API clients", [
      ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-net"],
      new URL("api_load_process.ts", import.meta.url).pathname,
      ...["http://127.0.0.1:9112", String(clients), String(streams)],
    ]));
    await waitFor("answers of the API", () => load.#last.answered > 0, {
      timeoutMs: 20_000,
      explain: () => load.#process.lastLines.join("\n"),
    });
    return load;
  }

  /** Their counts since the start, at most a second old. */
  get counts(): ApiLoadLine {
    return this.#last;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
