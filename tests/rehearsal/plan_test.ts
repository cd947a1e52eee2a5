/** Which names a node asks for, and where, by nginx's files and the addresses that it has. */

import assert from "node:assert/strict";
import { serversOf } from "../../src/nginx/servers.ts";
import { parseText } from "../../src/nginx/syntax.ts";
import { Places } from "../../src/rehearsal/place.ts";
import {
  isAskable,
  plan,
  prereadPlaces,
  type Question,
  unknownExpressions,
} from "../../src/rehearsal/plan.ts";

const VIP = "192.168.31.5";
const OWN = "192.168.31.12";

interface Given {
  readonly addresses?: readonly string[];
  readonly names?: readonly string[];
  readonly except?: readonly string[];
  readonly paths?: readonly string[];
  readonly others?: readonly Question[];
  readonly incomplete?: boolean;
  readonly unsure?: readonly string[];
  readonly listening?: readonly string[];
}

function servers(http: string) {
  return serversOf(parseText(`http { ${http} }`, "f").directives, "/etc/nginx");
}

function planOf(http: string | null, given: Given = {}) {
  return plan({
    servers: http === null
      ? null
      : http.startsWith("stream")
      ? serversOf(parseText(http, "f").directives, "/etc/nginx")
      : servers(http),
    incomplete: given.incomplete ?? false,
    ...(given.unsure && { unsure: new Set(given.unsure) }),
    own: { addresses: ["127.0.0.1", "::1", OWN, ...given.addresses ?? []], virtual: [VIP] },
    listening: given.listening ? new Set(given.listening) : null,
    names: given.names ?? [],
    except: given.except ?? [],
    paths: given.paths ?? ["/"],
    others: given.others ?? [],
  });
}

/** One line for each question: `name port tls path @ where served`. */
function planned(http: string | null, given: Given = {}): string[] {
  return planOf(http, given).questions.map(({ name, port, tls, path, place, served }) => {
    const where = "why" in place
      ? place.why.split(",")[0]
      : "deaf" in place
      ? "nowhere"
      : `${place.address}:${place.port}`;
    return `${name || "-"} ${port}${tls ? " tls" : ""} ${path} @ ${where} ${served}`;
  });
}

