/** The http check over TLS, against a server whose certificate is for www.example.org and signed by nobody. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { HttpCheckConfig } from "../../src/health/check_config.ts";
import { COMMON, delay, listen, openQueued, probeOnce } from "./probing.ts";

const CERTIFICATE = fileURLToPath(new URL("tls/certificate.pem", import.meta.url));
const KEY = fileURLToPath(new URL("tls/key.pem", import.meta.url));

function check(port: number, more: Partial<HttpCheckConfig> = {}): HttpCheckConfig {
  return {
    ...COMMON,
    type: "http",
    url: `https://127.0.0.1:${port}/`,
    status: { from: 200, to: 399 },
    ...more,
  };
}

function serve() {
  return Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: Deno.readTextFileSync(CERTIFICATE),
    key: Deno.readTextFileSync(KEY),
    onListen() {},
  }, (request) => new Response(`this is ${request.headers.get("host")}`));
}

Deno.test("an https check demands a certificate that it can trust", async () => {
  await using server = serve();
  const result = await probeOnce(check(server.addr.port, { hostHeader: "www.example.org" }));
  assert.equal(result.ok, false);
  assert.match(result.detail, /certificate/);
});

Deno.test("an https check demands a certificate for the name in the Host header", async (t) => {
  await using server = serve();
  const probers = new URL("../../src/health/probers.ts", import.meta.url).href;
  // Which certificates are trusted is settled when a process starts.
  const probe = async (hostHeader: string) => {
    const config = check(server.addr.port, { hostHeader, bodyContains: `this is ${hostHeader}` });
    const program = `import { openProber } from ${JSON.stringify(probers)};
      openProber(${JSON.stringify(config)}, {}, ({ ok, detail }) => {
        console.log(JSON.stringify({ ok, detail }));
        Deno.exit();
      }).probe();`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", "--cert", CERTIFICATE, program],
      stderr: "inherit",
    }).output();
    return JSON.parse(new TextDecoder().decode(stdout));
  };
  await t.step("the right name, with a port", async () => {
    const { ok, detail } = await probe("www.example.org:8443");
    assert.equal(ok, true, detail);
  });
  await t.step("another name", async () => {
    const { ok, detail } = await probe("www.example.net");
    assert.equal(ok, false);
    assert.match(detail, /certificate/);
  });
});

Deno.test("a server that hangs in the handshake is not given one connection after the other", async () => {
  let hangs = true;
  await using server = listen(async (connection) => {
    while (hangs) await delay(5);
    await connection.write(new TextEncoder().encode("no TLS"));
  });
  const { prober, results, next } = openQueued(check(server.port, { timeoutMs: 50 }));
  prober.probe();
  assert.equal((await next()).detail, "no answer within 50 ms");
  for (const _ of ["waits for the end", "fails", "fails"]) prober.probe();
  assert.deepEqual(results.map(({ ok }) => ok), [false, false, false]);
  assert.equal(server.connections, 1);
  hangs = false;
  await next();
  await next();
  assert.equal((await next()).ok, false);
  assert.equal(server.connections, 2, "it goes on once the first is over");
  prober.close();
});

Deno.test("`ca` is trusted besides the system's authorities, `server_name` stands for the Host header's name", async (t) => {
  await using server = serve();
  const ca = await Deno.readTextFile(CERTIFICATE);
  const cases: readonly [string, Partial<HttpCheckConfig>, boolean][] = [
    ["the certificate's name in the Host header", { ca, hostHeader: "www.example.org" }, true],
    ["the certificate's name as server_name", { ca, serverName: "www.example.org" }, true],
    ["another name", { ca, serverName: "www.example.net" }, false],
    ["no name but the address", { ca }, false],
    ["the name without the authority", { serverName: "www.example.org" }, false],
  ];
  for (const [name, settings, expected] of cases) {
    await t.step(name, async () => {
      const { ok, detail } = await probeOnce(check(server.addr.port, settings));
      assert.equal(ok, expected, detail);
    });
  }
  await t.step("the Host header stays what it was", async () => {
    const settings = { ca, serverName: "www.example.org", bodyContains: "this is 127.0.0.1" };
    const { ok, detail } = await probeOnce(check(server.addr.port, settings));
    assert.equal(ok, true, detail);
  });
});

Deno.test("where it is asked for, a check that passes learns when the certificate ends", async () => {
  await using server = serve();
  const { prober, next } = openQueued(check(server.addr.port, {
    ca: await Deno.readTextFile(CERTIFICATE),
    serverName: "www.example.org",
    expiresWithinMs: 1,
  }));
  let endsMs: number | undefined;
  for (let probes = 0; endsMs === undefined && probes < 100; probes++) {
    prober.probe();
    const result = await next();
    assert.equal(result.ok, true, result.detail);
    endsMs = result.certificateEndsMs;
    await delay(20);
  }
  prober.close();
  assert.equal(endsMs, Date.parse("2126-10-29T23:57:31Z"));
});
