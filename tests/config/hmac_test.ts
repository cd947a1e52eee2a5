/** The configuration of signed adverts. */

import assert from "node:assert/strict";
import { loadConfig } from "../../src/config/load.ts";
import { diagnose, parseValid, testWrong, withInstance } from "./support.ts";

const KEY = "00112233445566778899aabbccddeeff".repeat(2);

/** A file whose instance signs with `keys` and what else stands there. */
function signing(keys: string, ...more: string[]): string {
  return withInstance(`authentication: { ${["type: hmac", `keys: ${keys}`, ...more].join(", ")} }`);
}

function authenticationOf(text: string) {
  return parseValid(text).config.instances[0]!.authentication;
}

Deno.test("one key is enough: it signs, time protects, within five seconds, and is enforced", () => {
  assert.deepEqual(authenticationOf(signing(`[{ id: 7, key: "${KEY.toUpperCase()}" }]`)), {
    type: "hmac",
    keys: [{ id: 7, key: Uint8Array.fromHex(KEY) }],
    activeKey: 7,
    replay: "time",
    windowMs: 5000,
    mode: "enforce",
  });
});

Deno.test("all of it can be chosen, in version 3 too", () => {
  const keys = `[{ id: 0, key: "${KEY}" }, { id: 255, key: "${KEY}${KEY}" }]`;
  const text = signing(
    keys,
    "active_key: 255",
    "replay: monotonic",
    "window: 1m",
    "mode: receive_only",
  );
  const found = authenticationOf(text.replace("vrid: 55", "vrid: 55\n    version: 3"));
  assert.ok(found.type === "hmac");
  assert.deepEqual(found.keys.map(({ id, key }) => [id, key.length]), [[0, 32], [255, 64]]);
  const { activeKey, replay, windowMs, mode } = found;
  assert.deepEqual([activeKey, replay, windowMs, mode], [255, "monotonic", 60_000, "receive_only"]);
});

Deno.test("the window follows long intervals, to five minutes", () => {
  for (const [interval, windowMs] of [["10s", 30_000], ["200s", 300_000]] as const) {
    const text = signing(`[{ id: 1, key: "${KEY}" }]`);
    const found = authenticationOf(
      text.replace("vrid: 55", `vrid: 55\n    advert_interval: ${interval}`),
    );
    assert.ok(found.type === "hmac");
    assert.equal(found.windowMs, windowMs);
  }
});

Deno.test("a signed advert holds fewer addresses", () => {
  const many = Array.from({ length: 366 }, (_, at) => `10.0.${at >> 8}.${at & 255}/32`);
  const text = (authentication: string) =>
    withInstance(
      "version: 3",
      `addresses: [${many.join(", ")}]`,
      `authentication: ${authentication}`,
    );
  const advertised = (authentication: string) =>
    parseValid(text(authentication)).config.instances[0]!.addresses
      .filter(({ advertise }) => advertise !== false).length;
  assert.equal(advertised("{ type: none }"), 255);
  const six = Array.from({ length: 95 }, (_, at) => `fe80::${(at + 1).toString(16)}/64`);
  const ipv6 = (authentication: string) =>
    parseValid(
      withInstance(
        "version: 3",
        `addresses: [${six.join(", ")}]`,
        `authentication: ${authentication}`,
      ),
    ).config.instances[0]!.addresses.filter(({ advertise }) => advertise !== false).length;
  assert.equal(ipv6("{ type: none }"), 90);
  assert.equal(ipv6(`{ type: hmac, keys: [{ id: 1, key: "${KEY}" }] }`), 89);
});

testWrong([
  [
    "not hexadecimal",
    signing(`[{ id: 1, key: »"${KEY.replace("0", "g")}" }]`),
    "invalid_key",
    /not pairs of hexadecimal digits; make one with: openssl/,
  ],
  [
    "half an octet",
    signing(`[{ id: 1, key: »"${KEY}0" }]`),
    "invalid_key",
    /not pairs/,
  ],
  [
    "31 octets",
    signing(`[{ id: 1, key: »"${KEY.slice(2)}" }]`),
    "invalid_key",
    /31 octets, not 32/,
  ],
  [
    "65 octets",
    signing(`[{ id: 1, key: »"${KEY}${KEY}00" }]`),
    "invalid_key",
    /65 octets, not 32 to 64/,
  ],
  ["neither", signing("[»{ id: 1 }]"), "invalid_key", /no key; write `key` or `key_file`/],
  [
    "no such file",
    signing("[{ id: 1, key_file: »/nonexistent/key }]"),
    "invalid_key",
    /"\/nonexistent\/key" cannot be read: there is no such file/,
  ],
  ["a relative path", signing("[{ id: 1, key_file: »key }]"), "invalid_path", /absolute/],
  ["number 256", signing(`[{ id: »256, key: "${KEY}" }]`), "out_of_range", /between 0 and 255/],
  [
    "two of one number",
    signing(`[{ id: 1, key: "${KEY}" }, { id: »1, key: "${KEY}" }]`),
    "duplicate_key_id",
    /keys\[0\] has the number 1 too/,
  ],
  [
    "an active key that is none",
    signing(`[{ id: 1, key: "${KEY}" }]`, "active_key: »2"),
    "unknown_key_id",
    /no key with the number 2; choose one of 1/,
  ],
  ["no keys", signing("»[]"), "out_of_range", /at least one/],
  [
    "another protection",
    signing(`[{ id: 1, key: "${KEY}" }]`, "replay: »none"),
    "unknown_choice",
    /time, monotonic/,
  ],
]);

Deno.test("a key is read from a file that others cannot read", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/vrrp.key`;
    await Deno.writeTextFile(path, `${KEY}\n`, { mode: 0o600 });
    const text = signing(`[{ id: 1, key_file: ${path} }]`);
    await t.step("as it is", () => {
      const found = authenticationOf(text);
      assert.ok(found.type === "hmac");
      assert.equal(found.keys[0]!.key.toHex(), KEY);
    });
    await t.step("next to another key", () => {
      const both = signing(`[{ id: 1, key_file: ${path}, key: "${KEY}" }]`);
      assert.deepEqual(diagnose(both).map(({ code }) => code), ["invalid_key"]);
    });
    await t.step("that everybody can read", async () => {
      await Deno.chmod(path, 0o644);
      const [found] = diagnose(text);
      assert.match(`${found?.message}; ${found?.hint}`, /every user.*chmod o-r/);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file with a key that everybody can read is worth a warning", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, signing(`[{ id: 1, key: "${KEY}" }]`));
    await Deno.chmod(path, 0o644);
    const loaded = await loadConfig(path, { hostname: "lb01" });
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.warnings.map(({ code, key }) => [code, key]), [
      ["config_readable", "instances[0].authentication.keys[0].key"],
    ]);
    assert.ok(!JSON.stringify(loaded.warnings).includes(KEY));
  } finally {
    await Deno.remove(path);
  }
});
