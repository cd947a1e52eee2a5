/**
 * Two nodes compared by what their APIs say: configuration, version, kernel, certificates.
 *
 * @module
 */

import {
  type DifferenceKind,
  differenceLine,
  pairDifferences,
} from "../../../config/pair_differences.ts";
import type { CertificateFacts, NodeConfig } from "../../../status/node_config.ts";

/** A difference between the nodes. */
export interface NodeDifference {
  readonly kind: DifferenceKind;
  /** `configuration`, `version`, `kernel` or `certificate`. */
  readonly about: string;
  readonly text: string;
}

/** A certificate should be renewed so long before it expires, in milliseconds. */
const RENEW_MS = 14 * 86_400_000;

/** The differences, those that break the pair first. `nowMs`: for certificates, since the epoch. */
export function nodeDifferences(
  own: NodeConfig,
  other: NodeConfig,
  nowMs: number,
): NodeDifference[] {
  const found: NodeDifference[] = [
    ...pairDifferences(own.config, other.config).map((difference) => ({
      kind: difference.kind,
      about: "configuration",
      text: differenceLine(difference, other.node),
    })),
    ...versionDifferences(own, other),
    ...settingDifferences(own, other),
    ...[own, other].flatMap(({ node, certificates }) =>
      certificates.map((certificate) => certificateFinding(node, certificate, nowMs))
    ),
  ];
  const order: readonly DifferenceKind[] = ["breaks", "differs", "expected"];
  return found.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function versionDifferences(own: NodeConfig, other: NodeConfig): NodeDifference[] {
  const pairs = [
    ["version", "vipd", own.version, other.version],
    ["kernel", "Linux", own.machine.kernel, other.machine.kernel],
  ] as const;
  return pairs.flatMap(([about, what, here, there]) =>
    here === there || here === null || there === null
      ? []
      : [{ kind: "differs", about, text: `${what} ${here} here, ${there} on ${other.node}` }]
  );
}

/** Only those that both have: their interfaces may have other names. */
function settingDifferences(own: NodeConfig, other: NodeConfig): NodeDifference[] {
  const [here, there] = [own.machine.settings, other.machine.settings];
  return Object.keys(here).filter((path) =>
    Object.hasOwn(there, path) && here[path] !== there[path]
  ).map((path) => ({
    kind: "differs",
    about: "kernel",
    text: `net.${path.replaceAll("/", ".")}: ${here[path]} here, ${there[path]} on ${other.node}`,
  }));
}

/** Each node has its own; one that ends soon is worth a look. */
function certificateFinding(
  node: string,
  { use, subject, ends }: CertificateFacts,
  nowMs: number,
): NodeDifference {
  const endsMs = ends === null ? Infinity : Date.parse(ends);
  const kind = endsMs <= nowMs ? "breaks" : endsMs - nowMs < RENEW_MS ? "differs" : "expected";
  const verb = endsMs <= nowMs ? "has expired on" : "expires on";
  const when = ends === null ? "at a time that cannot be read" : ends.slice(0, 10);
  return {
    kind,
    about: "certificate",
    text: `certificate of ${node} at ${use} (${subject}) ${verb} ${when}`,
  };
}
