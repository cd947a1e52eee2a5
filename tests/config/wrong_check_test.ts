/** What can be wrong with a check. */

import assert from "node:assert/strict";
import { parseValid, testWrong, withCheck, withTop } from "./support.ts";

const http = (...lines: string[]) => withCheck("type: http", "url: http://127.0.0.1/", ...lines);

testWrong([
  [
    "no type",
    withCheck("»url: http://127.0.0.1/"),
    "missing_key",
    /http \| tcp \| process \| exec/,
  ],
  ["an unknown type", withCheck("type: »icmp"), "unknown_choice", /http, tcp, process, exec/],
  ["a mistyped type", withCheck("type: »htpp"), "unknown_choice", /did you mean `http`/],
  ["a number as type", withCheck("type: »1"), "unknown_choice", /1 is not one of/],
  ["nothing", withTop("checks:", "  »web:"), "wrong_type", /nothing stands here/],
  ["a text", withTop("checks:", "  web: »http"), "wrong_type", /expected a mapping/],
  [
    "a blank in its name",
    withTop("checks:", "  »my web: { type: process, process: nginx }"),
    "invalid_name",
    /"my web" is not a name/,
  ],
  [
    "a name that JavaScript reserves",
    withTop("checks:", "  »__proto__: { type: process, process: nginx }"),
    "invalid_name",
    /beginning with a letter/,
  ],
]);

