/**
 * The remedies for a key that the schema does not know at its place.
 *
 * @module
 */

import type { Path } from "../path.ts";
import { oddBlankIn } from "../yaml/slips.ts";
import { nearest } from "../nearest.ts";
import { joinedKeyHint } from "./layout.ts";
import type { JsonSchema } from "./json_schema.ts";
import { schemasAt } from "./schema_at.ts";

/** Words that users of keepalived, or of other YAML, write by habit. */
const HABITS: ReadonlyMap<string, string> = new Map([
  ["vrrp_instance", "write `instances:` and a list"],
  ["vrrp_script", "write `checks:` and a mapping"],
  ["virtual_server", "vipd does not balance; nginx does"],
  ["router_id", "write `node`"],
  ["state", "omit it: each node starts as backup and `priority` decides"],
  ["virtual_router_id", "write `vrid`"],
  ["advert_int", "write `advert_interval`, with a unit: 1s"],
  ["auth_type", "write `type`"],
  ["auth_pass", "write `password`"],
  ["virtual_ipaddress", "write `addresses`"],
  ["virtual_ipaddress_excluded", "write `addresses: [{ address: ADDRESS, advertise: false }]`"],
  ["vrrp_sync_group", "write `sync_groups: [{ name: NAME, instances: [NAME, NAME] }]`"],
  ["vrrp_startup_delay", "write `start_delay`"],
  ["nopreempt", "write `preempt: false`"],
  ["vrrp_version", "write `version`"],
  ["track_script", "write `track: [{ check: NAME }]`"],
  ["track_interface", "write `track: [{ interface: NAME }]`"],
  ["dont_track_primary", "write `track_interface: false`"],
  [
    "interface_up_down_delays",
    "write `interfaces: { eth1: { up_delay: 15s, down_delay: 500ms } }`",
  ],
  ["garp_master_delay", "write `announce: { delay: 5s }`"],
  ["garp_master_repeat", "write `announce: { repeat: 5 }`"],
  ["garp_master_refresh", "write `announce: { refresh: 60s }`"],
  ["garp_master_refresh_repeat", "write `announce: { refresh: 60s, refresh_repeat: 2 }`"],
  ["garp_lower_prio_delay", "write `announce: { delay_lower_priority: 5s }`"],
  ["garp_lower_prio_repeat", "write `announce: { repeat_lower_priority: 5 }`"],
  ["vrrp_garp_interval", "write `announce: { interval: 10ms }`"],
  ["virtual_routes", "write `routes: [{ to: 10.1.0.0/16, via: 192.168.31.1 }]`"],
  ["virtual_rules", "write `rules: [{ from: 192.168.31.5, table: 100, priority: 1000 }]`"],
  ["use_vmac", "write `virtual_mac: true`"],
  ["brd", "write `broadcast`"],
  ["<<", "YAML 1.2 has no merge keys: write the keys themselves here"],
  ["script", "write `type: exec` and `command: [/path, argument]`"],
]);

/** The remedy for a key that is not known at `path` (the mapping's path, without the key). */
export function unknownKeyHint(data: unknown, path: Path, key: string): string {
  const matching = schemasAt(data, path);
  const keys = keysOf(matching);
  if (keys.includes(key)) return "write it once, as a plain text key";
  const odd = oddBlankIn(key);
  if (odd !== null) return `it has ${odd}: replace it with a blank, or remove it`;
  const joined = joinedKeyHint(data, path, key);
  if (joined !== null) return joined;
  const habit = HABITS.get(key);
  if (habit) return habit;
  const elsewhere = schemasAt(data, path, { allTypes: true })
    .filter((schema) => knows(schema, key))
    .map((schema) => schema.properties?.type?.const);
  if (elsewhere.length > 0) return `it belongs to \`type: ${elsewhere.join("` or `type: ")}\``;
  const deeper = deeperPlaces(data, path, key, keys);
  if (deeper.length > 0) return `it belongs deeper: write it ${deeper.join(" or ")}`;
  const meant = nearest(key, keys);
  if (meant) return `did you mean \`${meant}\`?`;
  return `known keys here: ${keys.join(", ")}`;
}

function keysOf(schemas: readonly JsonSchema[]): string[] {
  return [...new Set(schemas.flatMap((schema) => Object.keys(schema.properties ?? {})))];
}

/** The places one level below a mapping that know the key, each as the end of a sentence. */
function deeperPlaces(
  data: unknown,
  path: Path,
  key: string,
  siblings: readonly string[],
): readonly string[] {
  return siblings.flatMap((sibling) => {
    const isKnownAt = (step: Path) =>
      schemasAt(data, [...path, sibling, ...step], { allTypes: true })
        .some((schema) => knows(schema, key));
    if (isKnownAt([])) return [`under \`${sibling}\``];
    if (isKnownAt([0])) return [`in an entry of \`${sibling}\``];
    return isKnownAt([ANY_NAME]) ? [`under a name in \`${sibling}\``] : [];
  });
}

/** A key of a mapping whose keys are the writer's own names. */
const ANY_NAME = "name of the writer";

function knows({ properties = {} }: JsonSchema, key: string): boolean {
  return Object.hasOwn(properties, key);
}
