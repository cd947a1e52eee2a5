/** What is offered for scripts that stay programs, and what is said about those that stop keepalived. */

import assert from "node:assert/strict";
import {
  alwaysSucceeds,
  offerProbe,
  restartedProgram,
  stopsKeepalived,
} from "../../../../src/keepalived/keywords/scripts/probe_offers.ts";

const OFFERS: Readonly<Record<string, string | null>> = {
  "ss -ltn | grep ':80 '": '{ type: tcp, address: "127.0.0.1:80" }',
  "ss -ltn|grep -q :8080": '{ type: tcp, address: "127.0.0.1:8080" }',
  "netstat -an | grep -w 443 | wc -l": '{ type: tcp, address: "127.0.0.1:443" }',
  "ps -C nginx --no-header | wc -l": "{ type: process, process: nginx }",
  "ps aux | grep -v grep | grep haproxy": "{ type: process, process: haproxy }",
  "[ $(pidof nginx | wc -w) -gt 0 ]": "{ type: process, process: nginx }",
  "mysqladmin -h 10.0.0.5 -P 3307 ping": '{ type: tcp, address: "10.0.0.5:3307" }',
  "redis-cli ping": '{ type: tcp, address: "127.0.0.1:6379" }',
  "systemctl is-active redis": "{ type: process, process: redis-server }",
  "systemctl is-active --quiet php8.2-fpm.service": "{ type: process, process: php8.2-fpm }",
  "docker ps | grep nginx": "{ type: process, process: nginx }",
  "curl -s http://127.0.0.1/health | grep OK": '{ type: http, url: "http://127.0.0.1/health" }',
  "timeout 2 bash -c '</dev/tcp/10.0.0.9/22'": '{ type: tcp, address: "10.0.0.9:22" }',
  "echo show info | socat stdio /run/haproxy.sock": "{ type: process, process: haproxy }",
  "nc -z localhost 1": '{ type: tcp, address: "localhost:1" }',
  "nc -z localhost 65535": '{ type: tcp, address: "localhost:65535" }',
  "nc -z localhost 0": null,
  "nc -z localhost 65536": null,
  "nc -z -w 2 localhost 99999": null,
  "/usr/local/bin/my-own-check": null,
};

Deno.test("a script that asks what a check of vipd asks is offered that check", async (t) => {
  for (const [script, check] of Object.entries(OFFERS)) {
    await t.step(script, () => assert.equal(offerProbe(script)?.check ?? null, check));
  }
});

Deno.test("a script that stops keepalived is known, and what it starts again", async (t) => {
  const cases: readonly [string, boolean, string | null][] = [
    ["pidof nginx || systemctl stop keepalived", true, null],
    ["systemctl restart nginx; sleep 1; pidof nginx || service keepalived stop", true, "nginx"],
    ["service haproxy start; /etc/init.d/keepalived stop", true, "haproxy"],
    ["killall -9 keepalived", true, null],
    ["/usr/sbin/nginx; pkill keepalived", true, "nginx"],
    ["systemctl is-active keepalived", false, null],
    ["pidof nginx", false, null],
  ];
  for (const [script, stops, program] of cases) {
    await t.step(script, () => {
      assert.equal(stopsKeepalived(script), stops);
      assert.equal(restartedProgram(script), program);
    });
  }
});

Deno.test("a count at the end of a script never fails", () => {
  assert.equal(alwaysSucceeds("ss -ltn | grep :80 | wc -l"), true);
  assert.equal(alwaysSucceeds("[ $(ss -ltn | grep :80 | wc -l) -gt 0 ]"), false);
  assert.equal(alwaysSucceeds("ss -ltn | grep -q :80"), false);
});
