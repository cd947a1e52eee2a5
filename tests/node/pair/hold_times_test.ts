/**
 * The hold time of each reason, in virtual time and at several moments between two questions to the peer: long enough
 * for the ordinary event of its kind, which turns no verdict, and short enough for the promise of five seconds.
 */

import assert from "node:assert/strict";
import type { CheckConfig } from "../../../src/health/check_config.ts";
import { NGINX_CHECK, tracked, VIP } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { CLIENT_EVERY_MS, CLIENT_TIMEOUT_MS } from "../../../src/status/reports/client_report.ts";
import type { InstanceStatus } from "../../../src/status/status.ts";
import {
  PAIR_REASONS,
  type PairReasonCode,
  type REHEARSAL_CODES,
} from "../../../src/status/codes/verdicts.ts";
import { knownPair } from "./known_pair.ts";

type Pair = ReturnType<typeof knownPair>;

const LIMIT_MS = 5000;
/** How long after a check of the standby has failed `fall` times the master says so; docs/verdict.md has it. */
const CHECK_KNOWN_MS = 2100;
/** Until everything has settled, and the answer of the peer is known. */
const SETTLE_MS = 12_000;
const PHASES_MS = [0, 250, 500, 750];
/** Between two looks at whether each verdict has a cause. */
const STEP_MS = 100;
/** What takes no longer is ordinary: a restart, a reload on one node after the other, a slip of the hand. */
const ORDINARY_MS = 2000;
/** So long after its last change a file may wait for `nginx -t` and a reload. */
const EDIT_MS = 8000;
/** Until a backup that hears nobody is master, if its last advert was a second ago. */
const MASTER_DOWN_MS = 2610;

interface Hold {
  /** The event of this kind that is no news; without one every such event is. */
  readonly ordinary?: { readonly what: string; readonly happens: (pair: Pair) => unknown };
  /** What one of the nodes at least is to know within five seconds. */
  readonly begins: (pair: Pair) => unknown;
  /** How much later than its begin there is something to know. */
  readonly afterMs?: number;
  /** A check that fails is a fault instead of a lower priority. */
  readonly fault?: true;
}

/** For so long the peer's word on lb02 is another one. */
function says(change: (instance: InstanceStatus) => InstanceStatus | null): Hold {
  const begins = ({ lb02, altered }: Pair) => void altered.set(lb02, change);
  const happens = (pair: Pair) => {
    begins(pair);
    pair.run(ORDINARY_MS);
    pair.altered.delete(pair.lb02);
  };
  return { ordinary: { what: "it lasts as long as a restart", happens }, begins };
}

function contact(how: "engine_gone" | "silent" | "not_asked"): Hold {
  const begins = ({ lb02, contact }: Pair) => void contact.set(lb02, how);
  const happens = (pair: Pair) => {
    begins(pair);
    pair.run(ORDINARY_MS);
    pair.contact.delete(pair.lb02);
  };
  return { ordinary: { what: "a restart", happens }, begins };
}

function rehearsed(
  code: (typeof REHEARSAL_CODES)[number],
  on: "lb01" | "lb02" = "lb02",
  what = "a reload of nginx on one node after the other",
  ordinaryMs = ORDINARY_MS,
): Hold {
  const begins = ({ rehearsal }: Pair) =>
    void rehearsal.push({ code, node: on, message: "m", hint: "h" });
  const happens = (pair: Pair) => {
    begins(pair);
    pair.run(ordinaryMs);
    pair.rehearsal.pop();
  };
  return { ordinary: { what, happens }, begins };
}

const DROPPED = { code: "EPERM", message: "EPERM, a firewall drops it" };
const SILENT = {
  instance: "VI_1",
  target: "http://192.168.31.5:80/",
  ok: false,
  detail: "nothing",
};

