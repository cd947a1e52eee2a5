import assert from "node:assert/strict";
import { makeAuthority } from "../../src/pairing/certificates.ts";
import { type Offer, offerProblem, openOffer, sealOffer } from "../../src/pairing/offer.ts";

const OFFER: Offer = {
  node: "lb01",
  url: "https://192.168.31.11:9112",
  ca: makeAuthority("lb01").cert,
  read_token: "correct-horse-battery-staple",
  time: Date.UTC(2026, 0, 1),
};
const OTHER: Offer = { ...OFFER, node: "lb02", url: "https://192.168.31.12:9112" };
const SEAL = { secret: new Uint8Array(16).fill(1), fingerprint: new Uint8Array(32).fill(2) };

Deno.test("an offer opens with the secret and the fingerprint of the line, and for its own end", () => {
  const sealed = sealOffer(OFFER, "first", SEAL);
  assert.deepEqual(openOffer(sealed, "first", SEAL), OFFER);
  const wrong = new Uint8Array(16);
  assert.equal(openOffer(sealed, "first", { ...SEAL, secret: wrong }), null);
  assert.equal(openOffer(sealed, "first", { ...SEAL, fingerprint: new Uint8Array(32) }), null);
  assert.equal(openOffer(sealed, "second", SEAL), null, "sent back to its sender");
  const changed = { ...sealed, offer: sealed.offer.replace("31.11", "31.66") };
  assert.equal(openOffer(changed, "first", SEAL), null);
  assert.ok(!JSON.stringify(sealed).includes("AQEBAQEB"), "the secret itself is never sent");
});

for (
  const [what, offer] of [
    ["a name that could leave its folder", { ...OFFER, node: "../../etc/passwd" }],
    ["a plain http address", { ...OFFER, url: "http://192.168.31.11:9112" }],
    ["no certificate", { ...OFFER, ca: "-----BEGIN" }],
    ["no token", { ...OFFER, read_token: "a b" }],
  ] as const
) {
  Deno.test(`an offer with ${what} is none, though its sender has the secret`, () => {
    assert.equal(openOffer(sealOffer(offer, "first", SEAL), "first", SEAL), null);
  });
}

for (
  const [what, other, problem] of [
    ["fits", OTHER, null],
    ["has a clock that is nearly right", { ...OTHER, time: OFFER.time + 3_000_000 }, null],
    ["has a clock that is ahead", { ...OTHER, time: OFFER.time + 7_200_000 }, /120 minutes ahead/],
    ["has a clock of long ago", { ...OTHER, time: 0 }, /minutes behind.*timedatectl/],
    ["has the same name", { ...OTHER, node: "lb01" }, /both nodes are called lb01/],
    ["has the same address", { ...OTHER, url: OFFER.url }, /would listen at/],
  ] as const
) {
  Deno.test(`the other node ${what}`, () => {
    const found = offerProblem(OFFER, other);
    if (problem === null) assert.equal(found, null);
    else assert.match(found ?? "", problem);
  });
}
