/** A rehearsal against a real nginx: everything that it may be configured to do with a client. */

import assert from "node:assert/strict";
import { nginxAt, startOf } from "../../../src/front/rehearsal/nginx_process.ts";
import {
  type RehearsalPlan,
  rehearse,
  staleText,
  whatIsStale,
} from "../../../src/front/rehearsal/rehearse.ts";
import type { RehearsedName } from "../../../src/status/rehearsal.ts";
import { waitFor } from "../../../lab/wait.ts";
import settings from "../../../deno.json" with { type: "json" };
import { machineFiles as proc } from "./proc_files.ts";
import { freePorts, makeCertificate, startNginx } from "./real_nginx.ts";

const ALL = new AbortController().signal;

function planOf(config: string, changes: Partial<RehearsalPlan> = {}): RehearsalPlan {
  return {
    ...{
      user: "web",
      node: "lb01",
      nginx: null,
      config,
      virtual: ["127.0.0.77"],
      names: [],
      paths: ["/"],
    },
    ...{ others: [], proc, shutDown: () => {} },
    ...changes,
  };
}

/** The name and port of a question, and its outcome. */
function short(results: readonly RehearsedName[], ports: readonly number[]) {
  return Object.fromEntries(results.map((result) => {
    const { name, port, certificate, status, location, error, not_rehearsed, served } = result;
    const text = [
      ...(certificate === null ? [] : [certificate.names.join(","), certificate.issuer]),
      ...(certificate !== null && Date.parse(certificate.expires) < Date.now() ? ["expired"] : []),
      ...(status === null ? [] : [status]),
      ...(location === null ? [] : [location]),
      ...(error === null ? [] : ["error"]),
      ...(not_rehearsed === null ? [] : [`not: ${not_rehearsed.split(",")[0]}`]),
      ...(served === true ? [] : [`served: ${served}`]),
    ].join(" ");
    return [`${name || "-"} ${ports.indexOf(port)}`, text];
  }));
}

/** The executable's: with them the runtime refuses everything below /proc. */
const permissions = settings.permissions.default as Deno.PermissionOptionsObject;

Deno.test(
  "a rehearsal learns what a real nginx answers for each name",
  { permissions },
  async () => {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    const ports = freePorts(7);
    const [tls, plain, proxy, old, stream, clients, closed] = ports;
    await Promise.all([
      makeCertificate(`${folder}`, "good", "DNS:a.test,DNS:*.wild.test,IP:127.0.0.1", 90),
    ]);
    await makeCertificate(folder, "expired", "DNS:old.test", -29);
    const use = (name: string) =>
      `ssl_certificate ${folder}/${name}.pem; ssl_certificate_key ${folder}/${name}.key;`;
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    await using nginx = await startNginx(
      folder,
      `
    ${use("good")}
    server { listen 127.0.0.77:${tls} ssl http2; listen 127.0.0.1:${tls} ssl http2;
      server_name a.test *.wild.test; return 200 "\${server_name}\\n"; }
    server { listen 127.0.0.77:${tls} ssl; listen 127.0.0.1:${tls} ssl; server_name old.test;
      ${use("expired")} location / { return 301 https://new.test/x?y=$msec; } }
    server { listen 127.0.0.77:${tls} ssl default_server; listen 127.0.0.1:${tls} ssl default_server;
      ssl_reject_handshake on; }
    server { listen ${plain}; server_name b.test; location / { return 204; } location /no { return 503; } }
    server { listen ${proxy} proxy_protocol; server_name c.test; }
    server { listen ${old} ssl; ssl_protocols TLSv1.1; server_name d.test; }
    server { listen ${clients} ssl; server_name a.test; ssl_verify_client on;
      ssl_client_certificate ${folder}/good.pem; }
    server { listen ${stream} ssl; }
    `,
    );
    // A reader must not wait for a writer of it.
    await Deno.writeTextFile(nginx.config, `include ${folder}/pipe;`, { append: true });
    const others = [
      ...["a.test", "new.test"].flatMap((name) =>
        [tls!, closed!].map((port) => ({ name, port, tls: true, path: "/" as string | null }))
      ),
      { name: "", port: stream!, tls: true, path: null },
    ];
    const { rehearsal: learnt } = await rehearse(
      planOf(nginx.config, { paths: ["/", "/no"], others }),
      ALL,
    );
    const root = learnt.results.filter(({ path }) => path !== "/no");
    const good = "a.test,*.wild.test,127.0.0.1 Test of vipd";
    assert.deepEqual(short(root, ports), {
      "a.test 0": `${good} 200`,
      "vipd-rehearsal.wild.test 0": `${good} 200`,
      "old.test 0": "old.test Test of vipd expired 301 https://new.test/x",
      "- 0": "error",
      "- 1": "204",
      "b.test 1": "204",
      "- 2": "not: it takes the PROXY protocol",
      "c.test 2": "not: it takes the PROXY protocol",
      "- 3": "not: it speaks TLSv1.1 only",
      "d.test 3": "not: it speaks TLSv1.1 only",
      "- 5": `${good} 400`,
      "a.test 5": `${good} 400`,
      "- 4": good,
      "new.test 0": "error served: null",
      "a.test 6": "not: nginx's files are not known served: null",
      "new.test 6": "not: nginx's files are not known served: null",
    });
    assert.equal(
      learnt.results.find(({ name, path }) => name === "b.test" && path === "/no")?.status,
      503,
    );
    assert.deepEqual(learnt.nginx.unread, [
      { path: `${folder}/pipe`, reason: "it is a named pipe, not a file", named: false },
    ]);
  },
);

