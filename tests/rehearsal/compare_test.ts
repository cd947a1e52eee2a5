/** Both nodes' answers, and what they mean for a failover to lb02, and for the clients of lb01. */

import assert from "node:assert/strict";
import { compareRehearsals } from "../../src/rehearsal/compare.ts";
import { deniedTo } from "../../src/rehearsal/denied.ts";
import { TOO_MANY } from "../../src/rehearsal/plan.ts";
import { REHEARSAL_CODES_OF } from "../../src/status/codes/verdicts.ts";
import type { RehearsalReason } from "../../src/status/reports/peer_answer.ts";
import type { Rehearsal, RehearsedName } from "../../src/status/rehearsal.ts";
import { asked, NOW_MS, rehearsal } from "./example.ts";

const DAY_MS = 86_400_000;
const SHOP = "shop.example.com";
const WWW = "www.example.com";

function until(name: string, expires: string): Partial<RehearsedName> {
  return { certificate: { ...asked(name).certificate!, expires } };
}

interface Case {
  readonly what: string;
  readonly own: RehearsedName[];
  readonly nginx?: Partial<Rehearsal["nginx"]>;
  readonly other: RehearsedName[];
  readonly is: readonly string[];
}

const SILENT = { certificate: null, status: null, error: "connection refused" };
const LATE = { certificate: null, status: null, error: "no answer within 1.5 s" };
const ASIDE = { certificate: null, status: null, not_rehearsed: "it takes the PROXY protocol" };

