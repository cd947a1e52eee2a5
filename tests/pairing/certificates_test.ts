import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { issueCertificate, makeAuthority, namesIn } from "../../src/pairing/certificates.ts";
import { isDue } from "../../src/pairing/renewal.ts";
import { servingProblem } from "../../src/pairing/serving_trial.ts";
import { certificateCommand } from "../../src/config/values/certificate_command.ts";
import { inFolder } from "../cli/captured_context.ts";

const DAY_MS = 86_400_000;
const NAMES = ["lb01", "192.168.31.11", "fd00::11"];

async function openssl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("openssl", { args }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, 0, said);
  return said;
}

Deno.test("openssl accepts the certificate of a pair, as strictly as it can", () =>
  inFolder(async (folder) => {
    const nowMs = Date.now();
    const authority = makeAuthority("lb01");
    const { cert } = issueCertificate(authority, { node: "lb01", names: NAMES, nowMs });
    await Deno.writeTextFile(`${folder}/ca.pem`, authority.cert);
    await Deno.writeTextFile(`${folder}/api.pem`, cert);
    const files = ["-CAfile", `${folder}/ca.pem`, `${folder}/api.pem`];
    await openssl("verify", "-x509_strict", "-purpose", "sslserver", ...files);
    await openssl("verify", "-verify_ip", "192.168.31.11", ...files);
    assert.deepEqual(namesIn(cert), NAMES);
  }));

Deno.test("a clock that is set far back does not outdate the authority", () =>
  inFolder(async (folder) => {
    const authority = makeAuthority("lb01");
    const atS = Date.UTC(2001, 0, 1) / 1000;
    const { cert } = issueCertificate(authority, { node: "lb01", names: NAMES, nowMs: atS * 1000 });
    await Deno.writeTextFile(`${folder}/ca.pem`, authority.cert);
    await Deno.writeTextFile(`${folder}/api.pem`, cert);
    const files = ["-CAfile", `${folder}/ca.pem`, `${folder}/api.pem`];
    await openssl("verify", "-x509_strict", "-attime", `${atS}`, ...files);
  }));

Deno.test("a client that trusts the authority accepts the node at its names alone, and nobody else's", async () => {
  const nowMs = Date.now();
  const authority = makeAuthority("lb01");
  const served = issueCertificate(authority, { node: "lb01", names: NAMES, nowMs });
  const ask = (name: string, ca = authority.cert) => servingProblem({ ...served, ca, name });
  for (const name of NAMES) assert.equal(await ask(name), null);
  assert.match(await ask("192.168.31.12") ?? "", /not valid for 192\.168\.31\.12/);
  assert.match(await ask("lb01", makeAuthority("lb01").cert) ?? "", /signature|vouch/i);
});

Deno.test("a certificate is renewed in the last third of its life, with the same key", async () => {
  const madeMs = Date.now() - 300 * DAY_MS;
  const authority = makeAuthority("lb01");
  const old = issueCertificate(authority, { node: "lb01", names: NAMES, nowMs: madeMs });
  for (const [days, due] of [[0, false], [240, false], [246, true], [400, true], [-2, true]]) {
    assert.equal(isDue(old.cert, madeMs + Number(days) * DAY_MS), due, `after ${days} days`);
  }
  const renewal = { node: "lb01", names: namesIn(old.cert), nowMs: Date.now(), key: old.key };
  const renewed = issueCertificate(authority, renewal);
  const keyOf = (pem: string) =>
    new X509Certificate(pem).publicKey.export({ type: "spki", format: "pem" });
  assert.equal(keyOf(renewed.cert), keyOf(old.cert));
  assert.equal(isDue(renewed.cert, Date.now()), false);
  assert.equal(await servingProblem({ ...renewed, ca: authority.cert, name: "lb01" }), null);
});

Deno.test("what plain openssl makes is refused with the reason, and the command that is named makes a right one", () =>
  inFolder(async (folder) => {
    const [cert, key] = [`${folder}/api.pem`, `${folder}/api.key`];
    const trial = async () => {
      const texts = { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
      return await servingProblem({ ...texts, ca: texts.cert, name: "192.168.31.11" });
    };
    const plain = `req -x509 -newkey rsa:2048 -nodes -subj /CN=lb01 -keyout ${key} -out ${cert}`;
    await openssl(...plain.split(" "));
    assert.match(await trial() ?? "", /CA:TRUE/);
    const command = certificateCommand(cert, key, ["lb01", "192.168.31.11"]);
    await openssl(...command.split(" ").slice(1));
    assert.equal(await trial(), null);
  }));
