/** Nodes that know who the others are, so that a backup may be the only one. */

import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import { config, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { GroupedCluster } from "./grouped_pair.ts";

/** A goodbye, the answer to it, and what a simulated machine needs for both, in milliseconds. */
export const AT_ONCE_MS = 5;
export const ADDRESSES = ["192.168.31.11", "192.168.31.12", "192.168.31.13", "192.168.31.14"];

export type Pairing = "peers" | "unicast" | "none";

/** How a node learns who the others are. */
export function told(
  node: SimNode,
  instance: Partial<InstanceConfig>,
  pairing: Pairing,
  nodes: number,
) {
  const own = Number(node.name.slice(-1)) - 1;
  const others = ADDRESSES.slice(0, nodes).filter((_, index) => index !== own);
  const peers = others.map((address) => ({
    name: `lb0${address.slice(-1)}`,
    url: `http://${address}:9112`,
  }));
  const unicast = { unicast: { peers: others, ttl: 255, minTtl: 255 } };
  return {
    ...config(node.name, { ...instance, ...(pairing === "unicast" ? unicast : {}) }),
    ...(pairing === "peers" ? { peers } : {}),
  } satisfies Config;
}

export const stop = (node: SimNode) => void node.stop();
export const demote = (node: SimNode) =>
  node.command((daemon) => daemon.command({ kind: "demote", instance: "VI_1" }));

/** The instance of another family than the address of `peers`: nobody but the API of lb01 names its master. */
export const IPV6: Partial<InstanceConfig> = {
  family: "ipv6",
  version: 3,
  authentication: { type: "none" },
  addresses: [{ ...VIP, address: "fe80::5", prefixLength: 64 }],
};

/** A sync group of which lb01 serves both members, and lb02 knows lb01 by its IPv4 address. */
export function group(back: Partial<InstanceConfig>, seed: number): GroupedCluster {
  const both = { version: 3, authentication: { type: "none" } } as const;
  const made = new GroupedCluster(
    [150, 100].map((priority) => ({ both: { ...both, priority }, back })),
    seed,
  );
  // The goodbyes overtake each other, and come twice now and then.
  const conditions = { loss: 0, duplication: 0.3, delayMs: 0.2, jitterMs: 0.5 };
  made.network.setConditions(conditions);
  const lb02 = made.nodes[1]!;
  lb02.reload({ ...lb02.config, peers: [{ name: "lb01", url: "http://192.168.31.11:9112" }] });
  made.start();
  made.run(15_000);
  return made;
}

/** Of a third router that is none. */
export const REMEDY =
  "; if it is no node of this pair: systemctl stop vipd, or without systemd end vipd run; " +
  "rm -f /var/lib/vipd/third_routers.json; systemctl start vipd vipd-front, or vipd run without systemd";