const CASES: readonly {
  readonly what: string;
  readonly http: string | null;
  readonly given?: Given;
  readonly is: readonly string[];
}[] = [
  {
    what: "a wildcard address is asked on loopback",
    http: "server { listen 443 ssl; listen 80; server_name a.test b.test; }",
    is: [
      ...["- 443 tls / @ 127.0.0.1:443 true", "a.test 443 tls / @ 127.0.0.1:443 true"],
      ...["b.test 443 tls / @ 127.0.0.1:443 true", "- 80 / @ 127.0.0.1:80 true"],
      ...["a.test 80 / @ 127.0.0.1:80 true", "b.test 80 / @ 127.0.0.1:80 true"],
    ],
  },
  {
    what: "a name of this node alone is not asked, and the default of a port that has no other",
    http: "server { listen 443 ssl; server_name LB01.test a.test; } " +
      "server { listen 8443 ssl; server_name lb01.test; } server { listen 80; server_name lb01.test; }",
    given: { except: ["lb01.test:8443", "lb01.test:443"], names: ["lb01.test", "b.test"] },
    is: [
      ...["- 443 tls / @ 127.0.0.1:443 true", "a.test 443 tls / @ 127.0.0.1:443 true"],
      ...["- 80 / @ 127.0.0.1:80 true", "lb01.test 80 / @ 127.0.0.1:80 true"],
      "b.test 443 tls / @ 127.0.0.1:443 false",
    ],
  },
  {
    what: "a name of this node alone without a port is so on all ports",
    http: "server { listen 80; listen 443 ssl; server_name lb01.test; } " +
      "server { listen 80; server_name a.test; }",
    given: { except: ["lb01.test"] },
    is: ["- 80 / @ 127.0.0.1:80 true", "a.test 80 / @ 127.0.0.1:80 true"],
  },
  {
    what: "a virtual address that is elsewhere is never asked",
    http: `server { listen ${VIP}:443 ssl; server_name a.test; }`,
    is: [
      `- 443 tls / @ nginx listens for it on ${VIP}:443 only true`,
      `a.test 443 tls / @ nginx listens for it on ${VIP}:443 only true`,
    ],
  },
  {
    what: "a virtual address that is here is asked",
    http: `server { listen ${VIP}:443 ssl; server_name a.test; }`,
    given: { addresses: [VIP] },
    is: [`- 443 tls / @ ${VIP}:443 true`, `a.test 443 tls / @ ${VIP}:443 true`],
  },
  {
    what: "the same server is asked on an address of this machine",
    http: `server { listen ${VIP}:443 ssl; listen ${OWN}:8443 ssl; server_name a.test; }`,
    is: [`- 443 tls / @ ${OWN}:8443 true`, `a.test 443 tls / @ ${OWN}:8443 true`],
  },
  {
    what: "a server without TLS does not stand for one with it",
    http: `server { listen ${VIP}:443 ssl; listen 127.0.0.1:81; server_name a.test; }`,
    is: [
      `- 443 tls / @ nginx listens for it on ${VIP}:443 only true`,
      `a.test 443 tls / @ nginx listens for it on ${VIP}:443 only true`,
    ],
  },
  {
    what: "what clients of the virtual address do not reach is not asked",
    http: `server { listen 127.0.0.1:80; server_name a.test; }
      server { listen ${OWN}:80; server_name b.test; }
      server { listen ${VIP}:81; listen 127.0.0.1:81; server_name c.test; }
      server { listen 81; server_name d.test; }`,
    is: ["- 81 / @ 127.0.0.1:81 true", "c.test 81 / @ 127.0.0.1:81 true"],
  },
  {
    what: "where loopback has a server of its own, another address of this machine is asked",
    http: `server { listen 80; server_name a.test; } server { listen 127.0.0.1:80; }`,
    is: [`- 80 / @ ${OWN}:80 true`, `a.test 80 / @ ${OWN}:80 true`],
  },
  {
    what: "wildcard names, regular expressions, and the default server",
    http: `server { listen 80; server_name *.a.test .b.test mail.* ~^x\\d+\\.test$; }
      server { listen 80 default_server; server_name _; }`,
    given: { names: ["x7.test:80"] },
    is: [
      "vipd-rehearsal.a.test 80 / @ 127.0.0.1:80 true",
      "b.test 80 / @ 127.0.0.1:80 true",
      "vipd-rehearsal.b.test 80 / @ 127.0.0.1:80 true",
      "mail.vipd-rehearsal.invalid 80 / @ 127.0.0.1:80 true",
      "x7.test 80 / @ 127.0.0.1:80 true",
      "- 80 / @ 127.0.0.1:80 true",
    ],
  },
  {
    what: "a name of which nginx looks up the address may be a virtual address's",
    http: `server { listen vip.test:443 ssl default_server; server_name a.test; }
      server { listen localhost:444 ssl; server_name b.test; }
      server { listen vip.test:80 default_server; listen 127.0.0.1:80; server_name c.test; }
      server { listen ${OWN}:81; listen 80; server_name d.test; }`,
    is: [
      "- 80 / @ 192.168.31.12:80 true",
      "d.test 80 / @ 192.168.31.12:80 true",
      "- 443 tls / @ nginx listens for it on vip.test:443 only true",
      "a.test 443 tls / @ nginx listens for it on vip.test:443 only true",
      "c.test 80 / @ 127.0.0.1:80 true",
    ],
  },
  {
    what: "PROXY protocol and old TLS cannot be asked",
    http: `server { listen 443 ssl proxy_protocol; server_name a.test; }
      server { listen 444 ssl; ssl_protocols TLSv1 TLSv1.1; }`,
    is: [
      "- 443 tls / @ it takes the PROXY protocol true",
      "a.test 443 tls / @ it takes the PROXY protocol true",
      "- 444 tls / @ it speaks TLSv1 and TLSv1.1 only true",
    ],
  },
  {
    what: "one version of TLS that vipd does not speak",
    http: "server { listen 444 ssl; ssl_protocols TLSv1.1; }",
    is: ["- 444 tls / @ it speaks TLSv1.1 only true"],
  },
  {
    what: "a server that takes the PROXY protocol is asked at a listen without it",
    http: `server { listen 443 ssl proxy_protocol; listen 127.0.0.1:443 ssl; server_name a.test; }
      server { listen 80 proxy_protocol; listen 127.0.0.1:80 proxy_protocol; listen ${OWN}:81; }`,
    is: [
      "- 443 tls / @ 127.0.0.1:443 true",
      "a.test 443 tls / @ 127.0.0.1:443 true",
      `- 80 / @ ${OWN}:81 true`,
    ],
  },
  {
    what: "a name of old TLS that is left out, and its port's server for all other names",
    http: `server { listen 444 ssl; ssl_protocols TLSv1.1; server_name old.test; }`,
    given: { except: ["old.test"] },
    is: [],
  },
  {
    what: "paths",
    http: "server { listen 80; server_name a.test; }",
    given: { paths: ["/", "/health"] },
    is: [
      ...["- 80 / @ 127.0.0.1:80 true", "- 80 /health @ 127.0.0.1:80 true"],
      ...["a.test 80 / @ 127.0.0.1:80 true", "a.test 80 /health @ 127.0.0.1:80 true"],
    ],
  },
  {
    what: "connections that nginx forwards",
    http: "stream { server { listen 3306; } }",
    is: ["- 3306 null @ 127.0.0.1:3306 true"],
  },
  {
    what: "names behind a server that forwards by them: those that are configured",
    http: "stream { server { listen 443; ssl_preread on; proxy_pass $backend; } }",
    given: { names: ["a.test", "a.test:444"] },
    is: [
      "- 443 null @ 127.0.0.1:443 true",
      "a.test 443 tls / @ 127.0.0.1:443 null",
      "a.test 444 tls / @ nowhere false",
    ],
  },
  {
    what: "a socket that takes both families, for a server that does not say so",
    http: "server { listen [::]:80 ipv6only=off; } server { listen [::]:80; server_name a.test; }",
    is: ["- 80 / @ ::1:80 true", "a.test 80 / @ ::1:80 true"],
  },
  {
    what: "what the other node serves is asked for, whether this one has it or not",
    http: "server { listen 443 ssl; server_name *.a.test; }",
    given: {
      others: ["x.a.test", "new.test", ""].flatMap((name) =>
        [443, 444].map((port) => ({ name, port, tls: true, path: "/" }))
      ),
    },
    is: [
      "- 443 tls / @ 127.0.0.1:443 true",
      "vipd-rehearsal.a.test 443 tls / @ 127.0.0.1:443 true",
      "x.a.test 443 tls / @ 127.0.0.1:443 true",
      "x.a.test 444 tls / @ nowhere false",
      "new.test 443 tls / @ 127.0.0.1:443 false",
      "new.test 444 tls / @ nowhere false",
      "- 444 tls / @ nowhere false",
    ],
  },
  {
    what: "a name that the other node forwards, and a server of this one has",
    http:
      "server { listen 443 ssl default_server; } server { listen 443 ssl; server_name a.test; }",
    given: { others: [{ name: "a.test", port: 443, tls: true, path: null }] },
    is: [
      ...["- 443 tls / @ 127.0.0.1:443 true", "a.test 443 tls / @ 127.0.0.1:443 true"],
      "a.test 443 tls null @ 127.0.0.1:443 true",
    ],
  },
  {
    what: "of a file of which nginx has loaded another text nothing is known",
    http: "server { listen 80; server_name a.test; }",
    given: { unsure: ["f"], names: ["b.test:80"] },
    is: [
      ...["- 80 / @ 127.0.0.1:80 null", "a.test 80 / @ 127.0.0.1:80 null"],
      "b.test 80 / @ 127.0.0.1:80 null",
    ],
  },
  {
    what: "without nginx's files, configured names and those of the other node",
    http: null,
    given: {
      names: ["a.test", "b.test:80"],
      others: [{ name: "c.test", port: 443, tls: true, path: "/" }],
    },
    is: [
      "a.test 443 tls / @ 127.0.0.1:443 null",
      "b.test 80 / @ 127.0.0.1:80 null",
      "c.test 443 tls / @ 127.0.0.1:443 null",
    ],
  },
  {
    what: "without nginx's files, they are asked where something listens on this machine",
    http: null,
    given: {
      names: ["a.test", "b.test:80"],
      listening: ["0.0.0.0 22", "127.0.0.1 25", `${VIP} 443`, `${OWN} 443`, ":: 80"],
    },
    is: [`a.test 443 tls / @ ${OWN}:443 null`, "b.test 80 / @ ::1:80 null"],
  },
  {
    what: "without nginx's files, a virtual address that is elsewhere is not asked",
    http: null,
    given: { names: ["a.test", "b.test:80"], listening: [`${VIP} 443`] },
    is: ["a.test 443 tls / @ nginx's files are not known null", "b.test 80 / @ nowhere null"],
  },
  {
    what: "without nginx's files, another node's word opens no other port",
    http: null,
    given: { others: [{ name: "c.test", port: 6379, tls: false, path: "/" }] },
    is: ["c.test 6379 / @ nginx's files are not known null"],
  },
  {
    what: "of files that may not be read nothing is known to be missing",
    http: "server { listen 80; }",
    given: { incomplete: true, names: ["a.test:80"] },
    is: ["- 80 / @ 127.0.0.1:80 true", "a.test 80 / @ 127.0.0.1:80 null"],
  },
];

