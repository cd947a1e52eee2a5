/**
 * Asks the link, before `vipd init` writes anything, whether somebody has the virtual addresses (RFC 5227 section 2.1,
 * RFC 4861 section 7.2) or uses the VRID.
 *
 * @module
 */

import type { InstanceConfig } from "../../../config/model.ts";
import type { Finding } from "../../../doctor/finding.ts";
import { claimFindings, speakerFindings } from "../../../doctor/link_rules.ts";

export interface LinkProbe {
  /** Another machine has the address, or another pair the VRID: vipd cannot serve with this configuration. */
  readonly conflicts: readonly string[];
  /** Other oddities, and why something could not be asked. */
  readonly notes: readonly string[];
}

/** Takes as long as a few adverts. */
export async function probeLink(instances: readonly InstanceConfig[]): Promise<LinkProbe> {
  // Imported here, so that no other command opens libc.
  const [{ openLinuxHost }, { linkFacts }] = await Promise.all([
    import("../../../daemon/linux_process.ts"),
    import("../doctor/link.ts"),
  ]);
  const host = openLinuxHost(() => {});
  try {
    const facts = await linkFacts(instances, host);
    const findings = facts.flatMap((it) => [...claimFindings(it), ...speakerFindings(it)]);
    const unasked = facts.flatMap(({ config, state, openProblem }) => {
      const reason = state?.up ? openProblem : "it is down";
      return reason === null ? [] : [`nobody was asked on ${config.interface}: ${reason}`];
    });
    return {
      conflicts: findings.filter(conflicts).map(sentence),
      notes: [...unasked, ...findings.filter((it) => !conflicts(it)).map(sentence)],
    };
  } finally {
    await host.close();
  }
}

function conflicts({ code }: Finding): boolean {
  return code === "address_in_use" || code === "vrid_in_use";
}

function sentence({ message, code }: Finding): string {
  return `${message} [${code}]`;
}