const HOLDS: Readonly<Record<PairReasonCode, Hold>> = {
  nobody_serves: {
    ordinary: {
      what: "the check of the master fails, and the standby takes over",
      happens: ({ lb01 }) => lb01.host.checks.set(NGINX_CHECK.name, false),
    },
    begins: ({ lb01, lb02 }) => {
      for (const { host } of [lb01, lb02]) host.checks.set(NGINX_CHECK.name, false);
    },
    afterMs: NGINX_CHECK.intervalMs * NGINX_CHECK.fall,
    fault: true,
  },
  holder_silent: {
    ordinary: {
      what: "one question of a client is not answered",
      happens: (pair) => {
        pair.lb02.daemon!.clientAnswered(SILENT);
        pair.run(500);
        pair.lb02.daemon!.clientAnswered({ ...SILENT, ok: true });
      },
    },
    begins: (pair) => {
      pair.run(CLIENT_EVERY_MS + CLIENT_TIMEOUT_MS);
      pair.lb02.daemon!.clientAnswered(SILENT);
    },
    afterMs: -CLIENT_EVERY_MS - CLIENT_TIMEOUT_MS,
  },
  two_holders: {
    ordinary: {
      what: "a hand-over",
      happens: ({ cluster, lb02 }) =>
        cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" })),
    },
    begins: ({ cluster }) => cluster.network.partition(["lb01"], ["lb02"]),
    afterMs: MASTER_DOWN_MS,
  },
  stray_address: {
    ordinary: {
      what: "a hand-over that leaves an address for as long as the kernel needs",
      happens: ({ cluster, lb02 }) =>
        cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" })),
    },
    begins: ({ lb02 }) => lb02.host.plantAddress(VIP),
  },
  address_conflict: {
    ordinary: {
      what: "a hand-over in which both nodes announce the address",
      happens: ({ cluster, lb02 }) =>
        cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" })),
    },
    begins: ({ cluster }) => {
      const printer = { name: "printer", interface: "eth1", address: "192.168.31.77" };
      new SimHost(printer, cluster.time, cluster.network).addAddress(VIP);
    },
  },
  adverts_blocked: {
    ordinary: {
      what: "a firewall that is loaded again",
      happens: (pair) => {
        pair.lb02.host.sendError = DROPPED;
        pair.run(900);
        pair.lb02.host.sendError = null;
      },
    },
    begins: ({ lb02 }) => {
      lb02.host.sendError = DROPPED;
    },
  },
  standby_deaf: {
    ordinary: {
      // Two in a row may turn it: what shows them is hardly older when the standby takes over.
      what: "an advert is lost",
      happens: (pair) => {
        pair.cluster.network.filterVrrp("lb01", "lb02");
        pair.run(1000);
        pair.cluster.network.heal();
      },
    },
    begins: ({ cluster }) => cluster.network.filterVrrp("lb01", "lb02"),
  },
  standby_stopped: contact("engine_gone"),
  standby_missing: says(() => null),
  standby_fault: says((instance) => ({ ...instance, state: "fault", faults: ["eth1 is down"] })),
  standby_unwell: says((instance) => ({
    ...instance,
    priority: { configured: 100, effective: 40, reasons: [] },
  })),
  standby_demoted: {
    ordinary: {
      what: "a demote that is taken back",
      happens: async (pair) => {
        await pair.cluster.settle(pair.lb02.daemon!.command({ kind: "demote", instance: "VI_1" }));
        pair.run(ORDINARY_MS);
        await pair.cluster.settle(pair.lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
      },
    },
    begins: ({ cluster, lb02 }) =>
      cluster.settle(lb02.daemon!.command({ kind: "demote", instance: "VI_1" })),
  },
  settings_differ: says((instance) => ({
    ...instance,
    addresses: [{ ...instance.addresses[0]!, address: "192.168.31.6" }],
  })),
  rehearsal_failed: rehearsed("rehearsal_failed"),
  serves_less: rehearsed("serves_less", "lb01"),
  nginx_unloadable: rehearsed("nginx_unloadable"),
  nginx_stale: {
    ...rehearsed("nginx_stale", "lb02", "a person edits a file, and reloads nginx", EDIT_MS),
    // The only one for which a person is waited for.
    afterMs: PAIR_REASONS.nginx_stale.holdMs - PAIR_REASONS.rehearsal_failed.holdMs,
  },
  not_rehearsed: rehearsed("not_rehearsed"),
  certificate_expires: rehearsed("certificate_expires"),
  weight_too_small: {
    ordinary: {
      what: "a reload on one node after the other",
      happens: (pair) => {
        weigh(pair, -10);
        pair.run(ORDINARY_MS);
        weigh(pair, -60);
      },
    },
    begins: (pair) => weigh(pair, -10),
  },
  no_peer: {
    begins: ({ lb01 }) => lb01.reload({ ...lb01.config, peers: [] }),
  },
  peer_silent: contact("silent"),
  peer_not_asked: contact("not_asked"),
  // As 0.1.0 answers: it knows no verdict.
  peer_older: says(({ pair: _, ...instance }) => instance as InstanceStatus),
  client_check_unknown: says((instance) => ({ ...instance, client_check_unknown: "no answer" })),
  clock_offset: {
    ordinary: {
      what: "a clock is set, and then the other one",
      happens: (pair) => {
        pair.clock.offsetMs = 1500;
        pair.run(ORDINARY_MS);
        pair.clock.offsetMs = 0;
      },
    },
    begins: ({ clock }) => {
      clock.offsetMs = 1500;
    },
  },
};

/** A verdict has its reason first; without one only what is not known may be unverified. */
function assertCause(pair: Pair, what: string): void {
  for (const node of [pair.lb01, pair.lb02]) {
    const { verdict, sentence, reasons, ready } = pair.pairOf(node);
    const isUnknown = reasons.length === 0 && ready.length === 0 && / not known/.test(sentence);
    const cause = reasons[0]?.verdict ??
      (isUnknown && verdict !== "protected" ? "unverified" : "protected");
    assert.equal(cause, verdict, `${node.name}, ${what}: ${verdict}: ${sentence}`);
  }
}

function weigh({ lb01 }: Pair, weight: number): void {
  const track = [tracked({ kind: "check", check: NGINX_CHECK.name, weight })];
  lb01.reload({ ...lb01.config, instances: [{ ...lb01.config.instances[0]!, track }] });
}

function pairAt(phaseMs: number, fault = false, check: CheckConfig = NGINX_CHECK): Pair {
  const track = { kind: "check", check: NGINX_CHECK.name } as const;
  const pair = knownPair({ track: [tracked(fault ? track : { ...track, weight: -60 })] }, check);
  pair.lb02.daemon!.clientAnswered({ ...SILENT, ok: true });
  pair.run(SETTLE_MS + phaseMs);
  for (const node of [pair.lb01, pair.lb02]) {
    assert.equal(pair.pairOf(node).sentence, "VI_1 is served by lb01; lb02 is ready");
  }
  return pair;
}

/** As the weights of `pairAt` and a fault are checked: how the other node is known to be unwell. */
for (const fault of [false, true]) {
  const code = fault ? "standby_fault" : "standby_unwell";
  Deno.test(`a standby whose check has passed its fall is ${code} within 2.1 s`, () => {
    for (const phaseMs of PHASES_MS) {
      for (
        const [intervalMs, fall] of [[NGINX_CHECK.intervalMs, NGINX_CHECK.fall], [700, 4], [
          5000,
          3,
        ]]
      ) {
        const check = { ...NGINX_CHECK, intervalMs, fall } as CheckConfig;
        const pair = pairAt(phaseMs, fault, check);
        pair.lb02.host.checks.set(NGINX_CHECK.name, false);
        pair.run(check.intervalMs * check.fall + CHECK_KNOWN_MS);
        const what = `${intervalMs} ms, ${fall} times, phase ${phaseMs} ms`;
        assert.equal(pair.pairOf(pair.lb01).reasons[0]?.code, code, what);
      }
    }
  });

  Deno.test(`a check that fails once is no news (${code})`, () => {
    for (const phaseMs of PHASES_MS) {
      const pair = pairAt(phaseMs, fault);
      pair.lb02.host.checks.set(NGINX_CHECK.name, false);
      pair.run(NGINX_CHECK.intervalMs * (NGINX_CHECK.fall - 1));
      pair.lb02.host.checks.set(NGINX_CHECK.name, true);
      pair.run(SETTLE_MS);
      for (const node of [pair.lb01, pair.lb02]) {
        assert.deepEqual(
          pair.changes(node).filter((it) => it.includes("protected -> unprotected")),
          [],
        );
      }
    }
  });
}

for (const [code, { ordinary, begins, afterMs = 0, fault }] of Object.entries(HOLDS)) {
  const { holdMs, verdict } = PAIR_REASONS[code as PairReasonCode];
  const seconds = holdMs / 1000;
  if (ordinary) {
    Deno.test(`${code} holds ${seconds} s, long enough: ${ordinary.what}`, async () => {
      for (const phaseMs of PHASES_MS) {
        const pair = pairAt(phaseMs, fault);
        await ordinary.happens(pair);
        pair.run(SETTLE_MS);
        const turns = [pair.lb01, pair.lb02].flatMap(pair.changes)
          .filter((message) => message.includes(`-> ${verdict}`));
        assert.deepEqual(turns, [], `phase ${phaseMs} ms`);
      }
    });
  }

  Deno.test(`${code} holds ${seconds} s, not longer than five seconds allow`, async () => {
    for (const phaseMs of PHASES_MS) {
      const pair = pairAt(phaseMs, fault);
      await begins(pair);
      pair.run(LIMIT_MS + afterMs);
      const said = [pair.lb01, pair.lb02].map((node) => pair.pairOf(node).reasons[0]?.code);
      assert.ok(said.includes(code as PairReasonCode), `phase ${phaseMs} ms: ${said}`);
    }
  });
}

for (const [code, { begins, afterMs = 0, fault }] of Object.entries(HOLDS)) {
  Deno.test(`no verdict is without a cause when ${code} comes, and the addresses move after it`, async () => {
    const pair = pairAt(0, fault);
    const { cluster, lb01, lb02 } = pair;
    const watch = (what: string, ms: number) => {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        pair.run(STEP_MS);
        assertCause(pair, `${what}, ${passed} ms`);
      }
    };
    await begins(pair);
    watch("the reason comes", LIMIT_MS + afterMs);
    for (const node of [lb02, lb01, lb02]) {
      // One that is down, or may not, stays as it is.
      if (!node.daemon) continue;
      await cluster.settle(node.daemon.command({ kind: "promote", instance: "VI_1" }));
      assertCause(pair, `${node.name} is promoted`);
      watch(`${node.name} is promoted`, LIMIT_MS);
      await cluster.settle(node.daemon.command({ kind: "release", instance: "VI_1" }));
      watch(`${node.name} is released`, LIMIT_MS);
    }
  });
}