for (const { what: name, http, given, is } of CASES) {
  Deno.test(`rehearsal's plan: ${name}`, () => assert.deepEqual(planned(http, given), is));
}

Deno.test("rehearsal's plan: a regular expression needs a name that fits it", () => {
  const there = servers("server { server_name ~^a\\d$ ~^b$; }");
  assert.deepEqual(unknownExpressions(there, ["a1"]), ["~^b$"]);
});

Deno.test("rehearsal's plan: the listen that it names is none that speaks otherwise", () => {
  const first = "server_name a.test;";
  const cases: readonly (readonly [text: string, words: string])[] = [
    [`http { server { listen 80 proxy_protocol; ${first} } }`, "listen 127.0.0.1:80;"],
    [`http { server { listen 127.0.0.1:80 proxy_protocol; ${first} } }`, "listen 127.0.0.2:80;"],
    [
      `http { server { listen 127.0.0.1:80 proxy_protocol; listen 127.0.0.2:80 proxy_protocol; ${first} } }`,
      "listen 127.0.0.3:80;",
    ],
    [
      `http { server { listen 80 proxy_protocol; ${first} } server { listen 127.0.0.1:80 proxy_protocol; } }`,
      "listen 127.0.0.2:80;",
    ],
    [
      `http { server { listen ${VIP}:443 ssl; ${first} } server { listen 127.0.0.1:443; } }`,
      "listen 127.0.0.2:443 ssl;",
    ],
    [
      `http { server { listen ${VIP}:443 ssl; ${first} } server { listen 127.0.0.1:443 ssl; } }`,
      "listen 127.0.0.1:443 ssl;",
    ],
    [
      `http { server { listen ${VIP}:80; ${first} } } stream { server { listen 127.0.0.1:80; } }`,
      "listen 127.0.0.2:80;",
    ],
  ];
  for (const [text, words] of cases) {
    const servers = serversOf(parseText(text, "f").directives, "/etc/nginx");
    const places = new Places(servers, { addresses: ["127.0.0.1", "::1", OWN], virtual: [VIP] });
    const place = places.of(servers[0]!, servers[0]!.listens[0]!);
    assert.ok("why" in place, text);
    assert.equal(/`(.*)`/.exec(place.why)?.[1], words, text);
  }
});

