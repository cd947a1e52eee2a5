/** vipd behind a reverse proxy: a real nginx that offers it by https under a path of its own. */

import assert from "node:assert/strict";
import { createApi } from "../../../src/front/http/app.ts";
import type { CommandBy } from "../../../src/front/http/backend.ts";
import { PAGE_HTML, PAGE_SCRIPT } from "../../../src/front/page/assets.ts";
import { ApiServer } from "../../../src/front/server/server.ts";
import { certificate } from "../certificates.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

const NAME = "lb.example.com";
const ORDER = "v1/instances/VI_1/demote";

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

/** As docs/security.md has it, without what an unprivileged nginx needs. */
function nginxConfig(folder: string, port: number, api: number): string {
  return `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/proxy.pem; ssl_certificate_key ${folder}/proxy.key;
    location = /vipd { return 301 /vipd/; }
    location /vipd/ {
      proxy_pass http://127.0.0.1:${api}/;
      proxy_set_header Host $http_host;
      proxy_http_version 1.1;
      proxy_buffering off;
    }
  }
}
`;
}

class Proxied implements AsyncDisposable {
  readonly backend = new FakeBackend();
  /** Of the proxy, and of the API itself. */
  readonly port = freePort();
  readonly api = freePort();
  readonly #server: ApiServer;
  readonly #folder: string;
  #nginx: Deno.ChildProcess | null = null;

  constructor(folder: string) {
    this.#folder = folder;
    const hosts = () => [`${NAME}:${this.port}`];
    this.#server = new ApiServer(
      createApi({ backend: this.backend, judge: judgeOf(TOKEN), hosts }),
    );
  }

  async start(): Promise<void> {
    const place = { kind: "tcp", host: "127.0.0.1", port: this.api } as const;
    (await this.#server.prepare([place])).commit();
    await certificate(this.#folder, "proxy");
    const file = `${this.#folder}/nginx.conf`;
    await Deno.writeTextFile(file, nginxConfig(this.#folder, this.port, this.api));
    const args = ["-c", file, "-e", `${this.#folder}/error.log`];
    this.#nginx = new Deno.Command("/usr/sbin/nginx", { args, stderr: "null" }).spawn();
    for (let tries = 0; tries < 200; tries++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.port }).catch(() => null);
      if (conn) return conn.close();
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.fail(await Deno.readTextFile(`${this.#folder}/error.log`));
  }

  /** What curl gets for a path below the proxy's, with these headers. */
  async curl(path: string, ...options: string[]): Promise<{ status: number; body: string }> {
    const args = [
      ...["--silent", "--insecure", "--max-time", "10", "--write-out", "\n%{http_code}"],
      ...["--resolve", `${NAME}:${this.port}:127.0.0.1`, ...options],
      `https://${NAME}:${this.port}/vipd/${path}`,
    ];
    const { stdout } = await new Deno.Command("curl", { args }).output();
    const text = new TextDecoder().decode(stdout);
    const end = text.lastIndexOf("\n");
    return { status: Number(text.slice(end + 1)), body: text.slice(0, end) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#nginx?.kill("SIGTERM");
    await this.#nginx?.status;
    await this.#server.close();
  }
}

Deno.test("an nginx offers vipd under a path, and its clients are from another machine", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    await using proxied = new Proxied(folder);
    await proxied.start();
    const { backend, port } = proxied;
    const token = ["--header", `Authorization: Bearer ${TOKEN}`];
    const from = (origin: string) => ["--header", `Origin: ${origin}`];

    await t.step("the page comes, and all that it asks for is relative to it", async () => {
      const { status, body } = await proxied.curl("");
      assert.equal(status, 200);
      assert.match(body, /<title>vipd<\/title>/);
      assert.doesNotMatch(PAGE_SCRIPT, /["'`]\/(?:v1|metrics|openapi)/);
      assert.doesNotMatch(PAGE_HTML, /(?:href|src)=["']?\//);
    });
    await t.step("reading needs a token, although vipd listens on loopback", async () => {
      assert.equal((await proxied.curl("v1/status")).status, 401);
      const { status, body } = await proxied.curl("v1/status", ...token);
      assert.deepEqual([status, JSON.parse(body).node], [200, "lb01"]);
      assert.equal(
        (await proxied.curl("v1/codes/flapping")).status,
        200,
        "says nothing of the node",
      );
    });
    await t.step("its page gives commands, and no page of another origin does", async () => {
      const origins: readonly (readonly [string, number])[] = [
        [`https://${NAME}:${port}`, 200],
        [`http://${NAME}:${port}`, 403],
        [`https://${NAME}`, 403],
        [`https://evil.example`, 403],
        ["null", 403],
      ];
      for (const [origin, status] of origins) {
        const answer = await proxied.curl(ORDER, "--request", "POST", ...token, ...from(origin));
        assert.equal(answer.status, status, origin);
      }
      assert.equal(backend.commands.length, 1);
      const [{ client: { address, proxy } }] = backend.senders as [CommandBy];
      assert.deepEqual([address, proxy], ["127.0.0.1", `${NAME}:${port}`]);
    });
    await t.step("events stream through it", async () => {
      backend.journal.record("notice", "state_changed", "VI_1: backup -> master", "VI_1");
      const stream = ["--header", "Accept: text/event-stream", "--max-time", "1"];
      const { body } = await proxied.curl("v1/events", ...token, ...stream);
      assert.match(body, /event: entry\n/);
    });
    await t.step("what X-Forwarded headers say counts for nothing", async () => {
      const forged = [
        ...["--header", "X-Forwarded-For: 127.0.0.1", "--header", "X-Forwarded-Host: localhost"],
        ...[
          "--header",
          "X-Forwarded-Proto: http",
          "--header",
          "Forwarded: for=127.0.0.1;host=localhost",
        ],
      ];
      assert.equal((await proxied.curl("v1/status", ...forged)).status, 401);
    });
    await t.step("a name that is not in api.hosts is refused as before", async () => {
      const host = ["--header", "Host: evil.example"];
      const { status, body } = await proxied.curl("v1/status", ...token, ...host);
      assert.deepEqual([status, JSON.parse(body).code], [403, "host_refused"]);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
