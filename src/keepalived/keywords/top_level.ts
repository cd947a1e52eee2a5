/**
 * The blocks of a keepalived.conf.
 *
 * @module
 */

import type { PartialCheck, PartialImport } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";
import { HMAC_RULES } from "./auth_hmac.ts";
import { GLOBAL_RULES } from "./global_defs.ts";
import { readInterfaceDelays } from "./interface_delays.ts";
import {
  applyRules,
  builtIn,
  carried,
  each,
  FILE,
  type FindHomes,
  notCarried,
  outOfScope,
  type Reading,
  type Rule,
  type Rules,
  WITHOUT_EFFECT,
} from "./rules.ts";
import { blockName, SECOND_OF_NAME } from "./values.ts";
import { AUTHENTICATION_RULES, INSTANCE_RULES } from "./vrrp_instance.ts";
import { FILE_RULES, newCheck, PROCESS_RULES, SCRIPT_RULES } from "./scripts/vrrp_script.ts";
import { SYNC_GROUP_RULES } from "./vrrp_sync_group.ts";

const NO_STATIC = notCarried(
  "vipd moves virtual addresses; it does not configure the machine",
  "put it into the system's network configuration (systemd-networkd, netplan, ifupdown)",
);

const NO_LVS = outOfScope(
  "vipd does not balance load; it keeps the address of nginx alive, which does",
  "write an upstream block in nginx.conf, or let keepalived go on balancing without vrrp_instance",
);

/** A block whose statements write into a separate partial object. */
function block<T>(
  key: string,
  rules: Rules<T>,
  begin: (partial: PartialImport, statement: Statement, reading: Reading) => T | null,
  note = "",
): Rule<PartialImport> {
  return carried<PartialImport>(key, (partial, statement, _, reading) => {
    const target = begin(partial, statement, reading);
    if (target === null) return;
    applyRules(statement.block ?? [], rules, target, statement.keyword, reading);
  }, { note, adds: true, takesBlock: true });
}

/** The keywords outside of all blocks. */
export const TOP_LEVEL_RULES: Rules<PartialImport> = {
  global_defs: block("", GLOBAL_RULES, (partial) => partial, "its keywords are below"),
  vrrp_script: block("checks.NAME", SCRIPT_RULES, beginCheck("script")),
  vrrp_track_process: block("checks.NAME", PROCESS_RULES, beginCheck("process")),
  vrrp_instance: block("instances[]", INSTANCE_RULES, (partial, statement, reading) => {
    const name = firstOfName(partial, statement, reading);
    if (name === null) return null;
    const instance = {
      name,
      statement,
      announce: { lowerPriority: [] },
      addresses: [],
      routes: [],
      rules: [],
      tracks: [],
      notify: [],
    };
    partial.instances.push(instance);
    return instance;
  }),
  vrrp_sync_group: block("sync_groups[]", SYNC_GROUP_RULES, (partial, statement, reading) => {
    const name = firstOfName(partial, statement, reading);
    if (name === null) return null;
    const group = { name, statement, members: [], tracks: [], notify: [] };
    partial.groups.push(group);
    return group;
  }, "what the group tracks, its members track"),
  ...each("static_ipaddress static_routes track_group", NO_STATIC),
  static_rules: {
    ...NO_STATIC,
    apply(partial, statement, report, reading) {
      NO_STATIC.apply(partial, statement, report, reading);
      for (const { keyword, words } of statement.block ?? []) {
        const rule = [keyword, ...words].join(" ");
        if (/\b(?:priority|preference|order)\b/.test(rule)) continue;
        partial.staticRules[/:|\binet6\b/.test(rule) ? "ipv6" : "ipv4"]++;
      }
    },
  },
  ...each("virtual_server virtual_server_group SSL", NO_LVS),
  bfd_instance: notCarried("vipd does not speak BFD", "shorten `advert_interval`, with version 3"),
  ...each("track_file vrrp_track_file", block("checks.NAME", FILE_RULES, beginCheck("file"))),
  garp_group: notCarried(
    "vipd counts the time between announcements for each instance, not for a group of interfaces",
    "write `announce.interval` at the instances of the group",
  ),
  interface_up_down_delays: carried("interfaces", readInterfaceDelays, {
    maxWords: 0,
    adds: true,
    takesBlock: true,
    note: "`NAME DOWN UP` becomes `NAME: { up_delay: UP, down_delay: DOWN }`",
  }),
  linkbeat_interfaces: builtIn("vipd hears of the carrier from the kernel"),
  // keepalived accepts these outside of global_defs too.
  ...pick(
    GLOBAL_RULES,
    "net_namespace net_namespace_ipvs namespace_with_ipsets instance use_pid_dir linkbeat_use_polling " +
      "child_wait_time include_check random_seed",
  ),
};

/** The name of a block; `null`, with a finding, if it has none or another block has it: keepalived reads the first. */
function firstOfName(
  { names }: PartialImport,
  statement: Statement,
  { report, known }: Reading,
): string | null {
  const name = blockName(statement, report);
  if (name === null) return null;
  const key = `${statement.keyword} ${name}`;
  if (!names.has(key)) {
    names.add(key);
    return name;
  }
  report.add("ignored", statement, ...SECOND_OF_NAME);
  for (const inner of statement.block ?? []) known(inner, "", WITHOUT_EFFECT);
  return null;
}

function beginCheck(kind: PartialCheck["kind"]) {
  return (partial: PartialImport, statement: Statement, { report }: Reading) => {
    const name = blockName(statement, report);
    if (name === null) return null;
    const check = newCheck(kind, name, statement);
    partial.checks.push(check);
    return check;
  };
}

function pick<T>(rules: Rules<T>, keywords: string): Rules<T> {
  return Object.fromEntries(keywords.split(" ").map((keyword) => [keyword, rules[keyword]!]));
}

/** A block's rules as the reference lists them, whatever they write into. */
export interface BlockTable {
  readonly block: string;
  readonly rules: Readonly<Record<string, Pick<Rule<never>, "fate" | "key" | "note">>>;
}

/** Every table, by the block that it belongs to. */
export const BLOCK_TABLES: readonly BlockTable[] = [
  { block: FILE, rules: TOP_LEVEL_RULES },
  { block: "global_defs", rules: GLOBAL_RULES },
  { block: "vrrp_script", rules: SCRIPT_RULES },
  { block: "vrrp_track_process", rules: PROCESS_RULES },
  { block: "track_file", rules: FILE_RULES },
  { block: "vrrp_instance", rules: INSTANCE_RULES },
  { block: "authentication", rules: AUTHENTICATION_RULES },
  { block: "auth_hmac", rules: HMAC_RULES },
  { block: "vrrp_sync_group", rules: SYNC_GROUP_RULES },
];

/** The blocks that know a keyword. */
export const homesOf: FindHomes = (keyword) =>
  BLOCK_TABLES.filter(({ rules }) => Object.hasOwn(rules, keyword)).map(({ block }) => block);