Deno.test("rehearsal's plan: ten thousand names end at the bound", () => {
  const names = Array.from({ length: 10_000 }, (_, at) => `n${at}.test`).join(" ");
  const { questions, whole } = planOf(`server { listen 80; server_name ${names}; }`);
  assert.deepEqual([questions.length, whole], [5000, false]);
  assert.equal(planOf("server { listen 80; }").whole, true);
});

Deno.test("rehearsal's plan: the servers that forward by a name are found by their places", () => {
  const text = "stream {\nssl_preread on;\nserver { listen 443; }\n" +
    "server { listen 444; ssl_preread off; }\n}";
  const there = serversOf(parseText(text, "/etc/nginx/x").directives, "/etc/nginx");
  assert.deepEqual(prereadPlaces(there), ["/etc/nginx/x:3"]);
});

Deno.test("rehearsal's plan: what another node names is asked only if it is a name and a path of this node's own", () => {
  const cases: readonly (readonly [name: string, path: string | null, is: boolean])[] = [
    ["a.test", "/", true],
    ["", "/health", true],
    ["a.test", null, true],
    ["a.test", "/other", false],
    ["a.test\r\nX: y", "/", false],
    ["a.test", "/ HTTP/1.1\r\n", false],
  ];
  for (const [name, path, is] of cases) {
    assert.equal(isAskable({ name, port: 80, tls: false, path }, ["/", "/health"]), is, name);
  }
});
