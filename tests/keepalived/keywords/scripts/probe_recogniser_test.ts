/** Which scripts become which checks. */

import assert from "node:assert/strict";
import { recogniseProbe } from "../../../../src/keepalived/keywords/scripts/probe_recogniser.ts";
import { splitScript } from "../../../../src/keepalived/syntax/words.ts";

function recognise(script: string) {
  return recogniseProbe(splitScript(`"${script}"`).words);
}

function inShort(script: string): string | null {
  const found = recognise(script);
  if (!found) return null;
  const { probe, timeoutS } = found;
  const { type, ...rest } = probe;
  const limit = timeoutS === undefined ? "" : ` within ${timeoutS}`;
  return `${type} ${Object.values(rest).join(" ")}${limit}`;
}

Deno.test("the usual probes are recognised", async (t) => {
  const cases: Readonly<Record<string, string>> = {
    "pidof nginx": "process nginx",
    "/bin/pidof nginx": "process nginx",
    "/usr/sbin/pidof -s nginx": "process nginx",
    "pidof /usr/sbin/nginx": "process nginx",
    "killall -0 nginx": "process nginx",
    "/usr/bin/killall -q -0 haproxy": "process haproxy",
    "killall -s 0 nginx": "process nginx",
    "pkill -0 nginx": "process nginx",
    "pkill -0 -x nginx": "process nginx",
    "pgrep nginx": "process nginx",
    "/usr/bin/pgrep -x nginx": "process nginx",
    "pgrep ^nginx$": "process nginx",
    "systemctl is-active nginx": "process nginx",
    "/bin/systemctl -q is-active nginx.service": "process nginx",
    "systemctl status haproxy": "process haproxy",
    "service nginx status": "process nginx",
    "pidof nginx > /dev/null 2>&1": "process nginx",
    "pidof nginx >/dev/null": "process nginx",
    "/bin/sh -c 'pidof nginx'": "process nginx",
    "/bin/bash -c 'killall -0 nginx &>/dev/null'": "process nginx",
    "bash -c 'true >/dev/tcp/127.0.0.1/80'": "tcp 127.0.0.1:80",
    "pidof nginx 2> /dev/null": "process nginx",
    "killall nginx -s 0": "process nginx",
    "curl -o /dev/null -f 127.0.0.1": "http http://127.0.0.1/",
    "curl --connect-timeout 3 -f 127.0.0.1": "http http://127.0.0.1/",
    "curl -f --connect-timeout=3 127.0.0.1": "http http://127.0.0.1/",
    "curl -f -o/dev/null 127.0.0.1": "http http://127.0.0.1/",
    "curl -f --header=Host:a.example 127.0.0.1": "http http://127.0.0.1/ a.example",
    "wget -qO /dev/null 127.0.0.1": "http http://127.0.0.1/",
    "wget -qO - 127.0.0.1": "http http://127.0.0.1/",
    "wget -O - 127.0.0.1": "http http://127.0.0.1/",
    "wget -T2 127.0.0.1": "http http://127.0.0.1/ within 2",
    "wget -t3 127.0.0.1": "http http://127.0.0.1/",
    "nc -w 1 -z 127.0.0.1 80": "tcp 127.0.0.1:80 within 1",
    "nc -v -z -4 127.0.0.1 80": "tcp 127.0.0.1:80",
    "nc -z -v 127.0.0.1 80": "tcp 127.0.0.1:80",
    "curl -f http://127.0.0.1/": "http http://127.0.0.1/",
    "/usr/bin/curl -fsS http://127.0.0.1/": "http http://127.0.0.1/",
    "curl --fail --silent --show-error http://localhost:8080/ok": "http http://localhost:8080/ok",
    "curl http://127.0.0.1": "http http://127.0.0.1/ 100-599",
    "curl -sf -m 3 127.0.0.1": "http http://127.0.0.1/ within 3",
    "curl -sf --max-time 0.5 -o /dev/null 127.0.0.1": "http http://127.0.0.1/ within 0.5",
    "curl -sf -m3 --output=/dev/null 127.0.0.1": "http http://127.0.0.1/ within 3",
    "curl -sf -H 'Host: a.example' 127.0.0.1": "http http://127.0.0.1/ a.example",
    "curl -f https://127.0.0.1/?a=b&c=d": "http https://127.0.0.1/?a=b&c=d",
    "wget -q -O /dev/null http://127.0.0.1/": "http http://127.0.0.1/",
    "wget -qO- -T 2 http://127.0.0.1/": "http http://127.0.0.1/ within 2",
    "wget --quiet --spider --tries=1 --timeout=2 127.0.0.1": "http http://127.0.0.1/ within 2",
    "nc -z 127.0.0.1 80": "tcp 127.0.0.1:80",
    "/bin/nc -zv -w1 localhost 443": "tcp localhost:443 within 1",
    "nc -zw 2 127.0.0.1 80": "tcp 127.0.0.1:80 within 2",
    "ncat -z ::1 80": "tcp [::1]:80",
    "</dev/tcp/127.0.0.1/80": "tcp 127.0.0.1:80",
    "bash -c '</dev/tcp/127.0.0.1/80'": "tcp 127.0.0.1:80",
    "/bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/80'": "tcp 127.0.0.1:80",
    "/bin/bash -c 'echo > /dev/tcp/localhost/80'": "tcp localhost:80",
  };
  for (const [script, want] of Object.entries(cases)) {
    await t.step(script, () => assert.equal(inShort(script), want));
  }
});

