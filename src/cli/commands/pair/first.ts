/**
 * `vipd pair` on the first node: prints the line and waits for the node that comes with it.
 *
 * @module
 */

import { CliError, EXIT, type ExitCode } from "../../../exit.ts";
import { Done, PairingEnded } from "../../../pairing/channel.ts";
import { FirstNode, type Guest } from "../../../pairing/first_node.ts";
import { offerProblem, sealOffer } from "../../../pairing/offer.ts";
import { hostPort } from "../../../pairing/pair_line.ts";
import type { ApiPlace } from "../../../pairing/pair_plan.ts";
import { atMost } from "../../../runtime/waiting.ts";
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
import { apiPlace, likelyAddress, ownNode } from "./own_node.ts";

/** How long the line is good, in milliseconds. */
const WAIT_LIMIT_MS = 600_000;

const DECLINED = "its operator did not agree";

export async function pairAsFirst(args: Arguments, context: CliContext): Promise<ExitCode> {
  const own = await ownNode(args, context);
  const place = apiPlace(args, own, likelyAddress(own));
  try {
    // Nobody waits in vain: this node's own obstacles are known first.
    await sideOf(own, place);
    const answering = await withSomebody(args, context);
    using first = listen(place);
    context.output.err(
      `Waits for the other node on ${hostPort(place.host, first.port)}, for ten minutes.\n` +
        "There, as root, run this command and paste the line:\n  vipd pair --join\n",
    );
    context.output.out(`${first.line}\n`);
    const guest = await first.guest();
    using _channel = guest.channel;
    // Certificates begin by the clock of now: it may have been set during the wait.
    await agree(first, guest, await sideOf(own, place), args, answering);
    return EXIT.ok;
  } catch (error) {
    throw asCliError(error);
  }
}

/** On the port of the API, which firewalls must let pass anyway; if that serves already, on another one. */
function listen({ host, port }: ApiPlace): FirstNode {
  try {
    return openAt(host, port) ?? openAt(host, 0)!;
  } catch (error) {
    const why = error instanceof Deno.errors.AddrNotAvailable
      ? "this machine does not have the address: name another one with --listen"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new CliError(EXIT.failure, `cannot wait on ${hostPort(host, port)}: ${why}`);
  }
}

/** `null` if the port is in use. */
function openAt(host: string, port: number): FirstNode | null {
  try {
    return FirstNode.open({ host, port, limitMs: WAIT_LIMIT_MS });
  } catch (error) {
    if (port !== 0 && error instanceof Deno.errors.AddrInUse) return null;
    throw error;
  }
}

/** Both agree, then the other node writes, then this one; it puts everything back if this one cannot. */
async function agree(
  first: FirstNode,
  { channel, offer, address }: Guest,
  side: Side,
  args: Arguments,
  context: CliContext,
): Promise<void> {
  const { output } = context;
  const own = { ...side.offer, time: Date.now() };
  const sendOwn = () => channel.send(sealOffer(own, "first", first.seal));
  await channel.during(async () => {
    const problem = offerProblem(own, offer);
    if (problem !== null) {
      // The other node says it in its own words.
      await sendOwn();
      throw new PairingEnded(problem);
    }
    const plan = planFor(side, offer, context);
    // Not before: with this offer the other node asks its operator.
    await sendOwn();
    output.err(`${offer.node} (${address}) has the line; its operator is asked first.\n`);
    await channel.receive(Done, AGREE_LIMIT_MS);
    // If the other node ends meanwhile, nobody need answer any more.
    const theirs = channel.receive(Done, AGREE_LIMIT_MS);
    if (!await Promise.race([agrees(plan, side, offer, args, context), ended(theirs)])) {
      await channel.end(DECLINED);
      throw new PairingEnded("not agreed");
    }
    await channel.send({ done: "agreed" });
    if (await atMost(theirs, WRITE_LIMIT_MS, null) === null) {
      throw new PairingEnded(`${offer.node} did not write within ${WRITE_LIMIT_MS / 1000} s`);
    }
    await written(plan, () => channel.send({ done: "written" }));
    output.out(await doneText(plan, side, offer));
  });
}

/** Rejects as the message does; does not come to a value before. */
async function ended(message: Promise<unknown>): Promise<boolean> {
  await message;
  throw new PairingEnded("the other node wrote before this one agreed");
}
