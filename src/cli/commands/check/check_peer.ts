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
import type { LossOptions } from "../../../keepalived/programs.ts";
import type { CliContext } from "../../context.ts";
import { deniedFiles } from "../../text/unusable_config.ts";
import { usageError } from "../../errors.ts";

/** The outcome of a comparison. */
export interface PeerCheck {
  /** All that keeps the nodes from being a pair, and the errors of the other file; placed in their files. */
  readonly diagnostics: readonly Diagnostic[];
  /** Further differences, a line each. */
  readonly differences: readonly string[];
  /** Secrets that both nodes need alike and of which one is not known here, a line each. */
  readonly uncompared: readonly string[];
  /** Why there was no comparison; `null` if there was one. */
  readonly problem: string | null;
  /** The files that this user may not read, if that kept them from being compared. */
  readonly denied: readonly string[] | null;
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
  ofImport: LossOptions,
): Promise<PeerCheck> {
  if (path === "-" && peerPath === "-") {
    throw usageError("both files are standard input: name a file for one of them");
  }
  if (await isSameFile(path, peerPath)) {
    throw usageError(
      `--peer ${peerPath} is the checked file itself: copy the other node's file to this machine, ` +
        "and name that",
    );
  }
  const loaded = await loadElsewhere(peerPath, context, ofImport);
  if (!loaded.ok) return withoutPeer(peerPath, loaded.diagnostics);
  const peer = loaded.config;
  const peerName = nameOf(peerPath);
  const all = [
    ...pairDifferences(effectiveConfig(config), effectiveConfig(peer)),
    ...config.instances.flatMap((own) => secretDifference(own, peer)),
  ];
  const findings = all.filter(({ kind }) => kind === "breaks").map((difference) =>
    findingOf(difference, config, peerName)
  );
  return {
    diagnostics: placeFindings(findings, text ?? null, path),
    differences: all.filter(({ kind }) => kind === "differs").map((difference) =>
      differenceLine(difference, `in ${peerName}`)
    ),
    uncompared: config.instances.flatMap((own) => unknownSecret(own, peer)),
    ...{ problem: null, denied: null },
  };
}

/** Also by another path; what cannot be found is not the same. */
async function isSameFile(path: string, peerPath: string): Promise<boolean> {
  const real = (each: string) => Deno.realPath(each).catch(() => null);
  const [own, other] = await Promise.all([real(path), real(peerPath)]);
  return own !== null && own === other;
}

function nameOf(peerPath: string): string {
  return peerPath === "-" ? "<stdin>" : peerPath;
}

/** The outcome if the other file is no configuration; what is wrong with it is said as of a file of another machine. */
function withoutPeer(peerPath: string, found: readonly Diagnostic[]): PeerCheck {
  const hint = "name the other node's file";
  const denied = deniedFiles(found);
  const name = nameOf(peerPath);
  const errors = found.filter(({ severity }) => severity === "error").length;
  return {
    diagnostics: found.map((one) => one.code === "file_empty" ? { ...one, hint } : one),
    ...{ differences: [], uncompared: [], denied },
    problem: denied === null
      ? `${name} has ${errors === 1 ? "an error" : `${errors} errors`}`
      : `this user may not read ${denied.join(", ")}`,
  };
}

/** The label before the message is the place, so the message does not name that again. */
function findingOf(difference: PairDifference, config: Config, peerName: string): Finding {
  const path = placeOf(difference, config);
  return { severity: "error", code: "pair_differs", path, ...problemOf(difference, peerName) };
}

function problemOf(
  { section, name, key, here, there }: PairDifference,
  peerName: string,
): Pick<Finding, "message" | "hint"> {
  if (key === "") {
    const what = `${SUBJECTS[section]} ${name}`;
    const [has, lacks] = here === null ? [`in ${peerName}`, "here"] : ["here", `in ${peerName}`];
    return {
      message: `${what} is configured ${has}, and not ${lacks}`,
      hint: `configure it ${lacks}, too, or remove it ${has}: both nodes need it alike`,
    };
  }
  if (here !== null && here === there) {
    const own = key === "node" ? "a name of its own" : "one of its own";
    return {
      message: `it is ${here} on both nodes`,
      hint: `give each node ${own}, here or in ${peerName}`,
    };
  }
  return {
    message: `it is ${here ?? "not configured"} here, and ${
      there ?? "not configured"
    } in ${peerName}`,
    hint: `make it the same here and in ${peerName}: both nodes need it alike`,
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

/** A key in a file of which this machine has not both. */
function unknownSecret(
  { name, authentication }: Config["instances"][number],
  { instances }: Config,
): string[] {
  const other = instances.find((one) => one.name === name)?.authentication;
  if (other === undefined || other.type !== authentication.type) return [];
  const isKnown = [...secretsOf(authentication), ...secretsOf(other)].every((one) =>
    one !== undefined
  );
  return isKnown ? [] : [`instance ${name}: keys in files (key_file)`];
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