const CASES: readonly Case[] = [
  { what: "alike", own: [asked(SHOP)], other: [asked(SHOP)], is: [] },
  { what: "nothing to ask", own: [], other: [], is: [] },
  {
    what: "a name is missing, and a certificate expired",
    own: [
      asked(WWW),
      asked("new.example.com", { served: false, status: 404 }),
      asked(SHOP, until(SHOP, "2026-05-03T00:00:00Z")),
    ],
    other: [asked(WWW), asked("new.example.com"), asked(SHOP)],
    is: [
      "rehearsal_failed: lb02 would serve 1 of 3 names: new.example.com is missing; the certificate of " +
      "shop.example.com expired 29 days ago",
    ],
  },
  {
    what: "a name that only the standby serves",
    own: [asked(SHOP)],
    other: [asked(SHOP, { served: false, status: 404 })],
    is: [],
  },
  {
    what: "its nginx is dead",
    own: [asked(SHOP, SILENT), asked(WWW, SILENT)],
    other: [asked(SHOP), asked(WWW)],
    is: [
      "rehearsal_failed: lb02 would serve 0 of 2 names: port 443 does not answer (connection refused)",
    ],
  },
  {
    what: "some names of a port get no answer, others do",
    own: [
      asked(SHOP, LATE),
      asked(SHOP, { port: 80, tls: false, certificate: null }),
      asked(WWW),
      asked("", { ...LATE, error: "connection reset" }),
      asked("api.example.com", { port: 8443, ...SILENT }),
      asked(WWW, { port: 8443 }),
    ],
    other: [
      ...[asked(SHOP), asked(SHOP, { port: 80, tls: false, certificate: null }), asked(WWW)],
      ...[asked(""), asked("api.example.com", { port: 8443 }), asked(WWW, { port: 8443 })],
    ],
    is: [
      "rehearsal_failed: lb02 would serve 2 of 5 names: shop.example.com does not answer on port 443 (no answer within " +
      "1.5 s); the default server of port 443 does not answer (connection reset); api.example.com:8443 does not answer " +
      "(connection refused)",
    ],
  },
  {
    what: "an alert of TLS is an answer of the port",
    own: [asked(SHOP, LATE), asked(WWW, { ...LATE, error: "received fatal alert" })],
    other: [asked(SHOP), asked(WWW)],
    is: [
      "rehearsal_failed: lb02 would serve 0 of 2 names: shop.example.com does not answer on port 443 (no answer within " +
      "1.5 s); www.example.com does not answer on port 443 (received fatal alert)",
    ],
  },
  {
    what: "nothing listens on a port, and what cannot be asked there is no answer",
    own: [
      asked(SHOP, { ...SILENT, error: "nothing listens on 192.0.2.5" }),
      asked(WWW, { ...SILENT, error: "no server of nginx here listens on port 443" }),
      asked("api.example.com", ASIDE),
    ],
    other: [asked(SHOP), asked(WWW)],
    is: [
      "rehearsal_failed: lb02 would serve 1 of 3 names: port 443 does not answer (nothing listens on 192.0.2.5); port 443 " +
      "does not answer (no server of nginx here listens on port 443)",
    ],
  },
  { what: "the other's nginx is dead", own: [asked(SHOP)], other: [asked(SHOP, SILENT)], is: [] },
  { what: "both are dead", own: [asked(SHOP, SILENT)], other: [asked(SHOP, SILENT)], is: [] },
  { what: "the other has not asked for it yet", own: [asked(SHOP, SILENT)], other: [], is: [] },
  {
    what: "the certificate is for another name",
    own: [asked(SHOP, { certificate: { ...asked(SHOP).certificate!, names: ["*.example.org"] } })],
    other: [
      asked(SHOP, { certificate: { ...asked(SHOP).certificate!, names: ["*.example.com"] } }),
    ],
    is: [
      "rehearsal_failed: lb02 would serve 0 of 1 name: the certificate of shop.example.com is for *.example.org",
    ],
  },
  {
    what: "the certificate is for another name on both",
    own: [asked(SHOP, { certificate: { ...asked(SHOP).certificate!, names: [] } })],
    other: [asked(SHOP, { certificate: { ...asked(SHOP).certificate!, names: ["x"] } })],
    is: [],
  },
  {
    what: "the certificate expires within two weeks",
    own: [
      asked(SHOP, until(SHOP, "2026-06-11T00:00:00Z")),
      asked(WWW, until(WWW, "2026-06-16T00:00:00Z")),
    ],
    other: [asked(SHOP), asked(WWW)],
    is: ["certificate_expires: on lb02 the certificate of shop.example.com expires in 10 days"],
  },
  {
    what: "the certificate has expired on both",
    own: [asked(SHOP, until(SHOP, "2026-05-31T22:00:00Z"))],
    other: [asked(SHOP, until(SHOP, "2026-05-30T00:00:00Z"))],
    is: ["certificate_expires: on lb02 the certificate of shop.example.com expired 2 hours ago"],
  },
  {
    what:
      "a certificate that ends at this moment has expired, one that ends a millisecond later has not",
    own: [
      asked(SHOP, until(SHOP, "2026-06-01T00:00:00.000Z")),
      asked(WWW, until(WWW, "2026-06-01T00:00:00.001Z")),
    ],
    other: [asked(SHOP), asked(WWW)],
    is: [
      "rehearsal_failed: lb02 would serve 1 of 2 names: the certificate of shop.example.com expired 0 hours ago",
      "certificate_expires: on lb02 the certificate of www.example.com expires in 0 hours",
    ],
  },
  {
    what: "on both nodes certificates have expired, hours ago up to two days",
    own: [
      asked(SHOP, until(SHOP, "2026-05-30T01:00:00Z")),
      asked(WWW, until(WWW, "2026-05-30T00:00:00Z")),
    ],
    other: [
      asked(SHOP, until(SHOP, "2026-06-01T00:00:00Z")),
      asked(WWW, until(WWW, "2026-06-01T00:00:00Z")),
    ],
    is: [
      "certificate_expires: on lb02 the certificate of shop.example.com expired 47 hours ago; the certificate of " +
      "www.example.com expired 2 days ago",
    ],
  },
  {
    what: "the certificate expires in two weeks exactly",
    own: [asked(SHOP, until(SHOP, "2026-06-15T00:00:00.000Z"))],
    other: [asked(SHOP)],
    is: ["certificate_expires: on lb02 the certificate of shop.example.com expires in 14 days"],
  },
  {
    what: "a name without TLS on its usual port",
    own: [asked(SHOP, { port: 80, tls: false, certificate: null, status: 502 })],
    other: [asked(SHOP, { port: 80, tls: false, certificate: null })],
    is: [
      "rehearsal_failed: lb02 would serve 0 of 1 name: shop.example.com answers 502, not 200 as on lb01",
    ],
  },
  {
    what: "an answer without HTTP is not compared with one of HTTP",
    own: [asked(SHOP, { status: null }), asked(WWW)],
    other: [asked(SHOP), asked(WWW, { status: null })],
    is: [],
  },
  {
    what: "one fault more than are written out",
    own: Array.from({ length: 4 }, (_, at) => asked(`n${at}`, { served: false })),
    other: Array.from({ length: 4 }, (_, at) => asked(`n${at}`)),
    is: [
      "rehearsal_failed: lb02 would serve 0 of 4 names: n0 is missing; n1 is missing; n2 is missing and 1 more",
    ],
  },
  {
    what: "another status and another redirect",
    own: [
      asked("*", { name: "vipd-rehearsal.example.com", status: 502, certificate: null }),
      asked("", { port: 8080, tls: false, certificate: null, location: "http://a/" }),
    ],
    other: [
      asked("*", { name: "vipd-rehearsal.example.com", certificate: null }),
      asked("", { port: 8080, tls: false, certificate: null, location: "http://b/" }),
    ],
    is: [
      "rehearsal_failed: lb02 would serve 0 of 2 names: *.example.com answers 502, not 200 as on lb01; the " +
      "default server of port 8080 redirects to http://a/, not to http://b/ as on lb01",
    ],
  },
  {
    what: "what could not be asked is no fault, and no pass",
    own: [asked(SHOP, ASIDE), asked(WWW)],
    other: [asked(SHOP), asked(WWW)],
    is: [
      "not_rehearsed: not all of lb02 is rehearsed: shop.example.com: it takes the PROXY protocol",
    ],
  },
  {
    what: "what the other could not ask is still asked here",
    own: [asked(SHOP, SILENT)],
    other: [asked(SHOP, ASIDE)],
    is: [],
  },
  {
    what: "files that may not be read, and a reload that failed",
    own: [asked(SHOP)],
    nginx: {
      unread: [{ path: "/etc/nginx/sites/x", reason: deniedTo("web"), named: false }],
      stale: "/etc/nginx/nginx.conf has changed since",
    },
    other: [asked(SHOP)],
    is: [
      "nginx_stale: nginx on lb02 does not serve by its files: /etc/nginx/nginx.conf has changed since",
      "not_rehearsed: not all of lb02 is rehearsed: the names in /etc/nginx/sites/x are not known (permission " +
      "denied to web)",
    ],
  },
  {
    what: "files that nginx cannot load are one finding",
    own: [asked(SHOP)],
    nginx: { stale: "/x is of now", unloadable: "/x: there is no such file" },
    other: [asked(SHOP)],
    is: [
      "nginx_unloadable: nginx on lb02 cannot load its files, neither by a reload nor when it starts: /x: there is no " +
      "such file",
    ],
  },
  {
    what: "files that may not be read, and names given in their place",
    own: [asked(SHOP)],
    nginx: { unread: [{ path: "/etc/nginx/x", reason: deniedTo("web"), named: true }] },
    other: [asked(SHOP)],
    is: [],
  },
  {
    what: "many faults are counted",
    own: Array.from({ length: 9 }, (_, at) => asked(`n${at}`, { status: 500 + at })),
    other: Array.from({ length: 9 }, (_, at) => asked(`n${at}`)),
    is: [
      "rehearsal_failed: lb02 would serve 0 of 9 names: n0 answers 500, not 200 as on lb01; n1 answers 501, not " +
      "200 as on lb01; n2 answers 502, not 200 as on lb01 and 6 more",
    ],
  },
];