testWrong([
  ["no URL", withCheck("»type: http"), "missing_key", /url: http:\/\/127\.0\.0\.1\//],
  ["no scheme", withCheck("type: http", "url: »127.0.0.1/"), "invalid_url", /not a URL/],
  ["another scheme", withCheck("type: http", "url: »ftp://a/"), "invalid_url", /http:\/\/ or/],
  ["credentials", withCheck("type: http", "url: »http://u:secret@a/"), "invalid_url", /remove/],
  ["port 0", withCheck("type: http", "url: »http://a:0/"), "invalid_url", /port 0/],
  ["port 70000", withCheck("type: http", "url: »http://a:70000/"), "invalid_url", /not a URL/],
  ["status 99", http("status: »99"), "invalid_status", /100 to 599/],
  ["status 600", http("status: »600"), "invalid_status", /100 to 599/],
  ["status backwards", http('status: »"300-200"'), "invalid_status", /"300-200"/],
  ["status as list", http("status: »[200]"), "wrong_type", /found a list/],
  ["an empty text to look for", http('body_contains: »""'), "out_of_range", /1 to 1000/],
  ["a number to look for", http("body_contains: »1.50"), "wrong_type", /in quotes: "1\.50"/],
]);

testWrong([
  ["no port", withCheck("type: tcp", "address: »127.0.0.1"), "invalid_target", /127\.0\.0\.1:80/],
  ["port 0", withCheck("type: tcp", "address: »a:0"), "invalid_target", /between 1 and 65535/],
  ["no address", withCheck("type: tcp", "address: »127.0.0.256:1"), "invalid_target", /not a host/],
  ["no host", withCheck("type: tcp", 'address: »":80"'), "invalid_target", /not a host/],
  ["bare IPv6", withCheck("type: tcp", 'address: »"::1:80"'), "invalid_target", /\[::1\]:80/],
  ["no IPv6", withCheck("type: tcp", 'address: »"[x]:80"'), "invalid_target", /not an IPv6/],
]);

testWrong([
  [
    "a path",
    withCheck("type: process", "process: »/usr/sbin/nginx"),
    "invalid_name",
    /without path/,
  ],
  ["no name", withCheck("type: process", 'process: »""'), "invalid_name", /ps -e -o comm/],
  [
    "more than the kernel keeps",
    withCheck("type: process", "process: »sixteen_octets__"),
    "invalid_name",
    /15 octets/,
  ],
  [
    "a command with a pipe as text",
    withCheck("type: exec", 'command: »"ss -ltn | grep -q :80"'),
    "wrong_type",
    /\[\/bin\/sh, -c, "ss -ltn \| grep -q :80"\]/,
  ],
  [
    "a command as text",
    withCheck("type: exec", "command: »/bin/check -v"),
    "wrong_type",
    /\[\/bin\/check, -v\]/,
  ],
  [
    "a relative command",
    withCheck("type: exec", "command: »[bin/check]"),
    "invalid_command",
    /"bin\/check" is not an absolute path/,
  ],
  [
    "a line in a list",
    withCheck("type: exec", 'command: »["curl http://a/ | grep b"]'),
    "invalid_command",
    /each word as an entry of its own.*\/bin\/sh, -c/,
  ],
  ["no program", withCheck("type: exec", 'command: »["", x]'), "invalid_command", /"" is not/],
  [
    "a user with a blank",
    withCheck("type: exec", "command: [/bin/x]", 'user: »"www data"'),
    "invalid_user",
    /`nginx:adm`/,
  ],
  [
    "a group too many",
    withCheck("type: exec", "command: [/bin/x]", "user: »a:b:c"),
    "invalid_user",
    /"a:b:c"/,
  ],
  [
    "recovery through a shell",
    http("on_fail: »systemctl restart nginx || true"),
    "invalid_command",
    /no shell reads the \| .*\/bin\/sh, -c/,
  ],
  ["recovery with a relative path", http("on_fail: »[bin/x]"), "invalid_command", /absolute/],
  ["an empty recovery", http('on_fail: »""'), "invalid_command", /empty/],
  [
    "recovery without a command",
    http("on_fail: »{ timeout: 1s }"),
    "missing_key",
    /key is missing/,
  ],
  [
    "recovery without end",
    http("on_fail: { command: [/bin/x], attempts: »0 }"),
    "out_of_range",
    /0 is not between 1 and 100/,
  ],
  [
    "a mistyped key of recovery",
    http("on_fail: { command: [/bin/x], »attemts: 2 }"),
    "unknown_key",
    /did you mean `attempts`/,
  ],
  ["a number as recovery", http("on_fail: »5"), "wrong_type", /a command, or a mapping/],
  ["an empty command", withCheck("type: exec", "command: »[]"), "invalid_command", /empty/],
  [
    "NUL in an argument",
    withCheck("type: exec", 'command: »[/bin/x, "a\\0"]'),
    "invalid_command",
    /NUL/,
  ],
  [
    "a number as argument",
    withCheck("type: exec", "command: [/bin/x, »080]"),
    "wrong_type",
    /in quotes: "080"/,
  ],
]);

const exec = (words: string) => withCheck("type: exec", `command: [${words}]`);

testWrong([
  [
    "a pipe",
    exec('curl, "http://a/?b&c", »"|", grep, x'),
    "no_shell",
    /the \| in it: curl gets.*`\[\/bin\/sh, -c, "curl 'http:\/\/a\/\?b&c' \| grep x"\]`/,
  ],
  ["another command", exec('nginx, -t, »"&&", "true"'), "no_shell", /the && in it/],
  ["a redirection", exec('nginx, -t, »">", /dev/null'), "no_shell", /the > in it/],
  ["a redirection in one word", exec("nginx, -t, »2>&1"), "no_shell", /the 2>&1 in it/],
  ["a variable", exec("nginx, »$OPTIONS"), "no_shell", /the \$OPTIONS in it/],
  ["the output of a command", exec("ping, »$(hostname)"), "no_shell", /the \$\(hostname\) in it/],
  ["a recovery", http('on_fail: [a, »";", b]'), "no_shell", /the ; in it: a gets/],
  ["a recovery's command", http('on_fail: { command: [a, »"|", b] }'), "no_shell", /the \| in it/],
  [
    "a program of a notification",
    withTop("notify: [{ type: exec, command: [/bin/logger, »$USER] }]"),
    "no_shell",
    /bin\/logger gets it/,
  ],
], "warning");

const LITERAL: readonly string[] = [
  'sh, -c, "$PROGRAM"',
  'bash, -ec, "a | b && c > d"',
  'ssh, host, "a | b && c"',
  'grep, -q, "^ok$|^fine$", /run/state',
  'grep, -q, "<title>a</title>", /run/page',
  '/usr/bin/expr, "1", "|", "0"',
  'find, /run, -exec, ls, "{}", ";"',
  'curl, "http://a/?b=1&c=2"',
];
for (const words of LITERAL) {
  Deno.test(`no shell is missing to [${words}]`, () => {
    assert.deepEqual(parseValid(exec(words)).warnings, []);
  });
}

testWrong([
  ["no unit that exists", http("interval: »5 sec"), "invalid_duration", /500ms, 1s or 1m30s/],
  ["a negative duration", http("interval: »-1s"), "invalid_duration", /"-1s"/],
  ["a negative number", http("interval: »-1"), "invalid_duration", /-1 is not/],
  ["a duration as list", http("interval: »[1]"), "wrong_type", /a duration/],
  [
    "too short an interval",
    http("interval: »10ms", "timeout: 10ms"),
    "out_of_range",
    /100ms to 1h/,
  ],
  ["too long an interval", http("interval: »2h"), "out_of_range", /100ms to 1h/],
  ["no time to answer", http("timeout: »0"), "out_of_range", /10ms to 1h/],
  ["rise 0", http("rise: »0"), "out_of_range", /0 is not between 1 and 100/],
  ["fall 101", http("fall: »101"), "out_of_range", /101 is not between/],
  ["a fraction", http("fall: »1.5"), "out_of_range", /not a whole number/],
  ["infinity", http("fall: ».inf"), "wrong_type", /expected a number/],
]);

testWrong([
  [
    "a timeout beyond the interval",
    http("timeout: »3s"),
    "timeout_too_long",
    /3s .* interval of 2s/,
  ],
], "warning");
