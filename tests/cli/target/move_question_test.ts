import assert from "node:assert/strict";
import { EXIT } from "../../../src/exit.ts";
import { STATUS_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { exampleInstance, exampleStatus, TOKEN } from "../../front/fake_backend.ts";
import type { InstanceStatus } from "../../../src/status/status.ts";
import { capture, inFolder } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

const [PEER] = STATUS_EXAMPLE.peers;

/** `node`: the one that would serve less. */
async function withFault(
  node: string,
  instance: Partial<InstanceStatus>,
  act: (
    type: (command: string, stdin: string) => ReturnType<typeof capture>,
    commands: () => readonly string[],
  ) => Promise<void>,
): Promise<void> {
  await withDaemonApi((daemon) =>
    inFolder(async (folder) => {
      const file = `${folder}/token`;
      await Deno.writeTextFile(file, `${TOKEN}\n`, { mode: 0o600 });
      const fault = { node, message: `${node} lacks a`, hint: "h" };
      const peers = [{
        ...structuredClone(PEER!),
        rehearsal: [{ ...fault, code: "rehearsal_failed" as const }],
      }];
      daemon.backend.current = exampleStatus({ instances: [exampleInstance(instance)], peers });
      await act(
        (command, stdin) =>
          capture([command, "VI_1", "--api", daemon.api, "--token-file", file], {
            stdin,
            typed: {},
          }),
        () => daemon.backend.commands.map(({ kind }) => kind),
      );
    })
  );
}

for (
  const { command, node, state, verb, past } of [
    { command: "demote", node: "lb02", state: "master", verb: "Demote", past: "demoted" },
    { command: "promote", node: "lb01", state: "backup", verb: "Promote", past: "promoted" },
  ] as const
) {
  Deno.test(`a person at a terminal is asked before a ${command} that serves less, and learns that a no did nothing`, () =>
    withFault(node, { state }, async (type, commands) => {
      for (const answer of ["n\n", "\n", ""]) {
        const { code, out, err } = await type(command, answer);
        const asked =
          `vipd: ${node} lacks a\n${verb} all the same? [y/N] vipd: nothing was ${past}\n`;
        assert.deepEqual([code, out, err], [EXIT.failure, "", asked]);
      }
      assert.deepEqual(commands(), []);
      await type(command, "y\n");
      assert.deepEqual(commands(), [command]);
    }));
}

for (
  const [command, node, state] of [
    ["demote", "lb01", "master"],
    ["promote", "lb02", "backup"],
    ["promote", "lb01", "master"],
  ] as const
) {
  Deno.test(`nobody is asked before a ${command} on lb01, ${state}, if ${node} would serve less`, () =>
    withFault(node, { state }, async (type, commands) => {
      assert.doesNotMatch((await type(command, "")).err, /all the same/);
      assert.deepEqual(commands(), [command]);
    }));
}
