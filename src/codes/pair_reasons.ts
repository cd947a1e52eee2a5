/**
 * The meanings of the verdicts on a pair and of their reasons, and what helps. docs/verdict.md is written from this.
 *
 * @module
 */

import type { Verdict } from "../status/status.ts";
import type { PairReasonCode } from "../status/codes/verdicts.ts";

export const VERDICT_MEANINGS: Readonly<Record<Verdict, string>> = {
  protected: "one node serves, and at least one standby is ready to take over",
  unverified: "one node serves, but not enough is known of a standby",
  unprotected: "one node serves, but not every name, or nobody takes over if it fails",
  contested: "two machines have the addresses",
  unserved: "no node has the addresses, or the one that has does not answer",
};

export interface ReasonText {
  readonly meaning: string;
  /** A step against it. */
  readonly remedy: string;
}

export const PAIR_REASON_TEXTS: Readonly<Record<PairReasonCode, ReasonText>> = {
  nobody_serves: {
    meaning:
      "no node has the addresses: all peers answer and none of them is master, or the master does not hold them",
    remedy: "remove what keeps the nodes from serving; `vipd status` on each shows it",
  },
  holder_silent: {
    meaning: "the standby's client check gets no answer from the virtual address",
    remedy: "look at the service on the master, or `vipd promote` on the standby",
  },
  two_holders: {
    meaning: "two nodes are master",
    remedy:
      "let VRRP pass between the nodes: if a rule of nf_tables drops it, the message names it; else `vipd doctor` on both",
  },
  stray_address: {
    meaning: "a node that is not master has an address that vipd did not add",
    remedy: "remove it where the message says, and from that machine's network configuration",
  },
  address_conflict: {
    meaning: "a machine that is no node of the pair has an address too; a node sees it on the link",
    remedy: "remove the address from the machine that the message names",
  },
  serves_less: {
    meaning:
      "clients fail now: nginx on the node that serves lacks a name that the other node's has, does not answer, or has a " +
      "certificate that has expired or is for another name",
    remedy:
      "correct nginx there, or `vipd promote` on the other node if that one would serve more; give a name that is one " +
      "node's alone to `rehearse.except` there",
  },
  standby_deaf: {
    meaning: "the standby hears no adverts of the master",
    remedy:
      "let protocol 112 pass: the message names the rule; without one, `vipd doctor` on both nodes, then the switch",
  },
  adverts_blocked: {
    meaning: "a node's own firewall drops its adverts on their way out",
    remedy:
      "let protocol 112 out there: the message names the rule; without one, `vipd doctor` there",
  },
  standby_stopped: {
    meaning:
      "vipd does not run on the standby, or its front does not: the machine refuses connections to the API, or the front answers that its engine does not",
    remedy:
      "`systemctl status vipd vipd-front` there, or the log of vipd without systemd, says why; start it",
  },
  standby_missing: {
    meaning: "the standby has no such instance",
    remedy: "add it there, then `vipd reload`",
  },
  standby_fault: {
    meaning: "the standby is in fault or has not started",
    remedy: "remove the cause, which the message names",
  },
  standby_unwell: {
    meaning: "a check of the standby fails, or it is held back after too many moves",
    remedy: "repair what the message names; `vipd promote` there ends a hold",
  },
  standby_demoted: {
    meaning: "a person has demoted the standby",
    remedy: "`vipd release` there",
  },
  settings_differ: {
    meaning: "VRID, version, advert interval, authentication or addresses differ",
    remedy: "make them the same, then `vipd reload` on both",
  },
  weight_too_small: {
    meaning:
      "even with all checks failed, the master's priority stays above the standby's; the master reports it",
    remedy: "a larger weight, or none: then a failure is a fault",
  },
  rehearsal_failed: {
    meaning:
      "the standby's nginx lacks a name that the other node's serves, does not answer, has a worse certificate, or " +
      "answers otherwise",
    remedy:
      "correct nginx there, or give a name that is one node's alone to `rehearse.except` there; `vipd rehearse` " +
      "shows each name",
  },
  nginx_unloadable: {
    meaning:
      "files of nginx on either node cannot be loaded: one that they name is missing, or one that it has not loaded is cut " +
      "off or no file; a reload failed, or will",
    remedy: "correct the file that the message names; then `nginx -t`, and reload nginx there",
  },
  nginx_stale: {
    meaning:
      "a file of nginx on either node is newer than nginx's workers: a reload failed, or there was none",
    remedy: "`nginx -t`, then reload nginx there",
  },
  not_rehearsed: {
    meaning: "the standby's nginx could not be asked for every name; the message says why",
    remedy: "see [rehearsal.md](rehearsal.md#not-rehearsed)",
  },
  certificate_expires: {
    meaning: "a certificate expires within `rehearse.warn_before`, or has expired on both nodes",
    remedy: "renew it and reload nginx",
  },
  no_peer: {
    meaning: "`peers` names no other node, as next to keepalived",
    remedy:
      "`vipd pair` on one node and `vipd pair --join` on the other name each other's API in `peers`",
  },
  peer_silent: {
    meaning: "the peer's API does not answer",
    remedy:
      "`systemctl status vipd vipd-front` there, or the log of vipd without systemd; firewall, `url`, `token_file` and `ca` of `peers`",
  },
  peer_not_asked: {
    meaning:
      "this node cannot ask the peer's API: its front does not run, it cannot read `token_file`, or token, certificate or `url` do not fit that API",
    remedy:
      "the message names it: make the file readable for the user of `vipd run` here, or `vipd pair` on both nodes again",
  },
  peer_older: {
    meaning:
      "the standby runs a vipd that gives no verdict, because it is older: it neither rehearses nor asks the address",
    remedy: "upgrade vipd there",
  },
  client_check_unknown: {
    meaning:
      "the standby is to ask the address as a client and has no answer to judge by: it has never got one, or its front " +
      "does not ask",
    remedy:
      "the service on the master; `client_check` of the instance; `vipd-front` on the standby",
  },
  clock_offset: {
    meaning: "the nodes' clocks differ by more than a second",
    remedy: "chrony or systemd-timesyncd",
  },
};