function unread(...reasons: readonly string[]): Rehearsal["nginx"]["unread"] {
  return reasons.map((reason) => ({ path: "/etc/nginx/x", reason, named: false }));
}

function compared(
  own: RehearsedName[],
  other: RehearsedName[],
  nginx?: Partial<Rehearsal["nginx"]>,
): RehearsalReason[] {
  return compareRehearsals({
    node: { name: "lb02", rehearsal: rehearsal("lb02", own, nginx) },
    other: { name: "lb01", rehearsal: rehearsal("lb01", other) },
    warnBeforeMs: 14 * DAY_MS,
    nowMs: NOW_MS,
  });
}

for (const { what, own, nginx, other, is } of CASES) {
  Deno.test(`rehearsal: ${what}`, () => {
    const reasons = compared(own, other, nginx)
      .filter(({ code }) => REHEARSAL_CODES_OF.standby.includes(code));
    assert.deepEqual(reasons.map(({ code, message }) => `${code}: ${message}`), is);
    assert(reasons.every(({ node }) => node === "lb02"));
  });
}

/** Of lb02 as the node that serves. */
const SERVING: readonly Case[] = [
  { what: "alike", own: [asked(SHOP)], other: [asked(SHOP)], is: [] },
  {
    what: "a certificate has expired on both",
    own: [asked(WWW), asked(SHOP, until(SHOP, "2026-05-03T00:00:00Z"))],
    other: [asked(WWW), asked(SHOP, until(SHOP, "2026-05-03T00:00:00Z"))],
    is: [
      "serves_less: lb02 serves 1 of 2 names: the certificate of shop.example.com expired 29 days ago",
    ],
  },
  {
    what: "that of the server for all other names has expired on both, which may be on purpose",
    own: [asked("", until("", "2026-05-03T00:00:00Z"))],
    other: [asked("", until("", "2026-05-03T00:00:00Z"))],
    is: [],
  },
  {
    what: "only on the one that serves",
    own: [asked("", until("", "2026-05-03T00:00:00Z"))],
    other: [asked("")],
    is: [
      "serves_less: lb02 serves 0 of 1 name: the certificate of the default server of port 443 expired 29 days ago",
    ],
  },
  {
    what: "a name is missing, another one has a wrong certificate, and a port is silent",
    own: [
      asked("new.example.com", { served: false, status: 404 }),
      asked(SHOP, { certificate: { ...asked(SHOP).certificate!, names: ["x.example"] } }),
      asked("api.example.com", { port: 8443, ...SILENT }),
      asked(WWW),
    ],
    other: [
      ...[asked("new.example.com"), asked(SHOP), asked("api.example.com", { port: 8443 })],
      asked(WWW),
    ],
    is: [
      "serves_less: lb02 serves 1 of 4 names: new.example.com is missing; the certificate of shop.example.com is for " +
      "x.example; port 8443 does not answer (connection refused)",
    ],
  },
  {
    what: "neither node answers there, which may be on purpose",
    own: [asked(SHOP, SILENT)],
    other: [asked(SHOP, SILENT)],
    is: [],
  },
  {
    what: "a name that only the one that serves has, and one that was named to both",
    own: [asked(SHOP), asked(WWW, { served: false, ...until(WWW, "2026-05-03T00:00:00Z") })],
    other: [asked(SHOP, { served: false, status: 404 }), asked(WWW, { served: false })],
    is: [],
  },
  {
    what: "a port is silent for a name that no server of the other node has",
    own: [asked(SHOP, SILENT)],
    other: [asked(SHOP, { served: false, status: 404 })],
    is: [],
  },
  {
    what: "a port is silent, and nobody knows whether a server has the name",
    own: [asked(SHOP, { ...SILENT, served: null })],
    other: [asked(SHOP, { served: false, status: 404 })],
    is: ["serves_less: lb02 serves 0 of 1 name: port 443 does not answer (connection refused)"],
  },
  {
    what: "a name gets no answer where another one does",
    own: [asked(SHOP, SILENT), asked(WWW)],
    other: [asked(SHOP), asked(WWW)],
    is: [
      "serves_less: lb02 serves 1 of 2 names: shop.example.com does not answer on port 443 (connection refused)",
    ],
  },
  {
    what: "a name that it lacks and cannot ask for",
    own: [asked(SHOP, { ...ASIDE, served: false })],
    other: [asked(SHOP)],
    is: [],
  },
  {
    what: "that of the server for all other names ends at this moment on both",
    own: [asked("", until("", "2026-06-01T00:00:00.000Z"))],
    other: [asked("", until("", "2026-06-01T00:00:00.000Z"))],
    is: [],
  },
  {
    what: "answers that differ: nobody knows which is right",
    own: [asked(SHOP, { status: 502 })],
    other: [asked(SHOP)],
    is: [],
  },
];

