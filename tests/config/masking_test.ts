import assert from "node:assert/strict";
import { maskPasswords } from "../../src/config/masking.ts";

const CASES: readonly (readonly [name: string, text: string, masked: string])[] = [
  ["a password", "  password: abc1", "  password: ****"],
  ["a password that looks like a path", "password: /abc", "password: ****"],
  ["a token in quotes", 'token: "/x/y"', "token: ******"],
  ["a key of digits", "key: 0123abcd", "key: ********"],
  ["a key on the next line", "key:\n  /x1", "key:\n  ***"],
  [
    "the file of a key",
    "tls: { cert: /etc/c.pem, key: /etc/k.pem }",
    "tls: { cert: /etc/c.pem, key: /etc/k.pem }",
  ],
  ["the file of a key, in quotes", 'key: "/etc/k.pem"', 'key: "/etc/k.pem"'],
  ["what looks like a file and is none", "key: /a+b=", "key: *****"],
  ["a longer name", "secret_key: /etc/k", "secret_key: ******"],
  ["an assignment", "key=/etc/k", "key=******"],
];

for (const [name, text, masked] of CASES) {
  Deno.test(`what looks like a secret is masked: ${name}`, () => {
    assert.equal(maskPasswords(text), masked);
  });
}
