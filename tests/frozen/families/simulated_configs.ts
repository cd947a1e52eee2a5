/**
 * Configurations of simulated clusters, written as files, because the file is what stays the same through all versions.
 *
 * @module
 */

/** Draws numbers in [0, 1). */
export type Random = () => number;

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** What all nodes of a cluster agree on. */
export interface ClusterSettings {
  readonly nodes: number;
  /** Advert interval, in milliseconds. */
  readonly intervalMs: number;
  /** Two instances that move together. */
  readonly grouped: boolean;
  /** Lines of each instance. */
  readonly common: readonly string[];
  readonly addresses: readonly (readonly string[])[];
  readonly unicast: boolean;
  readonly family: "ipv4" | "ipv6";
}

/** Settings drawn by chance from all that can be set. */
export function drawCluster(random: Random): ClusterSettings {
  const often = (share: number) => random() < share;
  const family = often(0.75) ? "ipv4" : "ipv6";
  const version = family === "ipv6" || often(0.5) ? 3 : 2;
  const intervalMs = version === 2 ? 1000 : pick(random, [100, 500, 1000]);
  const unicast = often(0.2);
  const hmac = often(0.3);
  const authentication = hmac
    ? [`authentication: { type: hmac, keys: [{ id: 1, key: "${"5a".repeat(32)}" }] }`]
    : version === 2 && often(0.5)
    ? ['authentication: { type: pass, password: "123456" }']
    : [];
  return {
    ...{ nodes: often(0.7) ? 2 : 3, intervalMs, grouped: often(0.15), unicast, family },
    common: [
      `version: ${version}`,
      `advert_interval: ${intervalMs}ms`,
      ...authentication,
      ...(often(0.2) ? [`down_timer_adverts: ${pick(random, [2, 5])}`] : []),
      ...(version === 3 && family === "ipv4" && often(0.2) ? ["checksum: rfc9568"] : []),
      ...(often(0.15) ? ["accept: false"] : []),
      ...(often(0.15) && !unicast ? ["virtual_mac: true"] : []),
      ...(often(0.15) ? ["drain: 5s"] : []),
      ...(often(0.15) ? ["lease: off"] : []),
      ...(often(0.2) ? ["split_brain: yield"] : []),
      ...(often(0.3)
        ? [`announce: { delay: ${pick(random, ["0s", "1s"])}, refresh: 2s, repeat: 2 }`]
        : []),
      ...(often(0.15) && family === "ipv4"
        ? ["routes: [{ to: 10.1.0.0/16, via: 192.168.31.1 }]"]
        : []),
    ],
    addresses: family === "ipv4"
      ? [often(0.5) ? ["192.168.31.5/24"] : ["192.168.31.5/24", "192.168.31.6/24"], [
        "192.168.31.7/24",
      ]]
      : [["fe80::5/64", "2001:db8:31::5/64"], ["fe80::7/64"]],
  };
}

/** One node's own part. */
export interface NodeSettings {
  readonly priority: number;
  readonly preempt: boolean;
  /** In milliseconds. */
  readonly preemptDelayMs: number;
  readonly startDelayMs: number;
  /** `null` for a check whose failure is a fault. */
  readonly weight: number | null;
  /** Which addresses, of those of the cluster. */
  readonly addresses: "all" | "first";
}

export function drawNode(random: Random): NodeSettings {
  const preempt = random() < 0.75;
  return {
    priority: 2 + Math.floor(random() * 253),
    preempt,
    preemptDelayMs: preempt && random() < 0.3 ? 1500 : 0,
    startDelayMs: random() < 0.1 ? 2000 : 0,
    weight: random() < 0.5 ? null : -50,
    addresses: "all",
  };
}

/** The configuration file of node `index`, which counts from 0. */
export function nodeConfig(cluster: ClusterSettings, node: NodeSettings, index: number): string {
  const { nodes, common, addresses, unicast, family, grouped } = cluster;
  const hosts = Array.from({ length: nodes }, (_, other) => hostAddress(family, other));
  const peers = hosts.filter((_, other) => other !== index);
  const instance = (name: string, vrid: number, own: readonly string[]) => [
    `  - name: ${name}`,
    ...[
      "interface: eth1",
      `vrid: ${vrid}`,
      `priority: ${node.priority}`,
      `preempt: ${node.preempt}`,
      ...(node.preemptDelayMs > 0 ? [`preempt_delay: ${node.preemptDelayMs}ms`] : []),
      `addresses: [${(node.addresses === "first" ? own.slice(0, 1) : own).join(", ")}]`,
      ...(unicast
        ? [`source_address: ${hosts[index]}`, `unicast: { peers: [${peers.join(", ")}] }`]
        : []),
      `track: [{ check: nginx${node.weight === null ? "" : `, weight: ${node.weight}`} }]`,
      ...common,
    ].map((line) => `    ${line}`),
  ];
  return [
    `node: ${hostName(index)}`,
    ...(node.startDelayMs > 0 ? [`start_delay: ${node.startDelayMs}ms`] : []),
    "checks:",
    // A process that every host of the lab has; the simulator says by itself what a check finds.
    "  nginx: { type: process, process: cat, interval: 1s, timeout: 500ms, rise: 2, fall: 2 }",
    "instances:",
    ...instance("VI_1", 55, addresses[0]!),
    ...(grouped ? instance("VI_2", 56, addresses[1]!) : []),
    ...(grouped ? ["sync_groups: [{ name: SG, instances: [VI_1, VI_2] }]"] : []),
    "",
  ].join("\n");
}

export function hostName(index: number): string {
  return `lb0${index + 1}`;
}

/** The address from which a node advertises. */
export function hostAddress(family: "ipv4" | "ipv6", index: number): string {
  return family === "ipv4" ? `192.168.31.1${index + 1}` : `fe80::1${index + 1}`;
}