for (const { what, own, other, is } of SERVING) {
  Deno.test(`rehearsal of the node that serves: ${what}`, () => {
    const reasons = compared(own, other).filter(({ code }) => code === "serves_less");
    assert.deepEqual(reasons.map(({ code, message }) => `${code}: ${message}`), is);
  });
}

Deno.test("no message is longer than 1500 characters", () => {
  const [found] = compared(
    [asked(SHOP, { location: `https://${"a".repeat(2000)}/` })],
    [asked(SHOP)],
  );
  assert.equal(found!.message.length, 1500);
});

Deno.test("no remedy for a named pipe tests nginx's files: that would not end", () => {
  const hintOf = (unloadable: string) =>
    compared([asked(SHOP)], [asked(SHOP)], { stale: "/x is of now", unloadable })
      .find(({ code }) => code === "nginx_unloadable")!.hint;
  assert.match(hintOf("/x: there is no such file"), /nginx -t/);
  assert.match(hintOf("/x: it is a named pipe, not a file"), /^on lb02: remove it or put a file/);
  assert.doesNotMatch(hintOf("/x: it is a named pipe, not a file"), /nginx -t/);
});

Deno.test("the remedy names the other node only if that one would serve more", () => {
  const expired = asked(SHOP, until(SHOP, "2026-05-03T00:00:00Z"));
  const renew = "renew it on lb02 and reload nginx there; `vipd rehearse` there shows each name";
  const hintOf = (other: RehearsedName) =>
    compared([expired], [other]).find(({ code }) => code === "serves_less")?.hint;
  assert.equal(hintOf(expired), renew);
  assert.equal(
    hintOf(asked(SHOP)),
    `${renew}; until then lb01 would serve more: vipd demote --all on lb02`,
  );
});

