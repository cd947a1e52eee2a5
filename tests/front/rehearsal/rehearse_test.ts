/** A rehearsal against a real nginx: everything that it may be configured to do with a client. */

import assert from "node:assert/strict";
import { NginxLoads } from "../../../src/front/rehearsal/nginx_load.ts";
import { loadedMs, nginxAt } from "../../../src/front/rehearsal/nginx_process.ts";
import { QuestionPace } from "../../../src/front/rehearsal/question_pace.ts";
import { type RehearsalPlan, rehearse } from "../../../src/front/rehearsal/rehearse.ts";
import { rehearsal, type RehearsedName } from "../../../src/status/rehearsal.ts";
import { waitFor } from "../../../lab/wait.ts";
import settings from "../../../deno.json" with { type: "json" };
import { shellLines } from "../../readme.ts";
import { machineFiles as proc } from "./proc_files.ts";
import { freePorts, makeCertificate, startNginx } from "./real_nginx.ts";

const ALL = new AbortController().signal;

async function planOf(
  config: string,
  changes: Partial<RehearsalPlan> = {},
  loads = new NginxLoads(proc, "web"),
): Promise<RehearsalPlan> {
  const { nginx = null } = changes;
  return {
    ...{
      node: "lb01",
      nginx,
      config,
      virtual: ["127.0.0.77"],
      names: [],
      except: [],
      paths: ["/"],
    },
    ...{
      load: await loads.look(nginx, config),
      others: [],
      proc,
      shutDown: () => {},
      pace: new QuestionPace(),
    },
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
    const ports = freePorts(8);
    const [tls, plain, proxy, old, stream, clients, closed, http2] = ports;
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
    server { listen ${proxy} proxy_protocol; listen 127.0.0.1:${proxy}; server_name e.test; return 201; }
    server { listen ${old} ssl; ssl_protocols TLSv1.1; server_name d.test; }
    server { listen ${clients} ssl; server_name a.test; ssl_verify_client on;
      ssl_client_certificate ${folder}/good.pem; }
    server { listen ${stream} ssl; }
    server { listen ${http2} http2; server_name a.test; return 301 https://b.test/x?y=1; }
    server { listen ${http2} http2; server_name b.test; location / { return 204; } location /no { return 301 /; } }
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
    const learnt = await rehearse(
      await planOf(nginx.config, { paths: ["/", "/no"], others }),
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
      "e.test 2": "201",
      "- 3": "not: it speaks TLSv1.1 only",
      "d.test 3": "not: it speaks TLSv1.1 only",
      "- 5": `${good} 400`,
      "a.test 5": `${good} 400`,
      "- 4": good,
      "new.test 0": "error served: null",
      "a.test 6": "not: nginx's files are not known served: null",
      "- 7": "301 https://b.test/x",
      "a.test 7": "301 https://b.test/x",
      "b.test 7": "204",
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
  "nginx serves what it has loaded: what came, went or changed after that is stale, until a reload takes it",
  { permissions },
  async () => {
    await assert.rejects(Deno.readTextFile("/proc/self/stat"), Deno.errors.NotCapable);
    const folder = await Deno.makeTempDir();
    await Deno.mkdir(`${folder}/sites`);
    await Deno.mkdir(`${folder}/aside`);
    const [port] = freePorts(1);
    const server = (name: string) =>
      `server { listen ${port}; server_name ${name}.test; return 200; }`;
    for (const name of ["a", "b"]) {
      await Deno.writeTextFile(`${folder}/sites/${name}.conf`, server(name));
    }
    await Deno.writeTextFile(`${folder}/aside/old.conf`, server("old"));
    await using nginx = await startNginx(folder, `include ${folder}/sites/*.conf;`);
    const running = () => nginxAt(proc, nginx.pid)!;
    const workers = async (others: readonly number[]) => {
      await waitFor("two workers", () => {
        // It may be between two of its states.
        const workers = nginxAt(proc, nginx.pid)?.workers ?? [];
        return Promise.resolve(workers.length === 2 && !workers.some((it) => others.includes(it)));
      }, { timeoutMs: 5000 });
      // A file counts as newer from a tenth of a second on.
      await new Promise((resolve) => setTimeout(resolve, 150));
    };
    await workers([]);
    assert.equal(running().config, nginx.config);
    assert.equal(nginxAt(proc, Deno.pid), null);
    assert(
      Math.abs(loadedMs(proc, running())! - Date.now()) < 5000,
      "the start of a worker is of now",
    );
    const known = new NginxLoads(proc, "web");
    const look = async (loads = known) => {
      const load = await loads.look(running(), nginx.config);
      const { results } = await rehearse(
        await planOf(nginx.config, { nginx: running(), load }),
        ALL,
      );
      const names = Object.fromEntries(results.map(({ name, served }) => [name, served]));
      const { unloadable, times } = load;
      return { stale: load.stale?.replace(/ is .*/, "") ?? null, unloadable, names, times };
    };
    const path = (name: string) => `${folder}/sites/${name}.conf`;
    const ALL_SERVED = { "": true, "a.test": true, "b.test": true };
    const fresh = await look();
    assert.deepEqual([fresh.stale, fresh.names], [null, ALL_SERVED]);
    assert.equal(fresh.times.hasChanged(), false);

    const changes: readonly {
      readonly change: () => Promise<unknown>;
      readonly back: () => Promise<unknown>;
      readonly stale: string;
      readonly unloadable?: string;
      /** To one who has not seen what nginx loaded. */
      readonly stranger: Readonly<Record<string, boolean | null>> | null;
    }[] = [
      {
        change: () => Deno.writeTextFile(path("x"), `${server("x")} broken`),
        back: () => Deno.remove(path("x")),
        stale: path("x"),
        unloadable: `${path("x")}: line 1: ";" is missing at the end`,
        stranger: { ...ALL_SERVED, "x.test": null },
      },
      {
        change: () =>
          Deno.writeTextFile(
            path("x"),
            server("x").replace("return", "ssl_certificate /no.pem; $&"),
          ),
        back: () => Deno.remove(path("x")),
        stale: path("x"),
        unloadable: "/no.pem: there is no such file",
        stranger: { ...ALL_SERVED, "x.test": null },
      },
      {
        // A file of another time, as sites are enabled.
        change: () => Deno.symlink("../aside/old.conf", path("old")),
        back: () => Deno.remove(path("old")),
        stale: path("old"),
        stranger: { ...ALL_SERVED, "old.test": null },
      },
      {
        change: () => Deno.rename(path("b"), `${folder}/b.aside`),
        back: () => Promise.resolve(),
        stale: path("b"),
        stranger: null,
      },
      {
        change: () => Deno.writeTextFile(path("a"), server("new")),
        back: () => Promise.resolve(),
        stale: path("a"),
        stranger: { "": null, "new.test": null },
      },
    ];
    for (const { change, back, stale, unloadable = null, stranger } of changes) {
      const { times } = await look();
      assert.equal(times.hasChanged(), false);
      await change();
      assert.equal(times.hasChanged(), true, stale);
      const now = await look();
      assert.deepEqual([now.stale, now.unloadable, now.names], [stale, unloadable, ALL_SERVED]);
      const seen = await look(new NginxLoads(proc, "web"));
      if (stranger === null) assert.equal(seen.stale, null);
      else assert.deepEqual([seen.stale, seen.names], [stale, stranger]);
      await back();
    }

    const before = running().workers;
    await nginx.signal("reload");
    await workers(before);
    const after = await look();
    assert.deepEqual([after.stale, after.names], [null, { "": true, "new.test": true }]);
    // Whose file it is changes nothing that nginx reads, and an editor's own files are none of nginx's.
    await Deno.chmod(path("a"), 0o600);
    assert.equal((await look()).stale, null);
    const again = await look();
    await Deno.writeTextFile(`${folder}/sites/.a.conf.swp`, "");
    assert.equal(again.times.hasChanged(), false);
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
    const learnt = await rehearse(await planOf(nginx.config), ALL);
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
  const { nginx, results } = await rehearse(await planOf(config, { virtual }), ALL);
  assert.equal(results.length, 5000);
  assert.deepEqual(nginx.unread, [{
    ...{ path: `the rest of ${config}`, reason: "vipd asks 5000 questions at most", named: false },
  }]);
  const jailed = { pid: 5_000_001, config, workers: [], ownRoot: true };
  const inJail = await rehearse(await planOf(config, { virtual, nginx: jailed }), ALL);
  assert.deepEqual([inJail.results, inJail.nginx.unread.map(({ reason }) => reason)], [
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
  const { results } = await rehearse(
    await planOf(`${folder}/nginx.conf`, { others }),
    ALL,
  );
  assert.deepEqual(results.map(({ error }) => error), Array(4).fill("no answer within 1.5 s"));
  const ended = await rehearse(
    await planOf(`${folder}/nginx.conf`, { others }),
    AbortSignal.abort(),
  );
  assert.deepEqual(ended.results, []);
  await Deno.remove(folder, { recursive: true });
});

/** What a pretended nginx does with a request for a name, the first time and then. */
type Behaviour = "answer" | "hang" | "close";

/** Rehearses beside a server that treats each name so; how often each was asked, and the error of each. */
async function beside(
  treat: (name: string, time: number) => Behaviour,
  names: readonly string[],
  signal = ALL,
) {
  const asked = new Map<string, number>();
  const held: Deno.TcpConn[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async (connection: Deno.TcpConn) => {
    const octets = new Uint8Array(4096);
    const count = await connection.read(octets) ?? 0;
    const head = new TextDecoder().decode(octets.subarray(0, count));
    const name = /^Host: ([^:\r]*)/m.exec(head)?.[1] ?? "";
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const what = treat(name, asked.get(name)!);
    if (what === "hang") return void held.push(connection);
    const answer = what === "answer" ? "HTTP/1.1 204 No Content\r\n\r\n" : "";
    await connection.write(new TextEncoder().encode(answer)).catch(() => {});
    connection.close();
  };
  const serving = (async () => {
    for await (const connection of listener) serve(connection).catch(() => {});
  })();
  const folder = await Deno.makeTempDir();
  const { port } = listener.addr as Deno.NetAddr;
  const config = `${folder}/nginx.conf`;
  const server = `server { listen ${port}; server_name ${names.join(" ")}; }`;
  await Deno.writeTextFile(config, `http { ${server} }`);
  const beganMs = performance.now();
  const { results } = await rehearse(await planOf(config), signal);
  const tookMs = performance.now() - beganMs;
  for (const connection of held) connection.close();
  listener.close();
  await serving;
  await Deno.remove(folder, { recursive: true });
  const errors = Object.fromEntries(results.map(({ name, error }) => [name, error]));
  return { errors, asked: Object.fromEntries(asked), tookMs };
}

Deno.test("a name that got no answer is asked once more, and the second answer counts", async () => {
  const { errors, asked } = await beside((name, time) => {
    if (name === "closes.test") return "close";
    if (name === "hangs.test" || name === "busy.test" && time === 1) return "hang";
    return "answer";
  }, ["quick.test", "busy.test", "hangs.test", "closes.test"]);
  assert.deepEqual(errors, {
    ...{ "": null, "quick.test": null, "busy.test": null },
    ...{ "hangs.test": "no answer within 1.5 s" },
    ...{ "closes.test": "it closes the connection without an answer" },
  });
  assert.deepEqual(asked, {
    ...{ "vipd-rehearsal.invalid": 1, "quick.test": 1, "busy.test": 2, "hangs.test": 2 },
    // `return 444` does so each time.
    "closes.test": 1,
  });
});

Deno.test("an nginx that starts again during a rehearsal speaks against no name", async () => {
  const folder = await Deno.makeTempDir();
  const [port] = freePorts(1);
  const config = `${folder}/nginx.conf`;
  await Deno.writeTextFile(config, `http { server { listen ${port}; server_name a.test; } }`);
  const rehearsing = rehearse(await planOf(config), ALL);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: port!, onListen: () => {} },
    () => new Response(null, { status: 204 }),
  );
  const { results } = await rehearsing;
  assert.deepEqual(results.map(({ status, error }) => [status, error]), [[204, null], [204, null]]);
  await server.shutdown();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("of many names that get no answer, a second's are asked once more, then the others if that helped", async () => {
  const names = Array.from({ length: 69 }, (_, index) => `n${index}.test`);
  const dead = await beside(() => "hang", names);
  const again = Object.values(dead.asked).filter((times) => times === 2).length;
  assert.deepEqual([again, Object.keys(dead.asked).length], [50, 70]);
  const alive = await beside((_, time) => time === 1 ? "hang" : "answer", names);
  assert.deepEqual(new Set(Object.values(alive.errors)), new Set([null]));
  // It asks nobody once more for whom nobody waits.
  const leaves = new AbortController();
  setTimeout(() => leaves.abort(), 1600);
  const left = await beside(() => "hang", ["a.test"], leaves.signal);
  assert.deepEqual(new Set(Object.values(left.asked)), new Set([1]));
  assert(left.tookMs < 2200, `${left.tookMs} ms`);
});

Deno.test("a clock that is set back meanwhile makes no rehearsal that nobody can read", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/nginx.conf`;
  await Deno.writeTextFile(path, "events {}");
  const wanted = await planOf(path);
  const { now } = Date;
  let hours = 0;
  Date.now = () => now() - 3_600_000 * hours++;
  try {
    const made = await rehearse(wanted, ALL);
    assert.equal(rehearsal.safeParse(made).error, undefined);
    assert.ok(made.took_ms < 60_000);
  } finally {
    Date.now = now;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(
  "with the listen that a rehearsal names it asks the server",
  { permissions },
  async () => {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    await makeCertificate(folder, "good", "DNS:a.test", 90);
    const [plain, tls] = freePorts(2);
    const httpOf = (ofPlain: string, ofTls: string) => `
    ssl_certificate ${folder}/good.pem; ssl_certificate_key ${folder}/good.key;
    server { listen 127.0.0.77:${plain} proxy_protocol; listen 127.0.0.1:${plain} proxy_protocol;
      ${ofPlain} server_name a.test; return 201; }
    server { listen ${tls} ssl proxy_protocol; ${ofTls} server_name b.test; return 202; }
    server { listen 127.0.0.1:${tls}; return 203; }`;
    await Deno.writeTextFile(`${folder}/nginx.conf`, `http { ${httpOf("", "")} }`);
    const before = await rehearse(await planOf(`${folder}/nginx.conf`), ALL);
    const named = (name: string) =>
      /`(.*)`/.exec(before.results.find((one) => one.name === name)!.not_rehearsed!)![1]!;
    await using nginx = await startNginx(folder, httpOf(named("a.test"), named("b.test")));
    const { results } = await rehearse(await planOf(nginx.config), ALL);
    const statuses = ["a.test", "b.test"].map((name) =>
      results.find((one) => one.name === name)!.status
    );
    assert.deepEqual(statuses, [201, 202]);
  },
);

Deno.test(
  "a person asks a server that a rehearsal cannot ask by the documented commands",
  { permissions },
  async () => {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    await makeCertificate(folder, "good", "DNS:www.example.com", 90);
    const [proxied, old] = freePorts(2);
    const http = `
    ssl_certificate ${folder}/good.pem; ssl_certificate_key ${folder}/good.key;
    server { listen 127.0.0.1:${proxied} ssl proxy_protocol; server_name www.example.com; return 201; }
    server { listen 127.0.0.1:${old} ssl; server_name www.example.com; return 202;
      ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0; }`;
    await using _nginx = await startNginx(folder, http);
    const lines = await shellLines(
      "docs/rehearsal.md",
      "You can ask a server that vipd cannot ask",
    );
    const [code, certificate] = await Promise.all(
      lines.join("\n").replaceAll("\\\n", " ").split("\n").map(async (line, index) => {
        const typed = line.replaceAll("443", `${[proxied, old][index]}`)
          .replace(/(https:[^/]*\/\/[^/]+)/, `$1:${proxied}`);
        const { stdout } = await new Deno.Command("sh", { args: ["-c", typed] }).output();
        return new TextDecoder().decode(stdout);
      }),
    );
    assert.equal(code, "201\n");
    assert.match(certificate!, /^subject=.*\nnotAfter=/);
  },
);
