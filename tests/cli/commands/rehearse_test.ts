/** `vipd rehearse`, against the API of a fake load balancer. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../../src/exit.ts";
import { REHEARSAL_EXAMPLE, STATUS_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import type { PeerStatus } from "../../../src/status/status.ts";
import { exampleStatus, TOKEN } from "../../front/fake_backend.ts";
import { capture, inFolder } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

const FAILED = {
  ...{ code: "rehearsal_failed", node: "lb02" } as const,
  ...{ message: "lb02 would serve 1 of 2 names: shop is missing", hint: "correct nginx on lb02" },
};

/** What it prints with these words if its peers have rehearsed so. */
function said(rehearsals: readonly PeerStatus["rehearsal"][], ...words: readonly string[]) {
  return inFolder(async (folder) => {
    const file = join(folder, "token");
    await Deno.writeTextFile(file, TOKEN, { mode: 0o600 });
    let run = { code: EXIT.ok as number, out: "", err: "" };
    await withDaemonApi(async ({ api, backend }) => {
      const [{ rehearsal: _, ...peer }] = structuredClone(STATUS_EXAMPLE.peers) as [PeerStatus];
      const peers = rehearsals.map((rehearsal, index) => ({
        ...{ ...peer, name: `lb0${index + 2}` },
        ...(rehearsal && { rehearsal }),
      }));
      backend.current = exampleStatus({ peers });
      run = await capture(["rehearse", "--api", api, "--token-file", file, ...words]);
    });
    return run;
  });
}

Deno.test("a program reads what a person does of the comparison with each peer", async () => {
  const peers = [[FAILED], undefined];
  const { out } = await said(peers);
  assert.match(
    out,
    /^! lb02 would serve 1 of 2 names: shop is missing\n {4}correct nginx on lb02$/m,
  );
  assert.match(out, /^! lb03 has not rehearsed yet, so nothing is compared with it$/m);
  const { compared, ...rehearsal } = JSON.parse((await said(peers, "--json")).out);
  assert.deepEqual(compared, [{ peer: "lb02", findings: [FAILED] }, {
    peer: "lb03",
    findings: null,
  }]);
  assert.deepEqual(rehearsal, REHEARSAL_EXAMPLE);
});
