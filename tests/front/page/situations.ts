/** Pairs as people find them, each made in the simulator: nobody writes what a node says of itself. */

import { NGINX_CHECK, type SimNode, tracked, VIP } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { InstanceCommand } from "../../../src/status/commands/commands.ts";
import type { RehearsalReason } from "../../../src/status/reports/peer_answer.ts";
import { knownPair } from "../../node/pair/known_pair.ts";

export type Pair = ReturnType<typeof knownPair>;

export interface Situation {
  /** Both nodes' instance; lb01 has priority 150, lb02 100. By default a failure of nginx lowers it by 60. */
  readonly settings?: Partial<InstanceConfig>;
  /** How long it lasts then, in milliseconds: some end by themselves. By default until the pair has come to rest. */
  readonly restMs?: number;
  happens(pair: Pair): void | Promise<void>;
}

const SETTLE_MS = 12_000;
const NGINX = { kind: "check", check: NGINX_CHECK.name } as const;
const BY_WEIGHT = byWeight(-60);
const BY_FAULT = { track: [tracked(NGINX)] };
const LAST_RESORT = { track: [tracked({ ...NGINX, whenDown: "last_resort" })] };
const DROPPED = { code: "EPERM", message: "EPERM, a firewall drops it on its way out" };

/** As the doctor words it. */
const RULE = {
  place: 'table inet filter, chain input, handle 12 "ip protocol 112 drop"',
  command: "nft insert rule inet filter input meta l4proto 112 accept",
};

/** A failure of nginx lowers the priority. */
export function byWeight(weight: number) {
  return { track: [tracked({ ...NGINX, weight })] };
}

const fails = (name: "lb01" | "lb02") => (pair: Pair) => fail(pair[name]);

export function fail({ host }: SimNode, check = NGINX_CHECK.name): void {
  host.checks.set(check, false);
  host.checks.publish(check);
}

const ordered =
  (name: "lb01" | "lb02", kind: "promote" | "demote") => async ({ cluster, ...pair }: Pair) => {
    const command: InstanceCommand = { kind, instance: "VI_1" };
    await cluster.settle(pair[name].daemon!.command(command));
  };

/** A client's question to the address, as a standby asks it. */
function asked({ daemon }: SimNode, ok: boolean): void {
  daemon!.clientAnswered({
    ...{ instance: "VI_1", target: "http://192.168.31.5:80/", ok },
    detail: ok ? "200 OK" : "no answer within 1.5 s",
  });
}

const rehearsed = (code: RehearsalReason["code"], node: string, message: string) =>
({
  rehearsal,
}: Pair) => void rehearsal.push({ code, node, message, hint: `correct nginx on ${node}` });

/** `peers` names nobody, as next to keepalived. */
function forgetPeers({ lb01, lb02 }: Pair): void {
  for (const node of [lb01, lb02]) node.reload({ ...node.config, peers: [] });
}

/** Both instances of a node move together. */
function group({ lb01, lb02 }: Pair): void {
  for (const node of [lb01, lb02]) {
    const [first] = node.config.instances;
    const second = { ...first!, name: "VI_2", vrid: 56, track: [] };
    const addresses = [{ ...VIP, address: "192.168.31.6", label: "eth1:2" }];
    node.reload({
      ...node.config,
      instances: [first!, { ...second, addresses }],
      syncGroups: [{ name: "VG_1", instances: ["VI_1", "VI_2"] }],
    });
  }
}

/** lb01 leaves and comes back again and again, until it is held back. */
function flap(pair: Pair): void {
  for (let moves = 0; moves < 4; moves++) {
    pair.lb01.host.setLink(false);
    pair.run(6000);
    pair.lb01.host.setLink(true);
    pair.run(6000);
  }
}

/** Twenty instances: what one needs has failed on lb01, and what another one needs on lb02. */
function twenty(pair: Pair): void {
  const { lb01, lb02 } = pair;
  for (const node of [lb01, lb02]) {
    const [first] = node.config.instances;
    const instances = Array.from({ length: 20 }, (_, index) => ({
      ...first!,
      name: `VI_${index + 1}`,
      vrid: index + 1,
      addresses: [{ ...VIP, address: `192.168.31.${101 + index}`, label: `eth1:${index + 1}` }],
      track: index === 12
        ? [tracked({ kind: "check", check: "shop" })]
        : index === 6
        ? [tracked({ kind: "check", check: "mail", weight: -60 })]
        : [],
    }));
    const checks = ["shop", "mail"].map((name) => ({ ...NGINX_CHECK, name, process: name }));
    node.reload({ ...node.config, instances, checks });
  }
  pair.run(SETTLE_MS);
  fail(lb01, "shop");
  fail(lb02, "mail");
}

/** A host that is no node of the pair. */
function printer({ cluster }: Pair): SimHost {
  const machine = { name: "printer", interface: "eth1", address: "192.168.31.77" };
  return new SimHost(machine, cluster.time, cluster.network);
}

