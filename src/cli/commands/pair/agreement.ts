/**
 * The steps that both ends of `vipd pair` have in common: prepare what is to be written, show it, ask, write.
 *
 * @module
 */

import { parseConfig } from "../../../config/load.ts";
import { formatDiagnostic } from "../../../config/diagnostics.ts";
import { maskKnown } from "../../../config/masking.ts";
import { CliError, EXIT } from "../../../exit.ts";
import { PairingEnded } from "../../../pairing/channel.ts";
import { FileChanges, isNews } from "../../../pairing/file_changes.ts";
import type { Offer } from "../../../pairing/offer.ts";
import { type OwnPart, ownPart } from "../../../pairing/own_part.ts";
import { hostPort } from "../../../pairing/pair_line.ts";
import { type ApiPlace, type PairPlan, planPair } from "../../../pairing/pair_plan.ts";
import { atMost } from "../../../runtime/waiting.ts";
import { usageError } from "../../errors.ts";
import { saysYes } from "../../yes_no.ts";
import type { Arguments } from "../../arguments.ts";
import type { CliContext } from "../../context.ts";
import { diffText } from "../../text/diff_text.ts";
import { styleFor } from "../../text/terminal/style.ts";
import { startCommands } from "../../text/where_to_look.ts";
import type { OwnNode } from "./own_node.ts";

/** How long a person may look at what is to be written, in milliseconds. */
export const AGREE_LIMIT_MS = 600_000;
/** How long the other node may take to write, in milliseconds. */
export const WRITE_LIMIT_MS = 10_000;

/** How long an end of standard input is waited for, in milliseconds: a pipe has it at once. */
const END_LOOK_MS = 200;

/** A name that no peer has. */
const NEW_PEER = "new.invalid";

/** Signals by which people and service managers end a process. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** This node's side of a pairing. */
export interface Side {
  readonly own: OwnNode;
  readonly place: ApiPlace;
  readonly part: OwnPart;
  readonly offer: Offer;
}

/** The offer of this node. Throws a {@link CliError} if it cannot. */
export async function sideOf(own: OwnNode, place: ApiPlace): Promise<Side> {
  const { config: { node, stateDir }, data } = own;
  const nowMs = Date.now();
  const part = await ownPart({ data, stateDir, node, address: place.host, nowMs });
  if (typeof part === "string") throw new CliError(EXIT.failure, part);
  const url = `https://${hostPort(place.host, place.port)}`;
  const side = { own, place, part, offer: { ...part.offer, node, url, time: nowMs } };
  requireEditable(side);
  return side;
}

/** Nobody waits for a pairing that this file rules out with every other node, one of its peers or a new one. */
function requireEditable(side: Side): void {
  const { peers } = side.own.config;
  const refusals: unknown[] = [];
  for (const name of [...peers.map((peer) => peer.name), NEW_PEER]) {
    try {
      pairPlanFor(side, { ...side.offer, node: name });
      return;
    } catch (error) {
      refusals.push(error);
    }
  }
  throw refusals[0];
}

/** The files to write on this node, with a valid configuration. Throws a {@link CliError} if it is not. */
export function planFor(side: Side, other: Offer, context: CliContext): PairPlan {
  const { file } = side.own;
  const plan = pairPlanFor(side, other);
  // The files that it names are not there yet.
  const result = parseConfig(plan.text, file.path, {
    hostname: context.hostname(),
    lenient: true,
  });
  if (result.ok) return plan;
  const problems = result.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic));
  throw new CliError(
    EXIT.configInvalid,
    `with the pair it would not be valid:\n${problems.join("\n")}`,
  );
}

function pairPlanFor({ own, place, part }: Side, other: Offer): PairPlan {
  const { file, listen, owner, config: { stateDir } } = own;
  try {
    const nowMs = Date.now();
    return planPair({ file, listen, place, own: part, other, owner, stateDir, nowMs });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.failure, `${file.path} cannot be changed without harm: ${why}`);
  }
}

/**
 * The context, if somebody can answer the question. Standard input that ends at once, as that of a pipe, answers nothing:
 * it throws a {@link CliError} before the line is used.
 */
export async function withSomebody(args: Arguments, context: CliContext): Promise<CliContext> {
  if (args.flag("yes") || context.ask !== null) return context;
  let first: Promise<string | null> | null = context.readLine();
  if (await atMost(first, END_LOOK_MS, undefined) === null) {
    throw usageError(
      "standard input has ended, so nobody can agree: --yes agrees without a question",
    );
  }
  const readLine = () => {
    const line = first ?? context.readLine();
    first = null;
    return line;
  };
  return { ...context, readLine };
}

/** Shows the plan and asks. With `--yes` it asks nothing; without an answer it is no. */
export async function agrees(
  plan: PairPlan,
  { own }: Side,
  other: Offer,
  args: Arguments,
  context: CliContext,
): Promise<boolean> {
  const { output } = context;
  const { path, text } = own.file;
  const style = styleFor(output.colour && !args.flag("no-color"));
  const news = plan.changes.filter((change) => change.path !== path && isNews(change));
  const here = `this node, ${own.config.node}`;
  const isSame = news.length === 0 && plan.text === text;
  output.out(
    isSame
      ? `\n${other.node} is at ${other.url}. Nothing changes on ${here}: keys, tokens and configuration stay.\n`
      : `
${other.node} is at ${other.url}. To be written on ${here}:

${news.map(({ path, mode }) => `  ${mode.toString(8)} ${path}\n`).join("")}
${maskKnown(diffText(path, text, plan.text, style), own.secrets)}
`,
  );
  if (args.flag("yes")) return true;
  return await saysYes(isSame ? "Pair with it again?" : "Write this?", context);
}

/**
 * Writes the plan, lets `finish` agree with the other node, and puts everything back if that throws. Nothing ends the
 * process meanwhile.
 */
export async function written(plan: PairPlan, finish: () => Promise<void>): Promise<void> {
  const changes = new FileChanges(plan.changes);
  const ignore = () => {};
  for (const signal of ENDING) Deno.addSignalListener(signal, ignore);
  try {
    commit(changes);
    try {
      await finish();
    } catch (error) {
      changes.rollback();
      throw error;
    }
  } finally {
    for (const signal of ENDING) Deno.removeSignalListener(signal, ignore);
  }
}

function commit(changes: FileChanges): void {
  try {
    changes.commit();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const denied = error instanceof Deno.errors.PermissionDenied;
    throw new CliError(
      denied ? EXIT.notPermitted : EXIT.failure,
      `nothing is written: ${why}${denied ? "; run it as root" : ""}`,
    );
  }
}

/** The next steps of the operator. */
export async function doneText(
  plan: PairPlan,
  { own: { file, config: { node } }, part }: Side,
  other: Offer,
): Promise<string> {
  const kept = plan.backup === null
    ? `The configuration stays: ${file.path}`
    : `The configuration as it was: ${plan.backup}`;
  const renewal = part.isRenewed
    ? `vipd renews the certificate of ${node} itself.`
    : `You renew the certificate\nof ${node} yourself: vipd has not made it.`;
  return `Paired with ${other.node}. ${kept}
Now: vipd reload, or ${(await startCommands()).at(-1)} if it does not run yet; then
vipd status shows both nodes. ${renewal}
`;
}

/** The error of the command for a pairing that is over. */
export function asCliError(error: unknown): unknown {
  const code = error instanceof CliError
    ? error.exitCode
    : error instanceof PairingEnded
    ? EXIT.failure
    : null;
  if (code === null) return error;
  return new CliError(code, `${(error as Error).message}\nNothing is changed on this node.`);
}
