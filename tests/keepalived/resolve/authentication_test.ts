/** Passwords and keys as keepalived sends them. */

import assert from "node:assert/strict";
import { importText, instanceWith, told } from "../support.ts";

const withPassword = (password: string) =>
  instanceWith(`authentication {\nauth_type PASS\nauth_pass ${password}\n}`);

Deno.test("each octet of a password counts, a byte order mark too", async () => {
  const { yaml } = await importText(withPassword("\ufeffab"));
  assert.match(yaml!, /password: "?(?:\ufeff|\\uFEFF)ab/i);
});

Deno.test("a password that cannot be printed is an error", async () => {
  const { yaml, findings } = await importText(withPassword("a\u0001b"));
  assert.equal(yaml, null);
  assert.match(
    told(findings).join("\n"),
    /^keepalived\.conf:7: error: auth_pass: the password has characters that cannot be printed; /m,
  );
});

Deno.test("a password next to signatures is left out, with its block", async () => {
  const { explain } = await importText(
    instanceWith(
      "auth_hmac {\nkey 1 00112233445566778899aabbccddeeff\n}\n" +
        "authentication {\nauth_type PASS\nauth_pass secret\n}",
    ),
  );
  const becomes = explain().slice(8, 10).map(({ becomes }) => becomes[0]);
  assert.deepEqual(becomes, ["left out, with its block", "left out, with its block"]);
});
