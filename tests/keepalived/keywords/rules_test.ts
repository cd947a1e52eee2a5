/** How much of a line each keyword reads, and which one counts of several. */

import assert from "node:assert/strict";
import { HMAC_RULES } from "../../../src/keepalived/keywords/auth_hmac.ts";
import { GLOBAL_RULES } from "../../../src/keepalived/keywords/global_defs.ts";
import { guesser, type Rule } from "../../../src/keepalived/keywords/rules.ts";
import {
  FILE_RULES,
  PROCESS_RULES,
  SCRIPT_RULES,
} from "../../../src/keepalived/keywords/scripts/vrrp_script.ts";
import { TOP_LEVEL_RULES } from "../../../src/keepalived/keywords/top_level.ts";
import {
  AUTHENTICATION_RULES,
  INSTANCE_RULES,
} from "../../../src/keepalived/keywords/vrrp_instance.ts";
import { SYNC_GROUP_RULES } from "../../../src/keepalived/keywords/vrrp_sync_group.ts";
import { importText, instanceWith, told } from "../support.ts";

const NOTIFIES = "notify notify_master notify_backup notify_fault notify_stop notify_deleted " +
  "notify_master_rx_lower_pri";

/** What is not read as usual: one word, no block, and the last one counts. */
const READ: Readonly<
  Record<string, readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, string>>]>
> = {
  "the file": [TOP_LEVEL_RULES, {
    "1 word, a block, each one counts": "global_defs vrrp_script vrrp_track_process " +
      "vrrp_instance vrrp_sync_group track_file vrrp_track_file",
    "0 words, a block, each one counts": "interface_up_down_delays",
  }],
  global_defs: [GLOBAL_RULES, {
    "2 words": "script_user smtp_server",
    "1 word, a block, each one counts": "notification_email",
    "0 words": "email_faults no_email_faults",
    "3 words, the first one counts": "notify_fifo vrrp_notify_fifo",
    "1 word, the first one counts": "vmac_prefix",
  }],
  vrrp_instance: [INSTANCE_RULES, {
    "0 words": "nopreempt preempt dont_track_primary accept no_accept no_virtual_ipaddress",
    "0 words, a block": "authentication auth_hmac",
    "0 words, a block, each one counts": "virtual_ipaddress virtual_ipaddress_excluded " +
      "track_script track_process track_file track_interface unicast_peer virtual_routes " +
      "virtual_rules",
    "all words": "use_vmac",
    "all words, the first one counts": NOTIFIES,
  }],
  authentication: [AUTHENTICATION_RULES, {}],
  vrrp_sync_group: [SYNC_GROUP_RULES, {
    "0 words, a block, the first one counts": "group",
    "0 words, a block, each one counts": "track_script track_process track_file track_interface",
    "all words, the first one counts": NOTIFIES,
    "0 words": "sync_group_tracking_weight global_tracking",
  }],
  vrrp_script: [SCRIPT_RULES, { "all words": "script", "2 words": "weight user" }],
  vrrp_track_process: [PROCESS_RULES, { "all words": "process", "2 words": "weight" }],
  track_file: [FILE_RULES, { "2 words": "weight" }],
  auth_hmac: [HMAC_RULES, { "all words, each one counts": "key" }],
};

function howRead({ maxWords, takesBlock, adds, first }: Rule<never>): string {
  const words = maxWords === Infinity ? "all" : String(maxWords);
  return `${words} word${maxWords === 1 ? "" : "s"}${takesBlock ? ", a block" : ""}` +
    (first ? ", the first one counts" : "") + (adds ? ", each one counts" : "");
}

for (const [block, [rules, want]] of Object.entries(READ)) {
  Deno.test(`how much each keyword of ${block} reads`, () => {
    const found: Record<string, string> = {};
    for (const [keyword, rule] of Object.entries(rules as Readonly<Record<string, Rule<never>>>)) {
      const read = howRead(rule);
      if (rule.fate === "carried" && read !== "1 word") found[keyword] = read;
    }
    const expected = Object.entries(want).flatMap(([read, keywords]) =>
      keywords.split(" ").map((keyword) => [keyword, read])
    );
    assert.deepEqual(found, Object.fromEntries(expected));
  });
}

Deno.test("a word more than a keyword reads is named", async () => {
  const more = async (line: string) =>
    told((await importText(instanceWith(line))).findings)
      .filter((finding) => finding.includes("is not looked at")).length;
  assert.equal(await more("priority 100"), 0);
  assert.equal(await more("priority 100 200"), 1);
  assert.equal(await more("nopreempt"), 0);
  assert.equal(await more("nopreempt 1"), 1);
  assert.equal(await more('notify_master "/bin/true" a b'), 0);
});

Deno.test("a ; behind a value is a part of it; behind the words of a script nobody minds", async () => {
  const minds = async (line: string) =>
    told((await importText(instanceWith(line))).findings)
      .some((finding) => finding.includes("the ; at its end"));
  assert.ok(await minds("priority 100;"));
  assert.ok(!await minds("priority 100"));
  assert.ok(!await minds("notify_master /bin/true;"));
});

Deno.test("of wrong keywords 200 are guessed, each in its block", () => {
  const guess = guesser();
  assert.equal(guess("prioriti", ["priority", "other"]), "priority");
  assert.equal(guess("prioriti", ["interface", "other"]), null);
  for (let number = 0; number < 197; number++) guess(`prioriti${number}`, ["priority"]);
  assert.equal(guess("priorty", ["priority"]), "priority");
  assert.equal(guess("priorit", ["priority"]), null, "one more than anybody reads");
  assert.equal(guess("priorty", ["priority"]), "priority");
});

Deno.test("a keyword that is only reported is reported each time, and nothing more is said", async () => {
  for (const keyword of ["debug", "vrf", "lvs_sync_daemon_interface"]) {
    const { findings } = await importText(instanceWith(`${keyword} 1\n${keyword} 2 3`));
    assert.deepEqual(findings.map(({ line }) => line), [5, 6], told(findings).join("\n"));
  }
});