Deno.test("a certificate that ends is renewed on the nodes whose certificate that is", () => {
  const [soon, past] = ["2026-06-11T00:00:00Z", "2026-05-31T22:00:00Z"];
  const early = "; rehearse.warn_before says how early this is reported";
  const ends = (name: string, expires: string) => asked(name, until(name, expires));
  const cases: readonly (readonly [RehearsedName[], RehearsedName[], string])[] = [
    [[ends(SHOP, soon)], [asked(SHOP)], `renew it on lb02 and reload nginx there${early}`],
    [[ends(SHOP, soon)], [], `renew it on lb02 and reload nginx there${early}`],
    [
      [ends(SHOP, soon)],
      [ends(SHOP, past)],
      `renew it on both nodes and reload nginx there${early}`,
    ],
    [[ends(SHOP, past)], [ends(SHOP, past)], "renew it on both nodes and reload nginx there"],
    [
      [ends(SHOP, soon), ends(WWW, soon)],
      [ends(SHOP, soon), asked(WWW)],
      `renew them on lb02 and reload nginx there${early}`,
    ],
  ];
  for (const [own, other, hint] of cases) {
    const found = compared(own, other).find(({ code }) => code === "certificate_expires");
    assert.equal(found?.hint, hint);
  }
});

Deno.test("the remedy for files that are not read names the user who may not, and nobody where that is not why", () => {
  const names = "give the names under rehearse.names on lb02";
  const again = "`vipd rehearse` there looks at once";
  const cases: readonly (readonly [reasons: readonly string[], hint: string])[] = [
    [[deniedTo("nobody")], `let the user nobody read nginx's files on lb02, or ${names}; ${again}`],
    [
      ["it is a named pipe", deniedTo("web")],
      `let the user web read nginx's files on lb02, or ${names}; ${again}`,
    ],
    [["there is no such file"], names],
  ];
  for (const [reasons, hint] of cases) {
    const [found] = compared([asked(SHOP)], [asked(SHOP)], { unread: unread(...reasons) });
    assert.equal(found!.hint, hint);
  }
});

Deno.test("names are a remedy only for what is not known of nginx's files", () => {
  const names = "give the names under rehearse.names on lb02";
  const less =
    "let lb02 ask for less: fewer rehearse.paths, or rehearse.except for names that need no rehearsal";
  const shown = "`vipd rehearse` on lb02 shows each name, and `vipd man rehearsal` ends with the " +
    "commands that ask for one without vipd";
  const hintOf = (own: RehearsedName, ...reasons: readonly string[]) =>
    compared([own], [asked(SHOP)], { unread: unread(...reasons) })[0]!.hint;
  assert.equal(hintOf(asked(SHOP, ASIDE)), shown);
  assert.equal(hintOf(asked(SHOP, ASIDE), "it is a named pipe"), `${names}; ${shown}`);
  assert.equal(hintOf(asked(SHOP), TOO_MANY), less);
  assert.equal(hintOf(asked(SHOP), TOO_MANY, "it is a named pipe"), `${names}; ${less}`);
});