Deno.test("what no check does stays a program", async (t) => {
  const scripts = [
    "",
    "/etc/keepalived/check_nginx.sh",
    "/bin/pidof nginx apache2",
    "pidof -o 1 nginx",
    "killall nginx",
    "killall -9 nginx",
    "pkill nginx",
    "pkill -0 -f nginx",
    "pgrep -f nginx",
    "pgrep ngin[xy]",
    "pidof a_process_name_that_is_too_long",
    "systemctl is-active my-app",
    "systemctl restart nginx",
    "service nginx restart",
    "/bin/sh -c 'pidof nginx || systemctl start nginx'",
    "/bin/sh -c 'pidof $NAME'",
    "/bin/sh check.sh",
    "pidof nginx | wc -l",
    "curl -s http://127.0.0.1/ | grep ok",
    "curl -X POST http://127.0.0.1/",
    "curl -f http://a/ http://b/",
    "curl -f -o /tmp/x http://127.0.0.1/",
    "curl -f -H 'Accept: text/html' http://127.0.0.1/",
    "curl -f http://user:secret@127.0.0.1/",
    "curl -f",
    "curl -f ftp://127.0.0.1/",
    "curl -m soon 127.0.0.1",
    "nc 127.0.0.1 80",
    "nc -zu 127.0.0.1 53",
    "nc -z 127.0.0.1 80-90",
    "wget http://127.0.0.1/ --post-data=x",
    "/bin/sh -x 'pidof nginx'",
    "/bin/sh -c",
    "/bin/sh",
    "/bin/sh -c 'pidof nginx' name",
    "pidof nginx apache2 > /dev/null",
    "pidof nginx > /tmp/x",
    "pidof > /dev/null",
    "killall -0 nginx 0",
    "killall -s 9 nginx",
    "curl -f -m soon 127.0.0.1",
    "curl -f -H 'Host: a' -H 'Host: b' 127.0.0.1",
    "curl -f --data x 127.0.0.1",
    "wget -T soon 127.0.0.1",
    "wget -O /tmp/x 127.0.0.1",
    "wget -qO /tmp/x 127.0.0.1",
    "wget http://a/ http://b/",
    "nc -w soon -z 127.0.0.1 80",
    "nc -z 127.0.0.1",
    "nc -z 127.0.0.1 80 81",
    "nc -v 127.0.0.1 80",
    "nc -w 1 127.0.0.1 80",
    "nc -l -z 127.0.0.1 80",
    "systemctl is-active nginx haproxy",
    "pgrep -x",
    "pgrep -n nginx",
    "cat /dev/tcp/127.0.0.1/80",
    "</dev/udp/127.0.0.1/80",
    "</dev/tcp/127.0.0.1/99999",
    "constructor nginx",
  ];
  for (const script of scripts) {
    await t.step(script || "(empty)", () => assert.equal(inShort(script), null));
  }
});

Deno.test("what a check does otherwise than the program is reported", () => {
  const cases: readonly [string, RegExp | undefined][] = [
    ["pidof nginx", undefined],
    ["pgrep nginx", /longer names/],
    ["systemctl is-active nginx", /service manager/],
    ["curl -fI http://127.0.0.1/", /GET instead of HEAD/],
    ["curl -fL http://127.0.0.1/", /redirect/],
    ["curl -fk https://127.0.0.1/", /certificate/],
    ["wget -q http://127.0.0.1/", /redirect/],
  ];
  for (const [script, pattern] of cases) {
    const difference = recognise(script)?.difference;
    if (pattern === undefined) assert.equal(difference, undefined, script);
    else assert.match(difference ?? "", pattern, script);
  }
});

Deno.test("pgrep without an exact name also finds longer ones, and the import says so", () => {
  const said = (script: string) => recognise(script)?.difference?.includes("longer names") ?? false;
  assert.deepEqual(
    ["pgrep nginx", "pgrep -c nginx", "pgrep -x nginx", "pgrep ^nginx$", "pidof nginx"].map(said),
    [true, true, false, false, false],
  );
});
