/** docs/behaviour.md: what vipd does when something around it changes, and the tests that prove it. */

import { type Proof, prove } from "../conformance/proofs.ts";
import { table } from "./fresh.ts";

export interface Behaviour {
  /** What happens to the node or its pair. */
  readonly kind: string;
  /** What vipd does. */
  readonly does: string;
  readonly proofs: readonly Proof[];
  /** What keepalived did in the same lab, if that is measured, and by what. */
  readonly keepalived?: string;
}

const E2E = {
  link: "tests/e2e/link_test.ts",
  own: "tests/e2e/own_address_test.ts",
  foreign: "tests/e2e/foreign_vrid_test.ts",
  goodbye: "tests/e2e/goodbye_test.ts",
} as const;
const NODE = {
  links: "tests/node/link_states_test.ts",
  stall: "tests/node/send_stall_test.ts",
  own: "tests/node/own_address_test.ts",
  source: "tests/node/advert_source_test.ts",
  sole: "tests/node/sole_backup_test.ts",
  loop: "tests/node/damping_test.ts",
  resort: "tests/node/last_resort_test.ts",
  reasserted: "tests/node/reasserted_test.ts",
  otherVrid: "tests/node/other_vrid_test.ts",
  strays: "tests/node/stray_addresses_test.ts",
  reload: "tests/node/reload_instances_test.ts",
  alarms: "tests/node/alarms_test.ts",
} as const;
const BENCH = (name: string) => `\`deno task bench --only ${name}\``;

