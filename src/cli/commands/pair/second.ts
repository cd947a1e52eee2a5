/**
 * `vipd pair --join`, on the other node: reads the line and pairs with the node that printed it.
 *
 * @module
 */

import { CliError, EXIT, type ExitCode } from "../../../exit.ts";
import { Done, type PairChannel, PairingEnded, Sealed } from "../../../pairing/channel.ts";
import { type Offer, offerProblem, openOffer, sealOffer } from "../../../pairing/offer.ts";
import { type PairLine, readPairLine } from "../../../pairing/pair_line.ts";
import { reachFirstNode } from "../../../pairing/second_node.ts";
import type { Arguments } from "../../arguments.ts";
import type { CliContext } from "../../context.ts";
import {
  AGREE_LIMIT_MS,
  agrees,
  asCliError,
  doneText,
  planFor,
  type Side,
  sideOf,
  withSomebody,
  WRITE_LIMIT_MS,
  written,
} from "./agreement.ts";
import { apiPlace, ownNode } from "./own_node.ts";

/** How long the other node may take for its offer, in milliseconds. */
const OFFER_LIMIT_MS = 10_000;

export async function pairAsSecond(args: Arguments, context: CliContext): Promise<ExitCode> {
  const own = await ownNode(args, context);
  // A slip in it must not cost the line.
  if (args.text("listen") !== undefined) apiPlace(args, own, null);
  const line = await pastedLine(context);
  const answering = await withSomebody(args, context);
  if (Deno.networkInterfaces().some(({ address }) => address === line.host)) {
    throw new CliError(
      EXIT.usage,
      `this node printed the line, ${line.host} is its own address: it still waits for the other one; there, as ` +
        "root, run vipd pair --join and paste the line",
    );
  }
  try {
    const { channel: found, localAddress } = await reachFirstNode(line);
    using channel = found;
    const side = await sideOf(own, apiPlace(args, own, localAddress));
    const mine = { ...side.offer, time: Date.now() };
    await channel.send(sealOffer(mine, "second", line));
    const theirs = openOffer(await channel.receive(Sealed, OFFER_LIMIT_MS), "first", line);
    if (theirs === null) throw new PairingEnded("the other node does not have the secret");
    channel.name(theirs.node);
    const problem = offerProblem(mine, theirs);
    if (problem !== null) throw new PairingEnded(problem);
    await channel.during(() => agree(channel, theirs, side, args, answering));
    return EXIT.ok;
  } catch (error) {
    throw asCliError(error);
  }
}

/** A person at a terminal is asked again after a slip. */
async function pastedLine(context: CliContext): Promise<PairLine> {
  for (;;) {
    context.output.err("The line that vipd pair printed on the other node: ");
    const text = await context.readLine();
    const line = readPairLine(text ?? "");
    if (typeof line !== "string") return line;
    if (context.ask === null || text === null) throw new CliError(EXIT.usage, line);
    context.output.err(`  ${line}\n`);
  }
}

/** This node agrees, the other one agrees, this one writes, then the other one; else all is put back. */
async function agree(
  channel: PairChannel,
  other: Offer,
  side: Side,
  args: Arguments,
  context: CliContext,
): Promise<void> {
  const { output } = context;
  const plan = planFor(side, other, context);
  const agreed = channel.receive(Done, AGREE_LIMIT_MS);
  if (!await Promise.race([agrees(plan, side, other, args, context), ended(agreed)])) {
    await channel.end("its operator did not agree");
    throw new PairingEnded("not agreed");
  }
  await channel.send({ done: "agreed" });
  output.err(`Agreed. Now ${other.node}'s operator is asked.\n`);
  await agreed;
  await written(plan, async () => {
    await channel.send({ done: "written" });
    await channel.receive(Done, WRITE_LIMIT_MS).catch((error) => {
      throw new PairingEnded(
        `${error.message}; what was written here is put back. If ${other.node} says that it is ` +
          "paired, run vipd pair again on both",
      );
    });
  });
  output.out(await doneText(plan, side, other));
}

/** Rejects as the message does. */
async function ended(message: Promise<unknown>): Promise<boolean> {
  await message;
  throw new PairingEnded("the other node agreed before this one");
}
