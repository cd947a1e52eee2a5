/** A node that says what a fixture says, with its API and page on loopback. */

import { formatListenAddress } from "../../src/api/listen_address.ts";
import { createApi } from "../../src/front/http/app.ts";
import { serveApi } from "../front/server/serve_api.ts";
import { FakeBackend } from "../front/fake_backend.ts";
import { judgeOf } from "../front/fake_judge.ts";
import { TOKEN } from "./live_pair.ts";
import type { PairFixture } from "./pair_fixtures.ts";

/** @param fixture what it says at first; one that has just become master without it. */
export async function withFixtureServer(
  act: (url: string, backend: FakeBackend) => Promise<void>,
  fixture?: PairFixture,
): Promise<void> {
  const backend = new FakeBackend();
  const { journal } = backend;
  if (fixture) {
    backend.current = fixture.status;
    journal.restore(fixture.journal);
    const [peer] = fixture.status.peers;
    if (peer) backend.peerJournals.set(peer.name, peer.reachable ? fixture.peerJournal : null);
  } else {
    const message = "VI_1: backup -> master: no master was heard";
    journal.record("notice", "state_changed", message, "VI_1", {
      transition: { from: "backup", to: "master", reason: "master_silent" },
    });
  }
  const closing = new AbortController();
  const app = createApi({
    backend,
    judge: judgeOf(TOKEN, undefined),
    nowMs: () => performance.now(),
    closing: closing.signal,
  });
  const server = await serveApi([{ kind: "tcp", host: "127.0.0.1", port: 0 }], app);
  try {
    await act(formatListenAddress(server.addresses[0]!), backend);
  } finally {
    closing.abort();
    await server.close();
  }
}
