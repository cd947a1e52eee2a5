import assert from "node:assert/strict";
import { silenceText } from "../../../src/cli/target/peer_target.ts";
import { REHEARSAL_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

const PEERS = `peers:
  - { name: lb02, url: "https://192.168.31.12:9112" }
`;

for (
  const [argv, code, said] of [
    [["status", "--node", "lb03"], 2, /no node lb03, only lb01, lb02: vipd pair adds one/],
    [["status", "--node", "lb02", "--api", "http://127.0.0.1:1"], 2, /exclude each other/],
    [["demote", "VI_1", "--node", "lb02"], 2, /ssh lb02 vipd demote VI_1/],
    [["priority", "--reset", "--node", "lb02"], 2, /ssh lb02 vipd priority/],
    [["reload", "--node", "lb02"], 2, /ssh lb02 vipd reload/],
    [["events", "--node", "lb01"], 5, /vipd/],
  ] as const
) {
  Deno.test(`vipd ${argv.join(" ")}`, () =>
    inFolder(async (folder) => {
      const config = `${folder}/vipd.yaml`;
      await Deno.writeTextFile(config, exampleConfig(folder) + PEERS, { mode: 0o600 });
      const run = await capture([...argv, "--config", config]);
      assert.deepEqual([run.code, run.out], [code, ""], run.err);
      assert.match(run.err, said);
    }));
}

Deno.test("every reading command names node and remedy if it does not answer", () =>
  inFolder(async (folder) => {
    const config = `${folder}/vipd.yaml`;
    const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    closed.close();
    const peers = PEERS.replace("192.168.31.12:9112", `127.0.0.1:${closed.addr.port}`);
    await Deno.writeTextFile(config, exampleConfig(folder) + peers, { mode: 0o600 });
    const said =
      /: nobody listens there; does the front of vipd run on lb02 \(.*vipd-front.*\), .* vipd status here has what/;
    for (const command of ["status", "events", "rehearse"]) {
      const { code, out, err } = await capture([command, "--node", "lb02", "--config", config]);
      assert.deepEqual([code, out], [5, ""], command);
      assert.match(err, said);
    }
  }));

Deno.test("a certificate that may sign others is the cause that is named, and the command for a right one", () => {
  const reason = "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))";
  assert.match(
    silenceText("lb02", reason),
    /^lb02: its certificate may sign .*: vipd check there prints/,
  );
});

Deno.test("the last rehearsal of another node is read, and it is asked for none", () =>
  withDaemonApi((daemon) =>
    inFolder(async (folder) => {
      const config = `${folder}/vipd.yaml`;
      const peers = PEERS.replace("https://192.168.31.12:9112", daemon.api);
      await Deno.writeTextFile(config, exampleConfig(folder) + peers, { mode: 0o600 });
      const argv = ["rehearse", "--node", "lb02", "--config", config];
      const none = await capture(argv);
      assert.deepEqual([none.code, none.out], [1, ""]);
      assert.match(none.err, /lb02 has not rehearsed yet: ssh lb02 vipd rehearse/);
      daemon.backend.rehearsed = structuredClone(REHEARSAL_EXAMPLE);
      const last = await capture(argv);
      assert.equal(last.code, 0, last.err);
      assert.match(last.out, /in 41 ms, 2026-03-01 10:07:00\n {2}www\.example\.com {2}200, /);
    })
  ));

for (
  const [code, status, said] of [
    ["token_wrong", 401, /^vipd: lb02 refuses the token in \S+\/lb02\.token: vipd pair on both/],
    ["route_unknown", 404, /^vipd: lb02 runs an older vipd, which does not give .*: upgrade it$/m],
  ] as const
) {
  Deno.test(`a peer that refuses with ${code}: the message names node and remedy`, () =>
    inFolder(async (folder) => {
      const refusal = { type: "about:blank", title: "No", status, detail: "read the file", code };
      const server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen: () => {} },
        ({ headers }) =>
          headers.has("authorization")
            ? Response.json(refusal, { status })
            : Response.json({ ...refusal, status: 401, code: "token_missing" }, { status: 401 }),
      );
      const config = `${folder}/vipd.yaml`;
      const token = `${folder}/lb02.token`;
      await Deno.writeTextFile(token, "correct-horse-battery-staple\n", { mode: 0o600 });
      const peers = `peers:
  - { name: lb02, url: "http://127.0.0.1:${server.addr.port}", token_file: ${token} }
`;
      await Deno.writeTextFile(config, exampleConfig(folder) + peers, { mode: 0o600 });
      const { err } = await capture(["events", "--node", "lb02", "--config", config]);
      await server.shutdown();
      assert.match(err, said);
    }));
}

for (const named of [true, false]) {
  Deno.test(`a peer over plain http gets no token, and TLS is the remedy; its file is ${named ? "" : "not "}named`, () =>
    inFolder(async (folder) => {
      const shown: (string | null)[] = [];
      const server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen: () => {} },
        ({ headers }) => {
          shown.push(headers.get("authorization"));
          const refusal = { type: "about:blank", title: "No", status: 401, detail: "no token" };
          return Response.json({ ...refusal, code: "token_missing" }, { status: 401 });
        },
      );
      const config = `${folder}/vipd.yaml`;
      const token = `${folder}/lb02.token`;
      await Deno.writeTextFile(token, "correct-horse-battery-staple\n", { mode: 0o600 });
      // The kernel takes it for this machine; vipd knows only that it is no address of loopback.
      const url = `http://0.0.0.0:${server.addr.port}`;
      const peer = `{ name: lb02, url: "${url}"${named ? `, token_file: ${token}` : ""} }`;
      const text = `${exampleConfig(folder)}peers: [${peer}]\n`;
      await Deno.writeTextFile(config, text, { mode: 0o600 });
      const { code, err } = await capture(["status", "--node", "lb02", "--config", config]);
      await server.shutdown();
      assert.equal(code, 4, err);
      assert.match(err, /^vipd: reading lb02 from here needs a token, and http:.* not encrypted/m);
      assert.match(err, /vipd pair on both nodes makes it https, or .* ssh lb02 vipd \.\.\./);
      assert.ok(shown.length > 0);
      assert.deepEqual(shown.filter((header) => header !== null), []);
    }));
}
