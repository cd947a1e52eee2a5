/**
 * keepalived says goodbye with many addresses, and answers for them until it has removed them: when does the only backup
 * serve, and whom does a client believe that asks all the time?
 *
 * @module
 */

import { ArpClient } from "../../../lab/arp_client.ts";
import { AdvertCapture, type CapturedAdvert } from "../../../lab/capture.ts";
import type { LabHost } from "../../../lab/host.ts";
import {
  keepalivedConfig,
  NODE_ADDRESSES,
  ONE_SECOND,
  PAIR_ADDRESS,
  PRIORITIES,
  vipdConfig,
} from "../../../lab/pair_config.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import { Pair, SETTLE_MS } from "../pair.ts";
import { atMost, never, type Scenario } from "../scenario.ts";
import { quantile } from "../statistics.ts";

const COUNT = 200;
/** The pair's address, and others of a network that no host is in. */
const ADDRESSES = [
  PAIR_ADDRESS,
  ...Array.from({ length: COUNT - 1 }, (_, index) => `10.77.0.${index + 1}`),
];
/** When no client may believe the old master any more, in milliseconds after the goodbye. */
const WRONG_AFTER_MS = 250;

export const RELEASED: Scenario = {
  name: "released",
  title:
    `keepalived stops with ${COUNT} addresses, version 2, 1 s: until its only backup serves them`,
  brands: ["vipd", "keepalived"],
  figures: [{
    id: "released_served",
    title:
      `keepalived stops with ${COUNT} addresses: until its only backup serves the last of them`,
    unit: "ms",
    target: atMost(15, "15 ms"),
  }, {
    id: "released_found",
    title: "until a client has found all of them there",
    unit: "ms",
  }, {
    id: "released_wrong",
    title: `of its ARP entries, wrong at any time from ${WRONG_AFTER_MS} ms on`,
    unit: "count",
    target: never(),
  }],
  async measure(brand, { binary, run, runs }) {
    await using pair = await Pair.open(brand, ONE_SECOND, binary, {
      first: "keepalived",
      config: (node) => vipdConfig(ONE_SECOND, PRIORITIES[node]).replace(listed(), vipdAddresses()),
      keepalivedConfig: (node) =>
        keepalivedConfig(ONE_SECOND, PRIORITIES[node]).replace(/ {8}.* dev eth1/, lines()),
    });
    const [oldMac, newMac] = [
      await macOf(pair.lab.host("lb01")),
      await macOf(pair.lab.host("lb02")),
    ];
    const capture = await AdvertCapture.start(pair.lab.host("lb02"), "eth1");
    const client = await ArpClient.start(pair.client, "eth1", ADDRESSES, oldMac);
    await sleep(2000 + ONE_SECOND.advertIntervalMs * run / runs);

    const fromMs = clockMs();
    await pair.daemon("lb01").stop();
    await pair.heldBy("lb02");
    const goodbyeMs = await goodbyeAt(capture, fromMs);
    const untilMs = goodbyeMs + 2000;
    await client.reportedUntil(untilMs);
    const found = ADDRESSES.map((address) => client.foundAt(address, newMac, goodbyeMs));
    return {
      released_served: client.foundAt(ADDRESSES.at(-1)!, newMac, goodbyeMs) - goodbyeMs,
      released_found: quantile(found, 1) - goodbyeMs,
      released_wrong:
        ADDRESSES.filter((address) =>
          client.believed(address, goodbyeMs + WRONG_AFTER_MS, untilMs).some((mac) =>
            mac !== newMac
          )
        ).length,
    };
  },
};

function listed(): RegExp {
  return /addresses: \[.*\]\n/;
}

function vipdAddresses(): string {
  const addresses = ADDRESSES.map((address) => `${address}/24`).join(", ");
  return `addresses: [${addresses}]\n    sole_backup: true\n`;
}

/** keepalived reads one entry a line. */
function lines(): string {
  return ADDRESSES.map((address) => `        ${address}/24 dev eth1`).join("\n");
}

async function macOf(host: LabHost): Promise<string> {
  const { stdout } = await host.run(["ip", "-json", "link", "show", "dev", "eth1"]);
  return JSON.parse(stdout)[0].address;
}

/** When the old master's priority 0 was on the wire. */
async function goodbyeAt(capture: AdvertCapture, fromMs: number): Promise<number> {
  const isGoodbye = ({ atMs, source, priority }: CapturedAdvert) =>
    atMs >= fromMs && source === NODE_ADDRESSES.lb01 && priority === 0;
  const { atMs } = await waitFor(
    "the master's goodbye",
    async () => (await capture.adverts()).find(isGoodbye),
    { timeoutMs: SETTLE_MS, everyMs: 100 },
  );
  return atMs;
}
