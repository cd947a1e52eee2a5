/** The other load balancers' APIs. */

import { fileURLToPath } from "node:url";
import { testWrong, withTop } from "./support.ts";

const CERTIFICATE = fileURLToPath(
  new URL("../health/tls/certificate.pem", import.meta.url),
);

const peer = (...lines: string[]) => withTop("peers:", ...lines.map((line) => `  - ${line}`));

testWrong([
  ["no URL", peer('{ name: lb02, url: »"lb02 9112" }'), "invalid_peer_url", /is not a URL.*https:/],
  ["another scheme", peer("{ name: lb02, url: »ftp://lb02 }"), "invalid_peer_url", /begin with/],
  ["a path", peer("{ name: lb02, url: »http://lb02:9112/v1 }"), "invalid_peer_url", /after host/],
  ["a query", peer('{ name: lb02, url: »"http://lb02/?a" }'), "invalid_peer_url", /after host/],
  [
    "a relative socket",
    peer("{ name: lb02, url: »unix:api.sock }"),
    "invalid_peer_url",
    /absolute/,
  ],
  ["port 0", peer("{ name: lb02, url: »http://lb02:0 }"), "invalid_peer_url", /port 0/],
  [
    "a password, which is not quoted",
    peer("{ name: lb02, url: »http://root:hunter2@lb02:9112 }"),
    "invalid_peer_url",
    /^(?!.*hunter2).*`token_file`/,
  ],
  [
    "one name twice",
    peer("{ name: lb02, url: http://a:1 }", "{ name: »lb02, url: http://b:1 }"),
    "duplicate_peer",
    /peers\[0\] has the same name/,
  ],
  [
    "one URL twice",
    peer("{ name: lb02, url: http://a:1 }", "{ name: lb03, url: »http://a:1/ }"),
    "duplicate_peer",
    /peers\[0\] has the same url/,
  ],
  [
    "certificates where none is shown",
    peer(`{ name: lb02, url: http://a:1, ca: »${CERTIFICATE} }`),
    "ca_unused",
    /not reached by https.*remove `ca`/,
  ],
  [
    "certificates that are not there",
    peer("{ name: lb02, url: https://a:1, ca: »/nonexistent.pem }"),
    "invalid_tls",
    /no such file/,
  ],
]);

testWrong([
  [
    "a token in clear text",
    peer("{ name: lb02, url: »http://192.168.31.12:9112, token_file: /etc/vipd/lb02.token }"),
    "peer_plaintext",
    /can read the token; configure `api.tls`/,
  ],
  [
    "a token in clear text to a name that begins like an address of this machine",
    peer("{ name: lb02, url: »http://127.example:9112, token_file: /etc/vipd/lb02.token }"),
    "peer_plaintext",
    /can read the token/,
  ],
], "warning");
