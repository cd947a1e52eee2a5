import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/model.ts";
import { PairCertificate } from "../../src/daemon/pair_certificate.ts";
import { issueCertificate, makeAuthority } from "../../src/pairing/certificates.ts";
import { pairPlaces } from "../../src/pairing/places.ts";
import { capture, exampleConfig, inFolder } from "../cli/captured_context.ts";

const DAY_MS = 86_400_000;

/** A node whose certificate was made so many days ago, and its configuration. */
async function pairedNode(folder: string, daysAgo: number): Promise<Config> {
  const places = pairPlaces(`${folder}/state`);
  await Deno.mkdir(`${folder}/state/pair`, { recursive: true });
  const nowMs = Date.now() - daysAgo * DAY_MS;
  const authority = makeAuthority("lb01");
  const { cert, key } = issueCertificate(authority, { node: "lb01", names: ["lb01"], nowMs });
  const files = { authority: authority.cert, authorityKey: authority.key, cert, key };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(places[name as keyof typeof files], text, { mode: 0o600 });
  }
  const text = exampleConfig(folder, "192.168.31.11:9112").replace(
    "run_dir",
    `  tls: { cert: ${places.cert}, key: ${places.key} }\nrun_dir`,
  );
  await Deno.writeTextFile(`${folder}/vipd.yaml`, text, { mode: 0o600 });
  const loaded = parseConfig(text, "vipd.yaml", { hostname: "lb01" });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

/** One look: what was served and recorded. `vipd pair --renew` runs in this process. */
async function look(folder: string, config: Config, refusal: string | null = null) {
  const served: string[] = [];
  const recorded: string[] = [];
  const said: (string | null)[] = [];
  const certificate = new PairCertificate({
    config: () => config,
    renew: async () => {
      const { code, err } = await capture(["pair", "--renew", "--config", `${folder}/vipd.yaml`]);
      if (code !== 0) throw new Error(err);
    },
    serve: (_before, { cert }) => {
      served.push(cert);
      return Promise.resolve(refusal);
    },
    ends: (ending) => void said.push(ending && `${ending.message}; ${ending.hint}`),
    record: (_severity, code) => void recorded.push(code),
  });
  await certificate.look(Date.now());
  certificate.close();
  return { served, recorded, said };
}

Deno.test("a certificate in the last third of its life is renewed and served", () =>
  inFolder(async (folder) => {
    const config = await pairedNode(folder, 300);
    const key = await Deno.readTextFile(pairPlaces(config.stateDir).key);
    const { served, recorded } = await look(folder, config);
    assert.deepEqual(recorded, ["certificate_renewed"]);
    assert.deepEqual(served, [await Deno.readTextFile(pairPlaces(config.stateDir).cert)]);
    assert.equal(await Deno.readTextFile(pairPlaces(config.stateDir).key), key);
  }));

for (
  const [what, daysAgo, spoil, recorded] of [
    ["that lasts", 100, null, []],
    ["from elsewhere", 300, "cert", []],
    ["whose authority is lost", 300, "authorityKey", ["certificate_not_renewed"]],
  ] as const
) {
  Deno.test(`a certificate ${what} stays as it is`, () =>
    inFolder(async (folder) => {
      const config = await pairedNode(folder, daysAgo);
      if (spoil !== null) await Deno.remove(pairPlaces(config.stateDir)[spoil]);
      const { served, recorded: found, said } = await look(folder, config);
      assert.deepEqual({ served, found, said }, { served: [], found: [...recorded], said: [] });
    }));
}

Deno.test("a front that cannot serve it is reported", () =>
  inFolder(async (folder) => {
    const config = await pairedNode(folder, 400);
    const { recorded } = await look(folder, config, "the port is in use");
    assert.deepEqual(recorded, ["certificate_not_renewed"]);
  }));

Deno.test("a certificate from elsewhere that ends soon is an alarm with the day, until another one is in force", () =>
  inFolder(async (folder) => {
    const config = await pairedNode(folder, 353);
    await Deno.remove(pairPlaces(config.stateDir).cert);
    const { said: [said] } = await look(folder, config);
    assert.match(said!, /^the certificate of the API ends on \d{4}-\d\d-\d\d \(in 1[12] days\)/);
    assert.match(said!, /; renew it where it came from, then vipd reload$/);
  }));

Deno.test("a certificate of vipd pair that ends soon and is not renewed names the command that says why", () =>
  inFolder(async (folder) => {
    const config = await pairedNode(folder, 366);
    await Deno.remove(pairPlaces(config.stateDir).authorityKey);
    const { recorded, said: [said] } = await look(folder, config);
    assert.deepEqual(recorded, ["certificate_not_renewed"]);
    assert.match(said!, /it has ended.*vipd pair --renew/);
  }));

Deno.test("a certificate that a reload has brought is looked at within a minute, the same one once a day", () =>
  inFolder(async (folder) => {
    const lasting = await pairedNode(folder, 100);
    const { api, ...rest } = await pairedNode(folder, 366);
    await Deno.remove(pairPlaces(rest.stateDir).authorityKey);
    const said: boolean[] = [];
    const recorded: string[] = [];
    let config: Config = lasting;
    const certificate = new PairCertificate({
      config: () => config,
      renew: () => Promise.reject(new Error("it has no key")),
      serve: () => Promise.resolve(null),
      ends: (ending) => void said.push(ending !== null),
      record: (_severity, code) => void recorded.push(code),
    });
    const startMs = Date.now();
    const turn = (minutes: number) => certificate.turn(startMs + minutes * 60_000);
    await turn(1);
    assert.deepEqual(said, []);
    config = { ...rest, api };
    await turn(2);
    assert.deepEqual(said, [true]);
    for (let minutes = 3; minutes < 60; minutes++) await turn(minutes);
    assert.deepEqual(recorded, ["certificate_not_renewed"], "it is tried again in a day");
    await turn(25 * 60);
    assert.equal(recorded.length, 2);
    config = lasting;
    await turn(25 * 60 + 1);
    certificate.close();
    assert.equal(said.at(-1), false);
  }));

Deno.test("a certificate that is in force by another file is looked at again: the remedy names the file", () =>
  inFolder(async (folder) => {
    const ending = await pairedNode(folder, 366);
    await Deno.remove(pairPlaces(ending.stateDir).cert);
    const { said, certificate, take } = turning(ending);
    const nowMs = Date.now();
    // Two at once take turns.
    await Promise.all([certificate.turn(nowMs), certificate.turn(nowMs)]);
    assert.equal(said.length, 1);
    take({ ...ending, api: { ...ending.api, tls: { cert: "/other", key: "/k" } } });
    await certificate.turn(nowMs);
    assert.equal(said.length, 2);
    certificate.close();
    take(ending);
    await certificate.turn(nowMs);
    assert.equal(said.length, 2);
  }));

function turning(config: Config) {
  const said: (string | null)[] = [];
  let inForce = config;
  const certificate = new PairCertificate({
    config: () => inForce,
    renew: () => Promise.reject(new Error("it has no key")),
    serve: () => Promise.resolve(null),
    ends: (ending) => void said.push(ending && ending.hint),
    record: () => {},
  });
  return { said, certificate, take: (next: Config) => void (inForce = next) };
}
