/** A flood of messages that the engine refuses at once would load nobody, and show nothing. */

import assert from "node:assert/strict";
import {
  ENGINE_FLOODS,
  type EngineFlood,
  FLOODED_PEER,
  hello,
} from "../../lab/hostile/engine_messages.ts";
import { isLate } from "../../src/ipc/command_age.ts";
import {
  type FrontMessage,
  MAX_FRONT_FRAME_OCTETS,
  PROTOCOL,
  readFrontMessage,
} from "../../src/ipc/messages.ts";
import { PeerParts } from "../../src/ipc/peer_parts.ts";
import { answerLimitOctets } from "../../src/status/reports/peer_answer.ts";

function octetsOf(message: object): number {
  return new TextEncoder().encode(JSON.stringify(message)).length;
}

/** As the engine reads them, off the wire. */
function read(message: object): FrontMessage | null {
  return readFrontMessage(JSON.parse(JSON.stringify(message)));
}

Deno.test("the engine takes the hello, and reads each message of a flood but the nonsense", () => {
  const first = read(hello(1));
  assert.ok(first?.type === "hello" && first.protocol === PROTOCOL);
  for (const [kind, next] of Object.entries(ENGINE_FLOODS)) {
    for (const message of next()) {
      const label = `${kind}: ${JSON.stringify(message).slice(0, 60)}`;
      assert.equal(read(message) !== null, kind !== "nonsense", label);
      assert.ok(octetsOf(message) <= MAX_FRONT_FRAME_OCTETS, label);
    }
  }
});

Deno.test("each command has a key of its own, and none of them is late", () => {
  const commands = [...ENGINE_FLOODS.small(), ...ENGINE_FLOODS.small()]
    .filter((it) => it.type === "command");
  assert.ok(commands.length > 0);
  assert.equal(new Set(commands.map(({ key }) => key)).size, commands.length);
  for (const { forwardedAtS } of commands) assert.ok(!isLate(forwardedAtS));
});

Deno.test("the longest reports are as long as the engine reads them, and are of its peer", () => {
  const [part, report] = ENGINE_FLOODS.large();
  assert.ok(part?.type === "peer_instances" && report?.type === "peer");
  for (const message of [part, report]) {
    assert.equal(message.name, FLOODED_PEER);
    assert.ok(octetsOf(message) > 0.95 * MAX_FRONT_FRAME_OCTETS, String(octetsOf(message)));
  }
  const parts = new PeerParts();
  assert.ok(parts.add(part.name, part.instances, octetsOf(part), answerLimitOctets(1)));
});

Deno.test("the reports of ever more peers have another name each", () => {
  const names = (kind: EngineFlood) =>
    ENGINE_FLOODS[kind]().flatMap((it) => "name" in it ? [it.name] : []);
  const all = [...names("names"), ...names("names")];
  assert.ok(all.length > 0);
  assert.equal(new Set(all).size, all.length);
});
