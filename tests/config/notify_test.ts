import assert from "node:assert/strict";
import { parseValid, testWrong, withTop } from "./support.ts";

/** A file whose `notify` has one entry of these lines. */
function withNotify(...lines: string[]): string {
  const entry = lines.map((line, index) => `${index === 0 ? "  - " : "    "}${line}`);
  return withTop("notify:", ...entry);
}

const email = (...lines: string[]) => withNotify("type: email", "to: [ops@example.org]", ...lines);
const hook = (...lines: string[]) => withNotify("type: webhook", ...lines);
const exec = (...lines: string[]) => withNotify("type: exec", "command: [/bin/notify]", ...lines);

const DEFAULT_ON = ["master", "backup", "fault", "stop", "alarm", "alarm_cleared"];

Deno.test("those who are notified have sensible defaults", async (t) => {
  const cases: readonly (readonly [string, string, Record<string, unknown>])[] = [
    ["a program", exec(), {
      name: "exec-1",
      type: "exec",
      on: DEFAULT_ON,
      command: ["/bin/notify"],
      timeoutMs: 30_000,
      appendArguments: true,
    }],
    ["a named pipe", withNotify("type: fifo", "path: /run/vipd/notify", "user: nobody:users"), {
      name: "fifo-1",
      type: "fifo",
      on: DEFAULT_ON,
      path: "/run/vipd/notify",
      user: { name: "nobody", group: "users" },
    }],
    ["a webhook", hook("url: https://a.example/b?c=d", "on: [fault, fault]", "instances: [VI_1]"), {
      name: "webhook-1",
      type: "webhook",
      on: ["fault"],
      instances: ["VI_1"],
      target: { secretUrl: "https://a.example/b?c=d" },
      timeoutMs: 10_000,
      retryForMs: 3_600_000,
    }],
    ["mail through this machine", email(), {
      name: "email-1",
      type: "email",
      on: DEFAULT_ON,
      to: ["ops@example.org"],
      from: "vipd@lb01",
      host: "127.0.0.1",
      port: 25,
      security: "none",
      connectTimeoutMs: 30_000,
      retryForMs: 3_600_000,
    }],
  ];
  for (const [name, text, expected] of cases) {
    await t.step(name, () => assert.deepEqual(parseValid(text).config.notify, [expected]));
  }
});

Deno.test("mail may go to a name that the mail server knows", () => {
  const [target] = parseValid(withNotify("type: email", "to: [root, ops+vip]")).config.notify;
  assert.ok(target?.type === "email");
  assert.deepEqual(target.to, ["root", "ops+vip"]);
});

Deno.test("mail to another machine is encrypted unless the file says otherwise", () => {
  const cases: readonly (readonly [readonly string[], readonly [string, number, string]])[] = [
    [["server: mail.example.org"], ["mail.example.org", 587, "starttls"]],
    [["server: 192.168.31.2:2525"], ["192.168.31.2", 2525, "starttls"]],
    [["server: mail.example.org", "security: tls"], ["mail.example.org", 465, "tls"]],
    [["server: mail.example.org", "security: none"], ["mail.example.org", 25, "none"]],
    [["server: localhost"], ["localhost", 25, "none"]],
    [['server: "::1"'], ["::1", 25, "none"]],
    [['server: "[fd00::1]:465"', "security: tls"], ["fd00::1", 465, "tls"]],
  ];
  for (const [lines, expected] of cases) {
    const [target] = parseValid(email(...lines)).config.notify;
    assert.ok(target?.type === "email");
    assert.deepEqual([target.host, target.port, target.security], expected);
  }
});

testWrong([
  [
    "no type",
    withNotify("»to: [ops@example.org]"),
    "missing_key",
    /exec \| webhook \| email \| fifo/,
  ],
  ["an unknown type", withNotify("type: »sms"), "unknown_choice", /exec, webhook, email, fifo/],
  ["an unknown event", exec("on: [»mastr]"), "unknown_choice", /did you mean `master`/],
  ["no event", exec("on: »[]"), "out_of_range", /empty/],
  ["an unknown instance", exec("instances: [»VI_2]"), "unknown_instance", /did you mean `VI_1`/],
  ["an unknown group", exec("groups: [»SG]"), "unknown_sync_group", /none is defined/],
  [
    "one name twice",
    `${exec("name: ops")}`.replace(
      "instances:",
      "  - { type: exec, command: [/x], name: »ops }\ninstances:",
    ),
    "duplicate_notify",
    /notify\[0\] has the name "ops"/,
  ],
  [
    "a webhook to nowhere",
    withTop("notify: [»{ type: webhook }]"),
    "invalid_notify",
    /where to post/,
  ],
  [
    "a webhook to two places",
    withTop("notify: [»{ type: webhook, url: http://a/, url_file: /b }]"),
    "invalid_notify",
    /`url` or `url_file`/,
  ],
  ["a URL without scheme", hook("url: »a.example"), "invalid_url", /http/],
  ["no address", withNotify("type: email", "to: [»'@ops']"), "invalid_mail", /ops@example\.org/],
  [
    "two addresses in one",
    withNotify("type: email", 'to: [»"a@b, c@d"]'),
    "invalid_mail",
    /"a@b, c@d"/,
  ],
  [
    "a header in an address",
    withNotify("type: email", 'to: [»"a@b\\nBcc: c@d"]'),
    "invalid_mail",
    /not a mail/,
  ],
  ["nobody to write to", withNotify("type: email", "to: »[]"), "out_of_range", /empty/],
  ["no mail server", email('server: »"a b"'), "invalid_target", /not a host/],
  [
    "a user without a password",
    withTop("notify: [»{ type: email, to: [a@b], username: x }]"),
    "invalid_notify",
    /without a password/,
  ],
  [
    "a password in clear text",
    email("username: »vipd", "password_file: /etc/vipd/mail"),
    "login_not_encrypted",
    /security: starttls/,
  ],
]);
