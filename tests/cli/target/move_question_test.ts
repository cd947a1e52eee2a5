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
  instances: readonly Partial<InstanceStatus>[],
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
      daemon.backend.current = exampleStatus({ instances: instances.map(exampleInstance), peers });
      await act(
        (command, stdin) =>
          capture([...command.split(" "), "--api", daemon.api, "--token-file", file], {
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
    withFault(node, [{ state }], async (type, commands) => {
      for (const answer of ["n\n", "\n", ""]) {
        const { code, out, err } = await type(`${command} VI_1`, answer);
        const asked =
          `vipd: ${node} lacks a\n${verb} all the same? [y/N] vipd: nothing was ${past}\n`;
        assert.deepEqual([code, out, err], [EXIT.failure, "", asked]);
      }
      assert.deepEqual(commands(), []);
      await type(`${command} VI_1`, "y\n");
      assert.deepEqual(commands(), [command]);
    }));
}

for (
  const [command, node, state] of [
    ["demote", "lb01", "master"],
    ["promote", "lb02", "backup"],
    ["promote", "lb01", "master"],
    ["demote", "lb02", "backup"],
  ] as const
) {
  Deno.test(`nobody is asked before a ${command} on lb01, ${state}, if ${node} would serve less`, () =>
    withFault(node, [{ state }], async (type, commands) => {
      assert.doesNotMatch((await type(`${command} VI_1`, "")).err, /all the same/);
      assert.deepEqual(commands(), [command]);
    }));
}

/** VI_1 is here; the others are on the other node, and two of them go together. */
const APART: readonly Partial<InstanceStatus>[] = [
  { name: "VI_1", state: "master" },
  { name: "VI_2", state: "backup" },
  { name: "VI_3", state: "backup", sync_group: "SG" },
  { name: "VI_4", state: "master", sync_group: "SG" },
];

for (
  const [line, node, asks] of [
    ["promote VI_1", "lb01", false],
    ["promote VI_2", "lb01", true],
    ["promote VI_4", "lb01", true],
    ["promote --all", "lb01", true],
    ["demote VI_1", "lb02", true],
    ["demote VI_2", "lb02", false],
    ["demote SG", "lb02", true],
    ["demote VI_5", "lb02", false],
    ["maintenance --wait 1ms", "lb02", true],
  ] as const
) {
  Deno.test(`only what the command moves counts: ${line}`, () =>
    withFault(node, APART, async (type) => {
      assert.equal(/all the same/.test((await type(line, "n\n")).err), asks);
    }));
}
