/** An engine for its end of the link: what it answers is what a test says. */

import type { MachineFacts } from "../../src/status/node_config.ts";
import type { EngineSide } from "../../src/ipc/front_session.ts";
import type { CommandOutcome, FrontSettings, TokenVerdict } from "../../src/ipc/messages.ts";
import { Journal } from "../../src/status/journal.ts";
import type { ClientReport } from "../../src/status/reports/client_report.ts";
import type { PeerReport } from "../../src/status/reports/peer_answer.ts";
import type { NodeStatus, StatusParts } from "../../src/status/status.ts";
import { exampleStatus } from "../front/fake_backend.ts";

export const SETTINGS: FrontSettings = {
  node: "lb01",
  listen: [{ kind: "unix", path: "api.sock" }],
  socketMode: 0o660,
  readingNeedsToken: false,
  peers: [],
  instances: 1,
  clients: [],
  notify: [],
  syncGroups: [],
};

export class FakeEngine implements EngineSide {
  readonly journal = new Journal(() => Date.UTC(2026, 2, 1, 10));
  readonly run = "run1";
  firstEntryId = 1;
  status: NodeStatus = exampleStatus();
  verdict: TokenVerdict = "change";
  outcome: CommandOutcome = { kind: "failed", message: "not said" };
  /** The instances whose address is to be asked. */
  wanted: readonly string[] = [];
  /** Of the kernel, as they are, and as they were at the last look. */
  settings: MachineFacts["settings"] = {};
  seen: MachineFacts["settings"] = {};
  /** Everything that the front has said, in order. */
  readonly heard: unknown[][] = [];

  statusParts(): StatusParts {
    const { instances, peers, ...head } = this.status;
    return {
      head: () => head,
      instances: instances.map((instance) => ({ name: instance.name, make: () => instance })),
      peers: peers.map((peer) => ({ name: peer.name, make: () => peer })),
    };
  }

  figures() {
    return { cpuSeconds: 1, residentOctets: 2, lag: { lastMs: 3, worstMs: 4 } };
  }

  judge(token: string | null): Promise<TokenVerdict> {
    this.heard.push(["judge", token]);
    return Promise.resolve(this.verdict);
  }

  command(...command: Parameters<EngineSide["command"]>): Promise<CommandOutcome> {
    this.heard.push(["command", ...command]);
    return Promise.resolve(this.outcome);
  }

  readSecret(path: string): Promise<string> {
    return path === "/secret"
      ? Promise.resolve("s3cr3t")
      : Promise.reject(new Error(`the configuration does not name ${path}`));
  }

  machine(look: boolean): MachineFacts {
    if (look) this.seen = this.settings;
    return { kernel: "6.1.0", settings: this.seen };
  }

  peerReported(name: string, report: PeerReport, clockOffsetMs: number | null): number {
    const said = ["peer", name, report.ok ? report.answer.node : report.error];
    const rehearsed = report.rehearsed ? [report.rehearsed] : [];
    this.heard.push([...said, ...(clockOffsetMs === null ? [] : [clockOffsetMs]), ...rehearsed]);
    return 1234;
  }

  clientsWanted(): readonly string[] {
    return this.wanted;
  }

  clientAnswered(report: ClientReport): void {
    this.heard.push(["client", report]);
  }

  record(...entry: Parameters<EngineSide["record"]>): void {
    this.journal.record(...entry);
  }

  notifications(...said: Parameters<EngineSide["notifications"]>): void {
    this.heard.push(["notifications", ...said]);
  }
}
