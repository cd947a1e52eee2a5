/** What a server listens on and which names are its own, as nginx's documents say. */

import assert from "node:assert/strict";
import { readListen } from "../../src/nginx/listen.ts";
import { matchesName, readServerNames } from "../../src/nginx/server_name.ts";
import { serversOf } from "../../src/nginx/servers.ts";
import { parseText } from "../../src/nginx/syntax.ts";

Deno.test("nginx: addresses and ports of listen", () => {
  const cases: readonly (readonly [words: string, is: readonly string[]])[] = [
    ["80", ["0.0.0.0 80"]],
    ["*:8080", ["0.0.0.0 8080"]],
    ["192.0.2.5", ["192.0.2.5 80"]],
    ["192.0.2.5:443 ssl http2", ["192.0.2.5 443 tls"]],
    ["443 ssl default_server reuseport", ["0.0.0.0 443 tls default"]],
    ["[::]:443 ssl", [":: 443 tls"]],
    ["[::]:80 ipv6only=off", [":: 80", "0.0.0.0 80"]],
    ["[2001:DB8::0:1]", ["2001:db8::1 80"]],
    ["localhost:8000", ["localhost? 8000"]],
    ["vip.example", ["vip.example? 80"]],
    ["127.0.0.1:81 proxy_protocol", ["127.0.0.1 81 proxy"]],
    ["8000-8002", ["0.0.0.0 8000", "0.0.0.0 8001", "0.0.0.0 8002"]],
    ["8002-8000", []],
    ["1", ["0.0.0.0 1"]],
    ["1", ["0.0.0.0 1"]],
    ["65535-65536", ["0.0.0.0 65535"]],
    ["unix:/run/nginx.sock ssl", []],
    ["443 quic reuseport", []],
    ["53 udp", []],
    ["0", []],
    ["80 default", ["0.0.0.0 80 default"]],
  ];
  for (const [words, is] of cases) {
    const texts = readListen(words.split(" "), 80).map((it) =>
      [
        `${it.address ?? `${it.name}?`} ${it.port}`,
        ...(it.tls ? ["tls"] : []),
        ...(it.proxyProtocol ? ["proxy"] : []),
        ...(it.defaultServer ? ["default"] : []),
      ].join(" ")
    );
    assert.deepEqual(texts, is, words);
  }
});

Deno.test("nginx: which names are asked for, and which take a request", () => {
  const names = readServerNames([
    ...["Example.com", "*.example.org", ".example.net", "mail.*", "_", "", "--", "!@#"],
    ...["~^(?P<user>.+)\\.users\\.example$", "~(unclosed", "$hostname", "xn--mnchen-3ya.example."],
  ]);
  assert.deepEqual(names.map(({ kind, text }) => `${kind} ${text}`), [
    ...["exact example.com", "suffix .example.org", "exact example.net", "suffix .example.net"],
    ...["prefix mail.", "regex ^(?P<user>.+)\\.users\\.example$", "regex (unclosed"],
    "exact xn--mnchen-3ya.example",
  ]);
  const taken = (asked: string) =>
    names.filter((name) => matchesName(name, asked)).map(({ written }) => written);
  assert.deepEqual(taken("example.com"), ["Example.com"]);
  assert.deepEqual(taken("a.b.example.org"), ["*.example.org"]);
  assert.deepEqual(taken("example.org"), []);
  assert.deepEqual(taken("example.net"), [".example.net"]);
  assert.deepEqual(taken("x.example.net"), [".example.net"]);
  assert.deepEqual(taken("mail.example.com"), ["mail.*"]);
  assert.deepEqual(taken("joe.users.example"), ["~^(?P<user>.+)\\.users\\.example$"]);
});

Deno.test("nginx: servers of http and stream, with what they inherit", () => {
  const { directives } = parseText(
    `http {
      ssl_certificate all.pem; ssl_certificate_key all.key; ssl_protocols TLSv1.2;
      server { server_name a.example b.example; server_name c.example; }
      server { listen 443 ssl; ssl_certificate /x/$ssl_server_name.pem; ssl_protocols TLSv1.1; }
      server { ssl on; listen 444; ssl_certificate /x/y.pem; ssl_certificate_key engine:a:b; ssl_dhparam d; }
    }
    stream { server { listen 3306 ssl; ssl_dhparam d; proxy_pass db; } server { listen 53 udp; } }
    mail { server { listen 25; } }`,
    "f",
  );
  const short = serversOf(directives, "/etc/nginx").map((server) => ({
    kind: server.kind,
    names: server.names.map(({ text }) => text).join(" "),
    listens: server.listens.map(({ port, tls }) => `${port}${tls ? " tls" : ""}`).join(" "),
    certificates: server.certificates.join(" "),
    protocols: server.protocols.join(" "),
    line: server.line,
  }));
  const http = { kind: "http", names: "", protocols: "TLSv1.2" };
  const stream = { kind: "stream", names: "", certificates: "", protocols: "", line: 7 };
  assert.deepEqual(short, [
    {
      ...http,
      names: "a.example b.example c.example",
      ...{ listens: "80", certificates: "/etc/nginx/all.pem /etc/nginx/all.key", line: 3 },
    },
    {
      ...http,
      listens: "443 tls",
      certificates: "/etc/nginx/all.key",
      protocols: "TLSv1.1",
      line: 4,
    },
    { ...http, listens: "444 tls", certificates: "/x/y.pem /etc/nginx/d", line: 5 },
    { ...stream, listens: "3306 tls" },
    { ...stream, listens: "" },
  ]);
});

Deno.test("nginx: what one server says of a socket holds for all that share it", () => {
  const { directives } = parseText(
    `http {
      server { listen 443 ssl; listen [::]:444 ipv6only=off proxy_protocol; }
      server { listen 443; listen [::]:444; listen 80; }
      server { listen localhost:80; listen lb:80 ssl; }
    }
    stream { ssl_preread on; server { listen 443; } server { listen 444; ssl_preread off; } }`,
    "f",
  );
  const servers = serversOf(directives, "/etc/nginx");
  const listens = servers.map((server) =>
    server.listens.map(({ address, port, tls, proxyProtocol, bothFamilies }) =>
      `${address} ${port}${tls ? " tls" : ""}${proxyProtocol ? " proxy" : ""}` +
      (bothFamilies ? " both" : "")
    )
  );
  assert.deepEqual(listens, [
    ["0.0.0.0 443 tls", ":: 444 proxy both", "0.0.0.0 444 proxy"],
    ["0.0.0.0 443 tls", ":: 444 proxy both", "0.0.0.0 444 proxy", "0.0.0.0 80"],
    ["null 80", "null 80 tls"],
    ["0.0.0.0 443"],
    ["0.0.0.0 444"],
  ]);
  assert.deepEqual(servers.map(({ preread }) => preread), [false, false, false, true, false]);
});
