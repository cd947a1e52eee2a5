/** `vipd check --peer`: a node's configuration next to the other one's, before either is deployed. */

import { timingSafeEqual } from "node:crypto";
import type { Diagnostic } from "../../../config/diagnostics.ts";
import { effectiveConfig } from "../../../config/effective.ts";
import { placeFindings } from "../../../config/check_text.ts";
import type { AuthenticationConfig, Config } from "../../../config/model.ts";
import {
  differenceLine,
  type PairDifference,
  pairDifferences,
  SUBJECTS,
} from "../../../config/pair_differences.ts";
import type { Path } from "../../../config/path.ts";
import type { Finding } from "../../../config/findings.ts";
import { loadElsewhere } from "../../../daemon/config/load.ts";
import type { CliContext } from "../../context.ts";
import { usageError } from "../../errors.ts";

/** The outcome of a comparison. */
export interface PeerCheck {
  /** All that keeps the nodes from being a pair, and the errors of the other file; placed in their files. */
  readonly diagnostics: readonly Diagnostic[];
  /** Further differences, a line each. */
  readonly differences: readonly string[];
}

/** Compares `config`, of the file at `path`, with the other node's file. */
export async function checkPeer(
  { config, path, text }: {
    readonly config: Config;
    readonly path: string;
    readonly text?: string;
  },
  peerPath: string,
  context: CliContext,
): Promise<PeerCheck> {
  if (await isSameFile(path, peerPath)) {
    throw usageError(
      `--peer ${peerPath} is the checked file itself: copy the other node's file to this machine, ` +
        "and name that",
    );
  }
  const loaded = await loadElsewhere(peerPath, context);
  if (!loaded.ok) return { diagnostics: loaded.diagnostics, differences: [] };
  const peer = loaded.config;
  const all = [
    ...pairDifferences(effectiveConfig(config), effectiveConfig(peer)),
    ...config.instances.flatMap((own) => secretDifference(own, peer)),
  ];
  const findings = all.filter(({ kind }) => kind === "breaks").map((difference) =>
    findingOf(difference, config, peerPath)
  );
  return {
    diagnostics: placeFindings(findings, text ?? null, path),
    differences: all.filter(({ kind }) => kind === "differs").map((difference) =>
      differenceLine(difference, `in ${peerPath}`)
    ),
  };
}

/** Also by another path; what cannot be found is not the same. */
async function isSameFile(path: string, peerPath: string): Promise<boolean> {
  const real = (each: string) => Deno.realPath(each).catch(() => null);
  const [own, other] = await Promise.all([real(path), real(peerPath)]);
  return own !== null && own === other;
}

/** The label before the message is the place, so the message does not name that again. */
function findingOf(difference: PairDifference, config: Config, peerPath: string): Finding {
  const path = placeOf(difference, config);
  return { severity: "error", code: "pair_differs", path, ...problemOf(difference, peerPath) };
}

function problemOf(
  { section, name, key, here, there }: PairDifference,
  peerPath: string,
): Pick<Finding, "message" | "hint"> {
  if (key === "") {
    const what = `${SUBJECTS[section]} ${name}`;
    const [has, lacks] = here === null ? [`in ${peerPath}`, "here"] : ["here", `in ${peerPath}`];
    return {
      message: `${what} is configured ${has}, and not ${lacks}`,
      hint: `configure it ${lacks}, too, or remove it ${has}: both nodes need it alike`,
    };
  }
  if (here !== null && here === there) {
    const own = key === "node" ? "a name of its own" : "one of its own";
    return {
      message: `it is ${here} on both nodes`,
      hint: `give each node ${own}, here or in ${peerPath}`,
    };
  }
  return {
    message: `it is ${here ?? "not configured"} here, and ${
      there ?? "not configured"
    } in ${peerPath}`,
    hint: `make it the same here and in ${peerPath}: both nodes need it alike`,
  };
}

/** Its place in this node's file; the whole list if only the other node has it. */
function placeOf({ section, name, key }: PairDifference, config: Config): Path {
  const steps = key === "" ? [] : key.split(".");
  if (section === "settings") return steps;
  const list = section === "instances" ? config.instances : config.syncGroups;
  const index = list.findIndex((one) => one.name === name);
  return index < 0 ? [section] : [section, index, ...steps];
}

/** Passwords and keys are compared and never shown; one that is not known here differs from nothing. */
function secretDifference(
  { name, authentication }: Config["instances"][number],
  { instances }: Config,
): PairDifference[] {
  const other = instances.find((one) => one.name === name)?.authentication;
  if (other === undefined || other.type !== authentication.type) return [];
  if (secretsOf(authentication).every((own, index) => sameSecret(own, secretsOf(other)[index]))) {
    return [];
  }
  return [{
    ...{ kind: "breaks", section: "instances", name, key: "authentication" } as const,
    ...{ here: "one secret", there: "another one" },
  }];
}

function secretsOf(authentication: AuthenticationConfig): (Uint8Array | undefined)[] {
  if (authentication.type === "pass") return [new TextEncoder().encode(authentication.password)];
  if (authentication.type === "none") return [];
  return authentication.keys.toSorted((a, b) => a.id - b.id).map(({ key }) => key);
}

function sameSecret(own: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (own === undefined || other === undefined) return true;
  return own.length === other.length && timingSafeEqual(own, other);
}
