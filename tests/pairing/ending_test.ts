import assert from "node:assert/strict";
import { endingOf } from "../../src/pairing/ending.ts";
import { makeAuthority } from "../../src/pairing/certificates.ts";
import { timeMs } from "../../src/pairing/renewal.ts";
import { X509Certificate } from "node:crypto";

const DAY_MS = 86_400_000;
/** It vouches for itself, and has no names. */
const { cert } = makeAuthority("lb01");
const FILES = { cert: "/c", key: "/k" };
const endsMs = timeMs(new X509Certificate(cert).validTo);

Deno.test("a certificate ends soon from 14 days before its end on", () => {
  const cases = [
    [15, null],
    [14, "(in 14 days)"],
    [1, "(in 1 day)"],
    [0.5, "(in 0 days)"],
    [-1, "(it has ended)"],
  ] as const;
  for (const [days, says] of cases) {
    const ending = endingOf(cert, endsMs - days * DAY_MS, FILES);
    if (says === null) assert.equal(ending, null);
    else assert.ok(ending?.message.includes(says), ending?.message);
  }
});

Deno.test("a certificate that has not begun by this machine's clock is reported with both times", () => {
  const beginsMs = timeMs(new X509Certificate(cert).validFrom);
  assert.equal(endingOf(cert, beginsMs, FILES), null);
  const early = endingOf(cert, beginsMs - 3_600_000, FILES);
  const [begins, now] = [beginsMs, beginsMs - 3_600_000].map((ms) =>
    new Date(ms).toISOString().slice(0, 16)
  );
  assert.ok(early?.message.includes(`begins at ${begins}Z, and this machine's clock says ${now}Z`));
  assert.match(early!.hint, /^compare the clocks/);
  assert.equal(early!.hasNotBegun, true);
});

Deno.test("the remedy is by who makes the certificate", () => {
  const hint = (own: boolean) => endingOf(cert, endsMs, own ? null : FILES)!.hint;
  assert.match(hint(true), /^vipd pair --renew/);
  assert.match(
    hint(false),
    /^make another one with the same key: openssl req -x509 -key \/k .*CA:FALSE.* -out \/c && vipd reload; then /,
  );
});
