/** Passwords that scripts have as arguments. */

import assert from "node:assert/strict";
import { withoutSecretArguments } from "../../src/keepalived/secret_arguments.ts";
import { explainedText } from "../../src/keepalived/explain.ts";
import { importText, instanceWith, told } from "./support.ts";

const SECRET = "s3cr3t!x";
const SCRIPTS: readonly string[] = [
  `/usr/bin/mysqladmin ping -h 127.0.0.1 -u root -p${SECRET}`,
  `mysql -uroot -p${SECRET} -e 'select 1'`,
  `/bin/sh -c 'redis-cli -a ${SECRET} ping | grep PONG'`,
  `curl -sf -u admin:${SECRET} http://127.0.0.1/`,
  `curl -sf --user admin:${SECRET} http://127.0.0.1/x | grep ok`,
  `curl -sf http://admin:${SECRET}@127.0.0.1/x | grep ok`,
  `curl -H 'Authorization: Bearer ${SECRET}' http://127.0.0.1/x | grep ok`,
  `/usr/local/bin/ask --password=${SECRET}`,
  `/usr/local/bin/ask --password ${SECRET}`,
  `/usr/local/bin/ask --token ${SECRET}`,
];

Deno.test("a password among the arguments of a script is neither in a finding nor in an explanation", async () => {
  for (const script of SCRIPTS) {
    const text = `vrrp_script ask {\nscript "${script}"\n}\n` +
      instanceWith(`track_script {\nask\n}\nnotify "${script}" x`);
    const { yaml, findings, explain } = await importText(text);
    assert.ok(yaml?.includes(SECRET), `${script}: the result has it`);
    assert.doesNotMatch(told(findings).join("\n"), /s3cr3t/, script);
    assert.doesNotMatch(explainedText(explain()), /s3cr3t/, script);
    const comments = yaml!.split("\n").filter((line) => /^\s*#/.test(line)).join("\n");
    assert.doesNotMatch(comments, /s3cr3t/, script);
  }
});

Deno.test("other arguments are shown as they are", () => {
  for (
    const text of [
      "/usr/bin/killall -0 nginx",
      "redis-cli -p 6379 ping",
      "ps -C nginx --no-header",
      "mkdir -p /run/x",
      "curl -u admin http://127.0.0.1/",
    ]
  ) assert.equal(withoutSecretArguments(text), text);
});
