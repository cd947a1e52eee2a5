/** An instance with a verdict on its pair. */

import type { InstanceStatus, PairReason, Verdict } from "../../../src/status/status.ts";
import { exampleInstance } from "../../front/fake_backend.ts";

const SINCE = "2026-03-01T10:01:20.000Z";

/** Why an instance has this verdict; nothing of a protected one. */
const REASONS: Readonly<Record<Verdict, readonly Omit<PairReason, "since" | "verdict">[]>> = {
  unserved: [{
    ...{ code: "holder_silent", node: "lb01" },
    message: "lb01 holds the address and does not answer clients",
    hint: "see systemctl status nginx on lb01",
  }],
  contested: [{
    ...{ code: "two_holders", node: null },
    message: "lb01 and lb02 are both master",
    hint: "let VRRP through between them",
  }],
  unprotected: [
    {
      ...{ code: "standby_stopped", node: "lb02" },
      message: "vipd does not run on lb02",
      hint: "systemctl start vipd on lb02",
    },
    {
      ...{ code: "clock_offset", node: "lb02" },
      message: "the clock of lb02 is 3600 s ahead",
      hint: "synchronise both clocks",
    },
  ],
  unverified: [{
    ...{ code: "no_peer", node: null },
    message: "no peer's API is configured",
    hint: "name it in peers",
  }],
  protected: [],
};

/** `null`: the instance of a vipd that says nothing of its pair. */
export function instanceWith(
  verdict: Verdict | null,
  changes: Partial<InstanceStatus> = {},
): InstanceStatus {
  const instance = exampleInstance(changes);
  if (verdict === null) return instance;
  const safe = verdict === "protected";
  const pair = {
    verdict,
    since: SINCE,
    sentence: `${instance.name} is served by lb01; ${safe ? "lb02 is ready" : "nobody is ready"}`,
    served_by: "lb01",
    ready: safe ? ["lb02"] : [],
    reasons: REASONS[verdict].map((reason) => ({ ...reason, verdict, since: SINCE })),
  };
  return { ...instance, pair };
}
