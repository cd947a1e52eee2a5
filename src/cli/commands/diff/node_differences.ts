/**
 * Two nodes compared by what their APIs say: configuration, version, kernel, certificates, and the names of nginx.
 *
 * @module
 */

import {
  type DifferenceKind,
  differenceLine,
  pairDifferences,
} from "../../../config/pair_differences.ts";
import { WARN_BEFORE_MS } from "../../../config/values/defaults.ts";
import { nameOf } from "../../../rehearsal/compare.ts";
import type { CertificateFacts, NodeConfig } from "../../../status/node_config.ts";
import type { Rehearsal, RehearsedCertificate, RehearsedName } from "../../../status/rehearsal.ts";

/** A difference between the nodes. */
export interface NodeDifference {
  readonly kind: DifferenceKind;
  /** `configuration`, `version`, `kernel`, `certificate` or `nginx`. */
  readonly about: string;
  readonly text: string;
}

/** The answers of a node about itself. */
export interface NodeAnswers {
  readonly config: NodeConfig;
  /** `null` if it has not rehearsed yet. */
  readonly rehearsal: Rehearsal | null;
}

/** The differences, those that break the pair first. `nowMs`: for certificates, since the epoch. */
export function nodeDifferences(
  here: NodeAnswers,
  there: NodeAnswers,
  nowMs: number,
): NodeDifference[] {
  const [own, other] = [here.config, there.config];
  const found: NodeDifference[] = [
    ...pairDifferences(own.config, other.config).map((difference) => ({
      kind: difference.kind,
      about: "configuration",
      text: differenceLine(difference, `on ${other.node}`),
    })),
    ...versionDifferences(own, other),
    ...settingDifferences(own, other),
    ...siteDifferences(here, there),
    ...siteCertificates(here, there, nowMs),
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
  return {
    kind: endKind(ends, nowMs),
    about: "certificate",
    text: `certificate of ${node} at ${use} (${subject}) ${endText(ends, nowMs)}`,
  };
}

function endKind(ends: string | null, nowMs: number): DifferenceKind {
  const leftMs = ends === null ? Infinity : Date.parse(ends) - nowMs;
  return leftMs <= 0 ? "breaks" : leftMs < WARN_BEFORE_MS ? "differs" : "expected";
}

function endText(ends: string | null, nowMs: number): string {
  if (ends === null) return "expires at a time that cannot be read";
  return `${Date.parse(ends) <= nowMs ? "has expired" : "expires"} on ${ends.slice(0, 10)}`;
}

/**
 * The certificates that both nodes' nginx shows for a name: one that has expired or ends soon, on either node, and two that end at
 * other times, which is right if each node renews its own.
 */
function siteCertificates(here: NodeAnswers, there: NodeAnswers, nowMs: number): NodeDifference[] {
  const [own, other] = [certificatesOf(here.rehearsal), certificatesOf(there.rehearsal)];
  const names = Array.from(new Set([...own.keys(), ...other.keys()]));
  return names.flatMap((name) => {
    const both = [own.get(name), other.get(name)];
    const said = [here, there].flatMap(({ config: { node } }, index) => {
      const certificate = both[index];
      return certificate === undefined ? [] : [{
        kind: endKind(certificate.expires, nowMs),
        about: "nginx",
        text: `nginx: the certificate of ${name} on ${node} ${endText(certificate.expires, nowMs)}`,
      }];
    });
    const isOdd = said.some(({ kind }) => kind !== "expected") ||
      said.length === 2 && both[0]!.expires !== both[1]!.expires;
    return isOdd ? said : [];
  });
}

/** The one of each name with its port, as people read it. */
function certificatesOf(rehearsal: Rehearsal | null): Map<string, RehearsedCertificate> {
  const found = new Map<string, RehearsedCertificate>();
  for (const result of rehearsal?.results ?? []) {
    const { certificate, served } = result;
    // A server for all other names shows its own to a name that it does not have.
    if (certificate !== null && served !== false) found.set(nameOf(result), certificate);
  }
  return found;
}

/** Names that the nginx of one node has a server for, and that of the other node has none. */
function siteDifferences(here: NodeAnswers, there: NodeAnswers): NodeDifference[] {
  if (here.rehearsal === null || there.rehearsal === null) return [];
  const [own, other] = [sitesOf(here.rehearsal), sitesOf(there.rehearsal)];
  const node = there.config.node;
  const found = (text: string): NodeDifference => ({ kind: "differs", about: "nginx", text });
  return [
    ...own.served.difference(other.served).difference(other.unknown).values()
      .map((name) => found(`nginx: ${name} is served here, not on ${node}`)),
    ...other.served.difference(own.served).difference(own.unknown).values()
      .map((name) => found(`nginx: ${name} is served on ${node}, not here`)),
  ];
}

interface Sites {
  readonly served: ReadonlySet<string>;
  /** nginx's files do not say. */
  readonly unknown: ReadonlySet<string>;
}

/** Each name with its port, as people read it. */
function sitesOf({ results }: Rehearsal): Sites {
  const named = (served: RehearsedName["served"]) =>
    new Set(results.filter((result) => result.served === served).map(nameOf));
  return { served: named(true), unknown: named(null) };
}

/** A sentence for each point that could not be compared. */
export function uncompared(answers: readonly NodeAnswers[]): string[] {
  return answers.flatMap(({ config: { node }, rehearsal }) =>
    rehearsal === null
      ? [`${node} has not rehearsed, so the names of nginx are not compared: vipd rehearse there`]
      : rehearsal.nginx.unread.filter(({ named }) => !named).map(({ path, reason }) =>
        `the names in ${path} on ${node} are not known: ${reason}`
      )
  );
}
