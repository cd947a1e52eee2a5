/** Where a node asks its own nginx for a server, and the words where it cannot. */

import assert from "node:assert/strict";
import { serversOf } from "../../src/nginx/servers.ts";
import { parseText } from "../../src/nginx/syntax.ts";
import { type Place, Places } from "../../src/rehearsal/place.ts";

const OWN = "192.168.31.12";

function reached(listen: string): Place {
  const text = `http { server { listen ${listen}; } }`;
  const servers = serversOf(parseText(text, "f").directives, "/etc/nginx");
  const places = new Places(servers, { addresses: [OWN, "127.0.0.1"], virtual: ["192.168.31.5"] });
  return places.of(servers[0]!, servers[0]!.listens[0]!);
}

const help = (listen: string) =>
  `with \`listen 127.0.0.1:${listen};\` in the same server it can be asked`;

const CASES: readonly (readonly [what: string, listen: string, is: Place])[] = [
  ["loopback before all others", "443 ssl", { address: "127.0.0.1", port: 443 }],
  ["an address that is here", `${OWN}:443 ssl`, { address: OWN, port: 443 }],
  ["an address that is elsewhere", "192.168.31.5:443 ssl", {
    why: "nginx listens for it on 192.168.31.5:443 only, which this node does not have now: " +
      help("443 ssl"),
    absent: { address: "192.168.31.5", port: 443 },
  }],
  ["one of IPv6", "[2001:db8::5]:80", {
    why: "nginx listens for it on [2001:db8::5]:80 only, which this node does not have now: " +
      help("80"),
    absent: { address: "2001:db8::5", port: 80 },
  }],
  ["a name", "vip.test:80", {
    why: `nginx listens for it on vip.test:80 only, a name, which vipd does not look up: ${
      help("80")
    }`,
  }],
  ["the PROXY protocol", "443 ssl proxy_protocol", {
    why: `it takes the PROXY protocol, which vipd does not speak: ${help("443 ssl")}`,
  }],
];

for (const [what, listen, is] of CASES) {
  Deno.test(`rehearsal's place: ${what}`, () => assert.deepEqual(reached(listen), is));
}
