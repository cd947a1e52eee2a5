import assert from "node:assert/strict";
import {
  closedArguments,
  openCommand,
  openUrls,
} from "../../../../src/cli/commands/support/masks.ts";

const LEFT_OUT = "[left out]";

/** Command lines with a secret `s3cr3t`, in all the ways in which programs take one, and what is shown. */
const COMMANDS: readonly (readonly [line: string[], shown: string[]])[] = [
  [["/bin/x", "-p", "s3cr3t"], ["/bin/x", "-p", LEFT_OUT]],
  [["/bin/x", "-ps3cr3t"], ["/bin/x", `-p${LEFT_OUT}`]],
  [["/bin/x", "-u", "user:s3cr3t"], ["/bin/x", "-u", LEFT_OUT]],
  [["/bin/x", "--user=me:s3cr3t"], ["/bin/x", `--user=${LEFT_OUT}`]],
  [["/bin/x", "PASS=s3cr3t"], ["/bin/x", `PASS=${LEFT_OUT}`]],
  [["/bin/x", "-H", "Authorization: Bearer s3cr3t"], ["/bin/x", "-H", LEFT_OUT]],
  [["/bin/sh", "-c", "curl -u a:s3cr3t http://a/"], ["/bin/sh", "-c", LEFT_OUT]],
  [["/bin/x", "s3cr3t"], ["/bin/x", LEFT_OUT]],
  [
    ["/usr/bin/curl", "-sf", "https://me:s3cr3t@a:8443/hooks/s3cr3t?token=s3cr3t#s3cr3t"],
    [
      "/usr/bin/curl",
      `-s${LEFT_OUT}`,
      `https://${LEFT_OUT}@a:8443/${LEFT_OUT}?${LEFT_OUT}#${LEFT_OUT}`,
    ],
  ],
  [
    ["/usr/bin/curl", "--fail", "http://127.0.0.1:8080/"],
    ["/usr/bin/curl", "--fail", "http://127.0.0.1:8080/"],
  ],
  [["/bin/systemctl", "restart", "nginx"], ["/bin/systemctl", "restart", "nginx"]],
  [["/bin/x", "--config", "/etc/x.conf", "-v"], ["/bin/x", "--config", "/etc/x.conf", "-v"]],
];

for (const [line, shown] of COMMANDS) {
  Deno.test(`of arguments a bundle shows only what is known to be open: ${line.join(" ")}`, () => {
    assert.deepEqual(openCommand(line), shown);
    assert.doesNotMatch(openCommand(line).join(" "), /s3cr3t/);
  });
}

Deno.test("of a URL inside any text, user, query and fragment are left out", () => {
  const text = 'GET "https://a:b@lb02:9112/v1/status?token=x": refused; see http://c/d';
  assert.equal(
    openUrls(text, { path: true }),
    `GET "https://${LEFT_OUT}@lb02:9112/v1/status?${LEFT_OUT}": refused; see http://c/d`,
  );
  assert.equal(
    openUrls("https://hooks.example/T0/s3cr3t", { path: false }),
    `https://hooks.example/${LEFT_OUT}`,
  );
  const twice = openUrls(openUrls("https://a:b@c/d?e#f", { path: false }), { path: false });
  assert.equal(twice, `https://${LEFT_OUT}@c/${LEFT_OUT}?${LEFT_OUT}#${LEFT_OUT}`);
  assert.equal(openUrls("no URL: a:/b", { path: false }), "no URL: a:/b");
});

Deno.test("an argument that is left out is looked for in the rest, unless it is short", () => {
  assert.deepEqual(closedArguments(["/bin/x", "-p", "s3cr3t", "-v", "word", "-ps3cr3t-2"]), [
    "s3cr3t",
    "s3cr3t",
    "-ps3cr3t-2",
    "s3cr3t-2",
  ]);
});