export const SITUATIONS = {
  "protected": { happens: () => {} },
  "no peers": { happens: forgetPeers },
  "lb02's API is silent": { happens: ({ contact, lb02 }) => void contact.set(lb02, "silent") },
  "lb02's API refuses the token": {
    happens: ({ contact, lb02 }) => void contact.set(lb02, "mismatch"),
  },
  "lb02's vipd stopped": { happens: ({ lb02 }) => lb02.kill() },
  "lb02's engine hangs": {
    happens: ({ contact, lb02 }) => {
      lb02.hang();
      contact.set(lb02, "engine_gone");
    },
  },
  "lb02 lacks the instance": {
    happens: ({ lb02 }) => lb02.reload({ ...lb02.config, instances: [] }),
  },
  "lb02's nginx is down, by weight": { happens: fails("lb02") },
  "lb02's nginx is down, a fault": { settings: BY_FAULT, happens: fails("lb02") },
  "lb02's nginx is down, last resort": { settings: LAST_RESORT, happens: fails("lb02") },
  "lb01's nginx is down, by weight": { happens: fails("lb01") },
  "both nginx are down, last resort": {
    settings: LAST_RESORT,
    happens: ({ lb01, lb02 }) => [lb01, lb02].forEach((node) => fail(node)),
  },
  "both nginx are down, a fault": {
    settings: BY_FAULT,
    happens: ({ lb01, lb02 }) => [lb01, lb02].forEach((node) => fail(node)),
  },
  "lb02 would serve less": {
    happens: rehearsed("rehearsal_failed", "lb02", "lb02 would serve 14 of 15 names"),
  },
  "lb01 serves less": {
    happens: rehearsed("serves_less", "lb01", "lb01 serves 14 of 15 names"),
  },
  "lb02 has not rehearsed": {
    happens: rehearsed("not_rehearsed", "lb02", "lb02 could not ask its nginx for www.example.com"),
  },
  "clocks differ": {
    happens: ({ clock }) => {
      clock.offsetMs = 5000;
    },
  },
  "addresses differ": {
    happens: ({ lb02 }) => {
      const [instance] = lb02.config.instances;
      const more = { ...VIP, address: "192.168.31.6", label: "eth1:2" };
      const instances = [{ ...instance!, addresses: [VIP, more] }];
      lb02.reload({ ...lb02.config, instances });
    },
  },
  "lb01 demoted": { happens: ordered("lb01", "demote") },
  "lb02 demoted": { happens: ordered("lb02", "demote") },
  "lb01 promoted": { happens: ordered("lb01", "promote") },
  "lb02 promoted": { happens: ordered("lb02", "promote") },
  "lb01 demoted, and its link is down": {
    happens: async (pair) => {
      await ordered("lb01", "demote")(pair);
      pair.lb01.host.setLink(false);
    },
  },
  "lb01's link is down": { happens: ({ lb01 }) => lb01.host.setLink(false) },
  "lb01 is held back": { happens: flap },
  "lb02's firewall drops what it hears": {
    happens: ({ cluster }) => cluster.network.filterVrrp("lb01", "lb02"),
  },
  "nothing passes between them": {
    happens: ({ cluster }) => cluster.network.partition(["lb01"], ["lb02"]),
  },
  "lb02's firewall drops what it sends": {
    happens: ({ lb02 }) => {
      lb02.host.sendError = DROPPED;
    },
  },
  "lb02 has the address in its own configuration": {
    happens: ({ lb02 }) => lb02.host.plantAddress(VIP),
  },
  "a printer has the address": { happens: (pair) => void printer(pair).addAddress(VIP) },
  "lb02 hears no adverts, and has not taken over": {
    // Just before it takes over.
    settings: { ...BY_WEIGHT, downTimerAdverts: 10 },
    restMs: 10_000,
    happens: ({ cluster, lb02 }) => {
      cluster.network.filterVrrp("lb01", "lb02");
      lb02.host.dropping.in = [RULE];
    },
  },
  "lb01 does not answer clients": {
    restMs: 3000,
    happens: (pair) => {
      asked(pair.lb02, true);
      pair.run(2000);
      asked(pair.lb02, false);
    },
  },
  "lb01 does not answer clients, and lb02's nginx is down": {
    restMs: 3000,
    happens: (pair) => {
      asked(pair.lb02, true);
      pair.run(2000);
      fail(pair.lb02);
      asked(pair.lb02, false);
    },
  },
  "lb02 serves, and does not answer clients": {
    restMs: 3000,
    happens: (pair) => {
      const { lb01, lb02 } = pair;
      const [instance] = lb02.config.instances;
      lb02.reload({ ...lb02.config, instances: [{ ...instance!, priority: 200 }] });
      pair.run(SETTLE_MS);
      asked(lb01, true);
      pair.run(2000);
      asked(lb01, false);
    },
  },
  "two of twenty instances are not well": { happens: twenty },
  "lb02's kernel refuses the address": {
    happens: ({ lb01, lb02 }) => {
      lb02.host.refuses.set(VIP.address, { code: "EPERM", message: "EPERM" });
      lb01.host.setLink(false);
    },
  },
  "a sync group": { happens: group },
  "a sync group, and lb02's nginx is down": {
    settings: BY_FAULT,
    happens: (pair) => {
      group(pair);
      pair.run(4000);
      fail(pair.lb02);
    },
  },
  "lb01 owns the addresses": {
    happens: ({ lb01 }) => {
      const [instance] = lb01.config.instances;
      lb01.reload({ ...lb01.config, instances: [{ ...instance!, priority: 255 }] });
    },
  },
} as const satisfies Readonly<Record<string, Situation>>;

/** The pair in a situation, in which it was well for so long before. */
export async function pairIn(name: keyof typeof SITUATIONS, wellMs = 0): Promise<Pair> {
  const { settings = BY_WEIGHT, restMs = SETTLE_MS, happens }: Situation = SITUATIONS[name];
  const pair = knownPair(settings);
  pair.run(wellMs);
  await happens(pair);
  pair.run(restMs);
  return pair;
}
