/** The `listen` directive; servers_test.ts has its words. */

import assert from "node:assert/strict";
import { listenersIn } from "../../src/nginx/listen.ts";

const TEXT = `# configuration file /etc/nginx/nginx.conf:
http {
  server { listen 80; listen [::]:8080 default_server; }
  server {
    # listen 81;
    listen 192.0.2.5:443 ssl; add_header X "; listen 85;";
    listen 192.0.2.6;
    listen *:82;
    listen [::]:83;
    listen 0.0.0.0:84;
    listen unix:/run/x.sock;
    listen lb.example.com:86;
    listen [2001:DB8::5]:80;
    listen [::]:88 ipv6only=off;
    return 200 "listen 87;";
  }
}
# configuration file /etc/nginx/stream.conf:
server { listen 192.0.2.7:53 udp reuseport; }
`;

Deno.test("the listeners of nginx are read, whatever form they have", () => {
  assert.deepEqual(listenersIn(TEXT), [
    { address: "0.0.0.0", port: 80 },
    { address: "::", port: 8080 },
    { address: "192.0.2.5", port: 443 },
    { address: "192.0.2.6", port: 80 },
    { address: "0.0.0.0", port: 82 },
    { address: "::", port: 83 },
    { address: "0.0.0.0", port: 84 },
    { address: "2001:db8::5", port: 80 },
    { address: "::", port: 88 },
    { address: "0.0.0.0", port: 88 },
    { address: "192.0.2.7", port: 53 },
  ]);
});
