/** How much of the machine around a keepalived.conf is looked at. */

import assert from "node:assert/strict";
import { importKeepalived } from "../../src/keepalived/import.ts";
import { filesOf, instanceWith, told } from "./support.ts";

const OPTIONS = { id: "lb01", hostname: "lb01" };
const STOPS = "systemctl stop keepalived\n";

/** What is said of a script, of whose file this is the text. */
async function saidOf(script: string): Promise<string> {
  const text = 'vrrp_script ask {\nscript "/etc/ask.sh"\n}\n' +
    instanceWith("track_script {\nask\n}");
  const files = filesOf({ "k.conf": text, "/etc/ask.sh": script });
  return told((await importKeepalived("k.conf", files, OPTIONS)).findings).join("\n");
}

Deno.test("the texts of a hundred scripts are looked at", async () => {
  const scripts = Array.from(
    { length: 101 },
    (_, at) => `vrrp_script s${at} {\nscript /s${at}\n}\n`,
  );
  const files = filesOf({ "k.conf": scripts.join("") + instanceWith("") });
  const read: string[] = [];
  await importKeepalived("k.conf", {
    ...files,
    readFile: (path) => {
      read.push(path);
      return files.readFile(path);
    },
  }, OPTIONS);
  assert.equal(read.filter((path) => path.startsWith("/s")).length, 100);
});

Deno.test("a script of 64 KiB is looked at, and no longer one", async () => {
  const length = 64 * 1024 - STOPS.length;
  assert.match(await saidOf(STOPS + "#".repeat(length)), /stops keepalived/);
  assert.doesNotMatch(await saidOf(STOPS + "#".repeat(length + 1)), /stops keepalived/);
});

Deno.test("the first 4096 characters of a script are judged", async () => {
  const stops = STOPS.trim();
  assert.match(await saidOf(`${"x".repeat(4095 - stops.length)} ${stops}`), /stops keepalived/);
  assert.doesNotMatch(
    await saidOf(`${"x".repeat(4096 - stops.length)} ${stops}`),
    /stops keepalived/,
  );
  assert.match(await saidOf("stop keepalived"), /stops keepalived/);
  const uses = (before: number) => saidOf(`#!/bin/sh\n${"x".repeat(before)} $NODE`);
  assert.match(await uses(4093), /uses \$N:/);
  assert.doesNotMatch(await uses(4094), /uses/);
});

Deno.test("eight users of programs are looked for", async () => {
  const lines = Array.from({ length: 9 }, (_, at) => `notify_master /x.sh user${at}`);
  const asked: string[] = [];
  await importKeepalived("k.conf", {
    ...filesOf({ "k.conf": instanceWith(lines.join("\n")) }),
    hasUser: (name) => {
      asked.push(name);
      return Promise.resolve(true);
    },
  }, OPTIONS);
  assert.equal(asked.filter((name) => name.startsWith("user")).length, 8);
});