Deno.test(
  "workers that are new tell a reload; files that are newer than they tell one that failed",
  {
    permissions,
  },
  async () => {
    await assert.rejects(Deno.readTextFile("/proc/self/stat"), Deno.errors.NotCapable);
    const folder = await Deno.makeTempDir();
    const [port] = freePorts(1);
    await using nginx = await startNginx(folder, `server { listen ${port}; return 200; }`);
    const running = () => nginxAt(proc, nginx.pid)!;
    await waitFor("two workers", () => Promise.resolve(running().workers.length === 2), {
      timeoutMs: 5000,
    });
    const before = running();
    assert.equal(before.config, nginx.config);
    assert.equal(await staleText(proc, before, [nginx.config]), null);
    await nginx.signal("reload");
    await waitFor(
      "new workers",
      () => {
        const { workers } = running();
        return Promise.resolve(
          workers.length === 2 && !workers.some((pid) => before.workers.includes(pid)),
        );
      },
      { timeoutMs: 5000 },
    );
    assert.equal(nginxAt(proc, Deno.pid), null);
    const { workers } = running();
    const startedMs = startOf(proc, workers[0]!)!;
    assert(Math.abs(startedMs - Date.now()) < 10_000, "the start of a worker is of now");
    assert.match(
      whatIsStale({ path: "/x", atMs: startedMs + 60_000 }, startedMs, startedMs + 90_000)!,
      /^\/x is of /,
    );
  },
);

Deno.test(
  "a rehearsal of files that say little is what nginx answers, and names what it cannot know",
  { permissions },
  async () => {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    const ports = freePorts(4);
    const [tls, both, closing, hidden] = ports;
    await makeCertificate(folder, "good", "DNS:a.test,DNS:b.test", 90);
    await Deno.mkdir(`${folder}/sites`);
    // Relative, by a link, by a mask; what listens on it says only the first server.
    await Deno.writeTextFile(
      `${folder}/a.conf`,
      `server { listen ${tls}; listen [::]:${both}; server_name b.test ""; if ($host = x) { return 404; } return 204; }`,
    );
    await Deno.symlink("../a.conf", `${folder}/sites/a.link`);
    await using nginx = await startNginx(
      folder,
      `
    ssl_certificate ${folder}/good.pem; ssl_certificate_key ${folder}/good.key;
    map $host $where { default "/"; ~^(?<a>.+)\\.test$ "/{$a}"; }
    server { listen ${tls} ssl; listen [::]:${both} ipv6only=off; server_name a.test; return 200; }
    include sites/[^.]*.link;
    server { listen ${closing}; server_name c.test "~^(?<n>\\d{2})\\.d\\.test$"; return 444; }
    server { listen unix:${folder}/socket; server_name hidden.test; }
    `,
    );
    await Deno.writeTextFile(
      nginx.config,
      `stream { server { listen ${hidden}; ssl_preread on; } }`,
      { append: true },
    );
    const { rehearsal: learnt } = await rehearse(planOf(nginx.config), ALL);
    const good = "a.test,b.test Test of vipd";
    assert.deepEqual(short(learnt.results, ports), {
      "- 0": `${good} 200`,
      "a.test 0": `${good} 200`,
      "b.test 0": `${good} 204`,
      "- 1": "200",
      "a.test 1": "200",
      "b.test 1": "204",
      "- 2": "error",
      "c.test 2": "error",
      "- 3": "error",
    });
    assert.deepEqual(learnt.nginx.unread.map(({ path }) => path), [
      "server_name ~^(?<n>\\d{2})\\.d\\.test$",
      `ssl_preread, ${nginx.config}:14`,
    ]);
  },
);

Deno.test("what is not asked, because it is too much or nginx's root is elsewhere, is said", async () => {
  const folder = await Deno.makeTempDir();
  const config = `${folder}/nginx.conf`;
  const names = Array.from({ length: 5001 }, (_, at) => `n${at}.test`).join(" ");
  await Deno.writeTextFile(
    config,
    `http { server { listen 192.0.2.5:80; server_name ${names}; } }`,
  );
  const virtual = ["192.0.2.5"];
  const { rehearsal: { nginx, results } } = await rehearse(planOf(config, { virtual }), ALL);
  assert.equal(results.length, 5000);
  assert.deepEqual(nginx.unread, [{
    ...{ path: `the rest of ${config}`, reason: "vipd asks 5000 questions at most", named: false },
  }]);
  const jailed = { pid: 5_000_001, config, workers: [], ownRoot: true };
  const { rehearsal } = await rehearse(planOf(config, { virtual, nginx: jailed }), ALL);
  assert.deepEqual([rehearsal.results, rehearsal.nginx.unread.map(({ reason }) => reason)], [
    [],
    ["nginx runs in a root directory of its own, which vipd does not see"],
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a server that hangs costs a rehearsal a moment, and what ends it ends the rehearsal", async () => {
  const folder = await Deno.makeTempDir();
  using plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using secure = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [port, tlsPort] = [plain, secure].map(({ addr }) => (addr as Deno.NetAddr).port);
  const config = `http { server { listen ${port}; } server { listen ${tlsPort} ssl; } }`;
  await Deno.writeTextFile(`${folder}/nginx.conf`, config);
  const others = [true, false].map((tls) => ({
    ...{ name: "a.test", port: tls ? tlsPort! : port!, tls, path: "/" },
  }));
  const { rehearsal: { results } } = await rehearse(
    planOf(`${folder}/nginx.conf`, { others }),
    ALL,
  );
  assert.deepEqual(results.map(({ error }) => error), Array(4).fill("no answer within 1.5 s"));
  const { rehearsal: ended } = await rehearse(
    planOf(`${folder}/nginx.conf`, { others }),
    AbortSignal.abort(),
  );
  assert.deepEqual(ended.results, []);
  await Deno.remove(folder, { recursive: true });
});
