import assert from "node:assert/strict";
import { endingOf } from "../../src/pairing/ending.ts";
import { makeAuthority, makeSessionCertificate } from "../../src/pairing/certificates.ts";
import { exampleConfig } from "../cli/captured_context.ts";
import { timeMs } from "../../src/pairing/renewal.ts";
import { X509Certificate } from "node:crypto";
import { parseConfig } from "../../src/config/load.ts";

const DAY_MS = 86_400_000;
/** It vouches for itself, and has no names. */
const { cert } = makeAuthority("lb01");
const SERVED = servedWith(cert);
const endsMs = timeMs(new X509Certificate(cert).validTo);

function servedWith(pem: string) {
  const parsed = parseConfig(exampleConfig("/tmp", "127.0.0.1:9112"), "vipd.yaml", {
    hostname: "lb01",
  });
  assert.ok(parsed.ok);
  const { node, api } = parsed.config;
  const [place] = api.listen.filter((address) => address.kind === "tcp");
  const listen = [{ ...place!, tls: { cert: pem, key: "" } }];
  return { node, api: { ...api, listen, tls: { cert: "/c", key: "/k" } } };
}

Deno.test("a certificate ends soon from 14 days before its end on", () => {
  const cases = [
    [15, null],
    [14, "(in 14 days)"],
    [1, "(in 1 day)"],
    [0.5, "(in 0 days)"],
    [-1, "(it has ended)"],
  ] as const;
  for (const [days, says] of cases) {
    const ending = endingOf(SERVED, false, endsMs - days * DAY_MS);
    if (says === null) assert.equal(ending, null);
    else assert.ok(ending?.message.includes(says), ending?.message);
  }
});

Deno.test("a certificate that has not begun by this machine's clock is reported with both times", () => {
  const beginsMs = timeMs(new X509Certificate(cert).validFrom);
  assert.equal(endingOf(SERVED, false, beginsMs), null);
  const early = endingOf(SERVED, false, beginsMs - 3_600_000);
  const [begins, now] = [beginsMs, beginsMs - 3_600_000].map((ms) =>
    new Date(ms).toISOString().slice(0, 16)
  );
  assert.ok(early?.message.includes(`begins at ${begins}Z, and this machine's clock says ${now}Z`));
  assert.match(early!.hint, /^compare the clocks/);
  assert.equal(early!.hasNotBegun, true);
});

Deno.test("the remedy is by who makes the certificate", () => {
  const hint = (own: boolean) => endingOf(SERVED, own, endsMs)!.hint;
  assert.match(hint(true), /^vipd pair --renew/);
  assert.match(
    hint(false),
    /^make another one with the same key: openssl req -x509 -key \/k .*CA:FALSE.* -out \/c && vipd reload; then /,
  );
});

Deno.test("the certificate that the remedy makes has the subject and the names of the one before", () => {
  const cases = [
    [makeSessionCertificate("lb02").cert, " -subj /CN=lb02 ", "=DNS:lb02 "],
    [makeSessionCertificate("fd00::2").cert, " -subj /CN=fd00::2 ", "=IP:fd00::2 "],
    // It has no names.
    [cert, " -subj '/CN=vipd lb01' ", `=DNS:${SERVED.node} `],
  ] as const;
  for (const [pem, subject, names] of cases) {
    const { hint } = endingOf(servedWith(pem), false, Date.UTC(9999, 11, 31))!;
    assert.ok(hint.includes(subject), hint);
    assert.ok(hint.includes(names), hint);
  }
});
