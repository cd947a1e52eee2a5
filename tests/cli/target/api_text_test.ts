import assert from "node:assert/strict";
import { issueCertificate, makeAuthority } from "../../../src/pairing/certificates.ts";
import { pairPlaces } from "../../../src/pairing/places.ts";
import { createApi } from "../../../src/front/http/app.ts";
import { FakeBackend, TOKEN } from "../../front/fake_backend.ts";
import { judgeOf } from "../../front/fake_judge.ts";
import { serveApi } from "../../front/server/serve_api.ts";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";

/** As `vipd pair` makes them. */
const AUTHORITY = makeAuthority("lb02");
const CERTIFICATE = issueCertificate(AUTHORITY, {
  ...{ node: "lb02", names: ["127.0.0.1"], nowMs: Date.now() },
});

interface Asked {
  readonly tls: number;
  readonly clear: number;
  /** The files that the configuration and the options may name. */
  readonly folder: string;
}

/** A node that speaks TLS on one port and not on another, and a folder with its certificates. */
async function withNode(act: (asked: Asked) => Promise<void>): Promise<void> {
  const app = createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN) });
  const listen = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const server = await serveApi([{ ...listen, tls: CERTIFICATE }, listen], app);
  const [tls, clear] = server.addresses.map((address) => address.kind === "tcp" ? address.port : 0);
  try {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/lb02.pem`, AUTHORITY.cert);
      await Deno.writeTextFile(`${folder}/lb09.pem`, makeAuthority("lb09").cert);
      await act({ tls: tls!, clear: clear!, folder });
    });
  } finally {
    await server.close();
  }
}

const COPY =
  "copy that of its signer from there (after vipd pair /var/lib/vipd/pair/authority.pem, otherwise cert of its tls) " +
  "and name the copy with --ca-file";

/** The end of the message, with names for ports and folder; empty if the command succeeds. */
const TABLE: readonly (readonly [
  argv: readonly string[],
  said: string,
  config?: string,
])[] = [
  [["https://127.0.0.1:{tls}", "--ca-file", "{folder}/lb02.pem"], ""],
  [["http://127.0.0.1:{clear}"], ""],
  [["http://127.0.0.1:{tls}"], "; vipd speaks TLS there: --api https://127.0.0.1:{tls}"],
  [
    ["https://127.0.0.1:{clear}"],
    "; vipd does not speak TLS there: --api http://127.0.0.1:{clear}",
  ],
  [
    ["https://127.0.0.1:{tls}"],
    `UnknownIssuer; its certificate is signed by nobody that this machine trusts: ${COPY}`,
  ],
  [
    ["https://127.0.0.1:{tls}", "--ca-file", "{folder}/lb09.pem"],
    "its certificate is signed by nobody that this machine trusts: {folder}/lb09.pem is not the " +
    `certificate of its signer; ${COPY}`,
  ],
  [
    ["https://localhost:{tls}", "--ca-file", "{folder}/lb02.pem"],
    "; its certificate is not valid for the host in --api: name that host as the certificate does",
  ],
  [
    ["https://127.0.0.1:{tls}"],
    `${COPY}, or --node lb02 in its place, which asks as \`peers\` says`,
    'peers: [{ name: lb02, url: "https://127.0.0.1:{tls}" }]\n',
  ],
  [
    ["http://127.0.0.1:{tls}"],
    "--api https://127.0.0.1:{tls}, or --node lb02 in its place, which asks as `peers` says",
    'peers: [{ name: lb02, url: "https://127.0.0.1:{tls}" }]\n',
  ],
];

for (const [argv, said, more = ""] of TABLE) {
  const known = more === "" ? "" : ", a node of peers";
  Deno.test(`--api ${argv.join(" ")}${known}: ${said === "" ? "the status" : "what helps"}`, () =>
    withNode(async ({ tls, clear, folder }) => {
      const values = { tls: String(tls), clear: String(clear), folder };
      const named = (text: string) =>
        Object.entries(values).reduce((part, [key, to]) => part.replaceAll(`{${key}}`, to), text);
      const config = `${folder}/vipd.yaml`;
      await Deno.writeTextFile(config, exampleConfig(folder) + named(more), { mode: 0o600 });
      const { code, err } = await capture([
        ...["status", "--config", config, "--api"],
        ...argv.map(named),
      ]);
      assert.equal(code, said === "" ? 0 : 5, err);
      assert.ok(err.endsWith(said === "" ? "" : `${named(said)}\n`), err);
      assert.doesNotMatch(err, /client error/);
    }));
}

Deno.test("the configuration's own node is trusted by the authority of its pair", () =>
  withNode(async ({ tls, folder }) => {
    const config = `${folder}/vipd.yaml`;
    await Deno.writeTextFile(config, exampleConfig(folder), { mode: 0o600 });
    const argv = ["status", "--config", config, "--api", `https://127.0.0.1:${tls}`];
    assert.equal((await capture(argv)).code, 5);
    const { authority } = pairPlaces(`${folder}/state`);
    await Deno.mkdir(`${folder}/state/pair`, { recursive: true });
    await Deno.writeTextFile(authority, AUTHORITY.cert);
    const { code, err } = await capture(argv);
    assert.equal(code, 0, err);
  }));

for (
  const [scheme, said] of [
    ["http", /; lb02 speaks TLS there: its url in `peers` begins with https:\/\/\n$/],
    ["https", /; lb02 does not speak TLS there: vipd pair on both nodes makes it, or its url in `/],
  ] as const
) {
  Deno.test(`a peer whose url begins with ${scheme}:// and is the other: --node says so`, () =>
    withNode(async ({ tls, clear, folder }) => {
      const config = `${folder}/vipd.yaml`;
      const url = `${scheme}://127.0.0.1:${scheme === "http" ? tls : clear}`;
      const text = `${exampleConfig(folder)}peers: [{ name: lb02, url: "${url}" }]\n`;
      await Deno.writeTextFile(config, text, { mode: 0o600 });
      const { code, err } = await capture(["status", "--node", "lb02", "--config", config]);
      assert.equal(code, 5);
      assert.match(err, said);
    }));
}
