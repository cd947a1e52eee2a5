/**
 * The master's cable is cut without either side seeing its carrier go. The backup has to wait for
 * Master_Down_Interval after the last advert; what counts is how much later it is. Both ends of that span are read
 * from the wire in the backup's network: the master's last advert, the backup's first one, and its first gratuitous
 * ARP, from which on clients reach it.
 *
 * @module
 */

import {
  masterDownMs,
  NODE_ADDRESSES,
  ONE_SECOND,
  PAIR_ADDRESS,
  type PairSettings,
  PRIORITIES,
} from "../../../lab/pair_config.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import { type WirePacket, WireWatch } from "../../../lab/wire.ts";
import { Pair, TENTH_OF_A_SECOND } from "../pair.ts";
import type { Scenario } from "../scenario.ts";

export const NODE_VANISHES: readonly Scenario[] = [
  scenario("vanish", "version 2, 1 s", ONE_SECOND),
  scenario("vanish-fast", "version 3, 0.1 s", TENTH_OF_A_SECOND),
];

function scenario(name: string, title: string, settings: PairSettings): Scenario {
  const waitMs = masterDownMs(settings, PRIORITIES.lb02);
  return {
    name,
    title: `The master vanishes, ${title}: Master_Down_Interval is ${waitMs.toFixed(1)} ms`,
    brands: ["vipd", "keepalived"],
    figures: [{
      id: `${name}_advert`,
      title: `node vanishes, ${title}: backup's first advert beyond Master_Down_Interval`,
      unit: "ms",
      target: {
        text: "≤ 10 ms and keepalived",
        met: (vipd, keepalived) => vipd <= 10 && vipd <= keepalived,
      },
    }, {
      id: `${name}_claim`,
      title: `node vanishes, ${title}: its first gratuitous ARP beyond it`,
      unit: "ms",
    }],
    async measure(brand, { binary, run, runs }) {
      await using pair = await Pair.open(brand, settings, binary);
      const taken = await vanish(pair, run / runs);
      const dueMs = taken.lastAdvertMs + waitMs;
      return {
        [`${name}_advert`]: taken.advertMs - dueMs,
        [`${name}_claim`]: taken.claimMs - dueMs,
      };
    },
  };
}

/** Cuts the master off at `phase` (0 to 1) of its advert interval. */
async function vanish(pair: Pair, phase: number) {
  const wire = await WireWatch.start(pair.lab.host("lb02"), "eth1");
  const isAdvert = (it: WirePacket) => it.kind === "advert" && it.source === NODE_ADDRESSES.lb01;
  await waitFor("an advert of the master", () => wire.packets.some(isAdvert), {
    timeoutMs: 10_000,
    everyMs: 1,
  });
  await sleep(pair.settings.advertIntervalMs * phase);
  const cutAtMs = clockMs();
  await pair.lab.cut("lb01", "eth1", "silent");
  return await waitFor("the takeover", () => takeover(wire.packets, cutAtMs), {
    timeoutMs: masterDownMs(pair.settings, PRIORITIES.lb02) + 10_000,
  });
}

function takeover(packets: readonly WirePacket[], cutAtMs: number) {
  const lastAdvert = packets.findLast((it) =>
    it.kind === "advert" && it.source === NODE_ADDRESSES.lb01
  );
  const advert = packets.find((it) =>
    it.kind === "advert" && it.source === NODE_ADDRESSES.lb02 && it.atMs > cutAtMs
  );
  const claim = packets.find((it) =>
    it.kind === "claim" && it.address === PAIR_ADDRESS && it.atMs > cutAtMs
  );
  if (!lastAdvert || !advert || !claim) return null;
  return { lastAdvertMs: lastAdvert.atMs, advertMs: advert.atMs, claimMs: claim.atMs };
}
