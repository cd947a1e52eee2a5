import assert from "node:assert/strict";
import { guesserOf, streamShareOf } from "../../../src/front/http/requester.ts";

const HERE = "this machine";

const CLIENTS: readonly (readonly [client: string | undefined, guesser: string, share: string])[] =
  [
    [undefined, HERE, "the unix socket"],
    ["127.0.0.1", HERE, HERE],
    ["127.255.3.4", HERE, HERE],
    ["::1", HERE, HERE],
    ["::ffff:127.0.0.9", HERE, HERE],
    ["::ffff:7f00:9", HERE, HERE],
    ["192.0.2.1", "192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::6", "2001:db8:1:2::/64", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::6", "2001:db8:1:3::/64", "2001:db8:1:3::/64"],
    ["fe80::1%eth1", "fe80::/64", "fe80::/64"],
    ["not an address", "not an address", "not an address"],
  ];

for (const [client, guesser, share] of CLIENTS) {
  Deno.test(`with whom a client counts: ${client ?? "without an address"}`, () => {
    assert.deepEqual([guesserOf({ client }), streamShareOf({ client })], [guesser, share]);
  });
}

Deno.test("clients behind a reverse proxy count together, and not as users of this machine", () => {
  const proxied = { client: "127.0.0.1", proxied: true };
  assert.deepEqual([guesserOf(proxied), streamShareOf(proxied)], [
    "a reverse proxy",
    "a reverse proxy",
  ]);
});
