/** Where another load balancer's API listens. */

import assert from "node:assert/strict";
import { isPlaintext, loopbackAddresses } from "../../../src/config/values/peer_url.ts";

Deno.test("a URL's host stands for this machine alone when it names a loopback address", async (t) => {
  const rows: [hostname: string, expected: string[]][] = [
    ["localhost", ["127.0.0.1", "::1"]],
    ["127.0.0.1", ["127.0.0.1"]],
    ["127.0.0.2", ["127.0.0.2"]],
    ["127.255.255.254", ["127.255.255.254"]],
    ["[::1]", ["::1"]],
    ["[::2]", []],
    ["128.0.0.1", []],
    ["1.127.0.0.1", []],
    ["127.0.0.1.example", []],
    ["127.example", []],
    ["192.168.31.12", []],
    ["lb02", []],
  ];
  for (const [hostname, expected] of rows) {
    await t.step(hostname, () => assert.deepEqual(loopbackAddresses(hostname), expected));
  }
});

Deno.test("what is sent without TLS to another machine can be read on its way", async (t) => {
  const rows: [url: string, expected: boolean][] = [
    ["http://lb02:9112", true],
    ["http://192.168.31.12:9112", true],
    ["http://[2001:db8::12]:9112", true],
    ["https://lb02:9112", false],
    ["http://localhost:9112", false],
    ["http://127.0.0.1:9112", false],
    ["http://127.0.0.2:9112", false],
    ["http://[::1]:9112", false],
    ["unix:/run/vipd/api.sock", false],
  ];
  for (const [url, expected] of rows) {
    await t.step(url, () => assert.equal(isPlaintext(url), expected));
  }
});