export const BEHAVIOUR: Readonly<Record<string, readonly Behaviour[]>> = {
  "Links and cables": [
    {
      kind: "the interface of an address or a route is down, has no carrier or is gone",
      does:
        "fault at once, with a goodbye: the other node serves after Skew_Time, a sole backup at once",
      proofs: [
        prove(E2E.link, "the device of the address loses its carrier"),
        prove(E2E.link, "the device of the address is set down"),
        prove(E2E.link, "the device of a route is set down"),
      ],
      keepalived: `fault at once (${BENCH("kernel-device")})`,
    },
    {
      kind: "another program sets the interface with the virtual MAC address down",
      does: "it is set up again at once; if that happens again within a second: fault, as above",
      proofs: [
        prove(E2E.link, "the virtual interface is set down, and again"),
        prove(
          NODE.links,
          "a virtual interface that is set down on the master is set up at once; again: fault, and this node can serve later",
        ),
      ],
    },
    {
      kind: "the link flaps, or a switch port passes nothing at first",
      does: "`interfaces.NAME.down_delay` and `up_delay` say how long that must last to count",
      proofs: [
        prove(
          NODE.links,
          "down_delay: a flap changes nothing, a lost link is a fault when the delay is over",
        ),
        prove(
          NODE.links,
          "up_delay: a link that has come up counts when the delay is over, and counts from the start after a flap",
        ),
      ],
    },
    {
      kind: "adverts go over a cable of their own, and the other node loses its power",
      does: "with `track_interface: false` the node that is left serves on",
      proofs: [prove(NODE.links, "untracked or not, an interface that is gone is a fault")],
    },
    {
      kind: "a link comes up while a weaker node is master",
      does:
        "the own address is announced, and 1.2 s pass before silence counts; `preempt_delay` and `preempt: false` hold, also by the peer's word",
      proofs: [
        prove(
          NODE.own,
          "a link that came up leaves neighbours time to find each other, however fast the adverts",
        ),
        prove(
          E2E.own,
          "a node whose cable is back leaves a weaker unicast master in peace for the preempt delay",
        ),
      ],
    },
  ],
  "Adverts": [
    {
      kind: "adverts do not leave: a firewall, a missing route, an advert larger than the MTU",
      does:
        "they renew no lease; by its end fault and the alarm `adverts_not_sent` with the error's name, so that never two hold the address",
      proofs: [
        prove(E2E.link, "adverts that do not leave"),
        prove(
          NODE.stall,
          "version 2 at 1 s: the other node serves after Master_Down_Interval, and never do both",
        ),
      ],
      keepalived: `both hold the address (${BENCH("kernel-firewall")})`,
    },
    {
      kind: "another pair on the link uses our VRID",
      does:
        "its adverts are not obeyed, and the alarm `vrid_in_use` names it; a pair whose only address is changed stays one pair",
      proofs: [
        prove(
          E2E.foreign,
          "a keepalived pair of higher priority, with our VRID and password, is not obeyed",
        ),
        prove(E2E.foreign, "the only address is changed node by node, the backup first"),
        prove(E2E.foreign, "the only address is changed node by node, the master first"),
      ],
    },
    {
      kind: "another router advertises our address under another VRID",
      does: "the alarm `vrid_differs` names it",
      proofs: [
        prove(
          NODE.otherVrid,
          "another VRID with our address is named as what it is, on both nodes",
        ),
      ],
    },
    {
      kind: "a partition is over, and this node was master all the while",
      does:
        "the event `reasserted`, for what follows the address elsewhere, such as a cloud's route",
      proofs: [
        prove(
          NODE.reasserted,
          "a partition in both directions is reported once, by the master that stays",
        ),
      ],
    },
  ],
  "The node's own addresses": [
    {
      kind: "an own address is removed and added again",
      does: "back within 200 ms: no election, and the virtual addresses are behind it again",
      proofs: [
        prove(NODE.own, "an own address that goes again and again is answered each time"),
        prove(
          NODE.source,
          "a moment without the source changes nothing, and is looked at when it is over",
        ),
      ],
    },
    {
      kind: "the own address is gone for good",
      does: "after 200 ms fault, with a goodbye from the last one",
      proofs: [
        prove(
          E2E.own,
          "a source_address that is gone is a goodbye, although another own address stays",
        ),
        prove(E2E.own, "an IPv6 link-local address comes and goes as an IPv4 one does"),
      ],
      keepalived: `a goodbye at once (${BENCH("kernel-own")})`,
    },
    {
      kind: "there are several own addresses, or their order changes",
      does:
        "the source stays while the interface has it; `vipd check` warns of unicast without `source_address`",
      proofs: [
        prove(
          NODE.source,
          "the source stays while the interface has it, whatever the list's order",
        ),
        prove(E2E.own, "unicast adverts come from the same own address after it was away"),
      ],
    },
    {
      kind: "an IPv6 address is tentative, or another machine has it",
      does: "it is no source; if there is no other, the fault names it",
      proofs: [
        prove(
          E2E.own,
          "an IPv6 address that another machine has is no source, and is named if there is no other",
        ),
      ],
    },
    {
      kind: "the host's own address changes, as by DHCP",
      does: "the host speaks from its own address, not from the virtual one",
      proofs: [
        prove(
          E2E.own,
          "the host speaks from its own address after a change of it, not from the virtual one",
        ),
      ],
    },
    {
      kind: "the MAC address of the interface changes",
      does: "own and virtual addresses are announced again, with one entry in the journal",
      proofs: [
        prove(E2E.own, "a master whose MAC address changes is reached at once, over IPv4 and IPv6"),
      ],
    },
    {
      kind: "a node that is not master has the virtual address, put there by somebody",
      does: "the alarm `address_on_backup` there, and the master names that node",
      proofs: [
        prove(NODE.strays, "a backup that has the address says so itself, and the master names it"),
      ],
    },
  ],
  "The engine's life": [
    {
      kind: "the master says goodbye, and there is one backup",
      does: "it serves at once, without Skew_Time (`sole_backup`)",
      proofs: [
        prove(NODE.sole, "whatever makes a master say goodbye, its only backup serves at once"),
        prove(
          NODE.sole,
          "of three or four nodes that know each other no two take over after one goodbye",
        ),
      ],
      keepalived: `Skew_Time (${BENCH("nginx")})`,
    },
    {
      kind: "the engine is killed",
      does: "`vipd goodbye` takes off its addresses and says goodbye in its name",
      proofs: [
        prove(
          E2E.goodbye,
          "signed: the goodbye is believed, and so is the next engine, which must be later",
        ),
        prove(
          E2E.goodbye,
          "nothing is touched while an engine runs, nor by what is damaged or has another run_dir",
        ),
      ],
      keepalived: `Master_Down_Interval, and the address stays (${BENCH("goodbye")})`,
    },
    {
      kind: "the engine dies whenever it is master",
      does: "after four moves in ten minutes it is held back, and serves only if nobody else does",
      proofs: [
        prove(
          NODE.loop,
          "after four moves it stays backup, says so, and has its priority back when it has lived on",
        ),
        prove(NODE.loop, "one that is held back serves if the other node is gone"),
      ],
    },
    {
      kind: "a check fails on both nodes, for what it asks is behind both",
      does:
        "with `when_down: last_resort` the master asks once whether another serves, goes on and raises `serving_unwell`",
      proofs: [
        prove(
          NODE.resort,
          "the check fails on both: the master asks once, goes on and says so; who recovers serves",
        ),
      ],
    },
    {
      kind: "a check fails on whoever is master",
      does:
        "a node that came and went four times in ten minutes is held back with priority 1, and raises `flapping`",
      proofs: [
        prove(
          NODE.loop,
          "a check that fails on whoever is master: the moves end, somebody serves, one alarm a node",
        ),
      ],
    },
    {
      kind: "a reload removes an instance, or makes another virtual router of it",
      does: "it hands over, and the journal says why",
      proofs: [prove(NODE.reload, "the journal says why a reload ends an instance")],
    },
    {
      kind: "the cause of an alarm is over",
      does: "the alarm ends at once, or says for how long its cause has not been seen",
      proofs: [
        prove(
          NODE.alarms,
          "an alarm with a time says how long its cause has not been seen, or that it is over",
        ),
      ],
    },
  ],
};

/** Those of the proofs that are the end of no test's name in their file. */
export async function lostProofs(root: URL): Promise<string[]> {
  const proofs = Object.values(BEHAVIOUR).flat().flatMap((each) => each.proofs);
  const lost = await Promise.all(proofs.map(async ({ file, name }) => {
    const text = await Deno.readTextFile(new URL(file, root));
    const named = [`${name}"`, `${name}\``].some((end) => text.includes(end));
    return named ? [] : [`${file}: ${name}`];
  }));
  return lost.flat();
}

/** The whole document. */
export function behaviourText(): string {
  const chapters = Object.entries(BEHAVIOUR).map(([title, rows]) =>
    `## ${title}\n\n${
      table(
        ["if", "vipd", "keepalived 2.2.7", "shown by"],
        rows.map(({ kind, does, keepalived = "", proofs }) => [
          kind,
          does,
          keepalived,
          proofs.map(({ file, name }) => `\`${file}\`: ${name}`).join("; "),
        ]),
      )
    }`
  );
  return `# What vipd does when something changes

The classic pains of a pair of load balancers, what vipd does about each, and the test that proves it. What keepalived does
stands there only if a bench measures it in the same lab. Written from \`tests/docs/behaviour.ts\`
(\`UPDATE_GOLDEN=1 deno test -A tests/docs\`); do not edit.

${chapters.join("\n\n")}`;
}
