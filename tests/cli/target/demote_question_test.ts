import assert from "node:assert/strict";
import { EXIT } from "../../../src/exit.ts";
import { STATUS_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { exampleStatus, TOKEN } from "../../front/fake_backend.ts";
import { capture, inFolder } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

Deno.test("a person at a terminal is asked before a demote that serves less, and learns that a no did nothing", () =>
  withDaemonApi((daemon) =>
    inFolder(async (folder) => {
      const file = `${folder}/token`;
      await Deno.writeTextFile(file, `${TOKEN}\n`, { mode: 0o600 });
      const fault = { node: "lb02", message: "lb02 lacks a", hint: "h" };
      const [peer] = structuredClone(STATUS_EXAMPLE.peers);
      const peers = [{ ...peer!, rehearsal: [{ ...fault, code: "rehearsal_failed" as const }] }];
      daemon.backend.current = exampleStatus({ peers });
      const demote = (stdin: string) =>
        capture(["demote", "VI_1", "--api", daemon.api, "--token-file", file], {
          stdin,
          typed: {},
        });
      for (const answer of ["n\n", "\n", ""]) {
        const { code, out, err } = await demote(answer);
        const asked = "vipd: lb02 lacks a\nDemote all the same? [y/N] vipd: nothing was demoted\n";
        assert.deepEqual([code, out, err], [EXIT.failure, "", asked]);
      }
      assert.deepEqual(daemon.backend.commands, []);
      await demote("y\n");
      assert.deepEqual(daemon.backend.commands.map(({ kind }) => kind), ["demote"]);
    })
  ));
