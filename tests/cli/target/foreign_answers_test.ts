/** Whatever answers in the place of vipd: it is no defect of vipd, and the user learns what to do. */

import assert from "node:assert/strict";
import { EXIT } from "../../../src/exit.ts";
import { STATUS_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { TOKEN } from "../../front/fake_backend.ts";
import { capture, inFolder } from "../captured_context.ts";

const ANSWERS: readonly string[] = [
  "{}",
  "[]",
  "null",
  "7",
  "not JSON",
  '{"node":"x","version":"1","instances":[{}]}',
  JSON.stringify({ ...STATUS_EXAMPLE, instances: [{ name: "VI_1" }] }),
  '{"code":1,"detail":{},"status":"x"}',
  '[{"id":"x"}]',
];

const COMMANDS: readonly (readonly string[])[] = [
  ["status"],
  ["status", "--all"],
  ["events"],
  ["events", "--follow"],
  ["demote", "VI_1"],
  ["priority", "120"],
  ["reload"],
];

for (const command of COMMANDS) {
  Deno.test(`vipd ${command.join(" ")}: what answers and is not vipd is said to be that`, async () => {
    await inFolder(async (folder) => {
      const tokenFile = `${folder}/token`;
      await Deno.writeTextFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
      let answer = "";
      const headers = { "content-type": "application/json" };
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        () => new Response(answer, { headers }),
      );
      const api = `http://127.0.0.1:${server.addr.port}`;
      const token = command[0] === "status" || command[0] === "events"
        ? []
        : ["--token-file", tokenFile];
      for (answer of ANSWERS) {
        // No entry at all is an answer.
        if (command[0] === "events" && answer === "[]") continue;
        const { code, err } = await capture([...command, "--api", api, ...token]);
        assert.equal(code, EXIT.unreachable, answer);
        assert.match(
          err,
          /what answers at \S+ is not vipd; name vipd's own address with --api/,
          answer,
        );
      }
    });
  });
}

Deno.test("an event that is none of vipd's ends the following", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response("event: entry\ndata: {\n\n", {
        headers: { "content-type": "text/event-stream" },
      }),
  );
  const api = `http://127.0.0.1:${server.addr.port}`;
  const { code, err } = await capture(["events", "--follow", "--api", api]);
  assert.equal(code, EXIT.unreachable);
  assert.match(err, /is not vipd/);
});
