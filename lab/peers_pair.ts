/**
 * The pair of `pair_config.ts` whose nodes ask each other's API on a network of their own, with nginx on both.
 *
 * @module
 */

import type { LabPlan } from "./network.ts";
import { PAIR_PLAN, type PairSettings, PRIORITIES, vipdConfig } from "./pair_config.ts";

/** The address of each node at which its API listens for the other one. */
const API_ADDRESSES = { lb01: "10.9.0.1", lb02: "10.9.0.2" } as const;

/** The token of both, and its file. */
export const TOKEN = "correct-horse-battery-staple";
export const TOKEN_FILE = "/run/lab/token";

export const PEERS_PLAN = {
  lb01: { ...PAIR_PLAN.lb01, eth2: { network: "back", addresses: [`${API_ADDRESSES.lb01}/24`] } },
  lb02: { ...PAIR_PLAN.lb02, eth2: { network: "back", addresses: [`${API_ADDRESSES.lb02}/24`] } },
} as const satisfies LabPlan;

export type PairName = keyof typeof API_ADDRESSES;

/** The configuration of a node without its checks and instances: what each asks the other by. */
export function peersHead(name: PairName): string {
  const other: PairName = name === "lb01" ? "lb02" : "lb01";
  return `node: ${name}
api:
  listen: ["127.0.0.1:9112", "${API_ADDRESSES[name]}:9112"]
  allow_plaintext: true
  token_file: ${TOKEN_FILE}
peers:
  - { name: ${other}, url: "http://${API_ADDRESSES[other]}:9112", token_file: ${TOKEN_FILE} }
`;
}

/** The configuration of a node; `weight`: what nginx counts. */
export function peersConfig(name: PairName, settings: PairSettings, weight = -60): string {
  return `${peersHead(name)}checks:
  nginx: { type: process, process: nginx, interval: 500ms }
${vipdConfig(settings, PRIORITIES[name])}    track: [{ check: nginx, weight: ${weight} }]
    client_check: http:80
`;
}
