/**
 * Asks the link, before `vipd init` writes anything, whether somebody has the virtual addresses (RFC 5227 section 2.1,
 * RFC 4861 section 7.2) or uses the VRID.
 *
 * @module
 */

import type { InstanceConfig } from "../../../config/model.ts";
import type { Finding } from "../../../doctor/finding.ts";
import type { InstanceFacts } from "../../../doctor/facts.ts";
import { claimFindings, speakerFindings } from "../../../doctor/link_rules.ts";
import type { Reconsidered } from "./dialogue.ts";

/** Another machine has the address, or another pair the VRID: vipd cannot serve with this configuration. */
export interface LinkConflict extends Reconsidered {
  readonly text: string;
}

export interface LinkProbe {
  readonly conflicts: readonly LinkConflict[];
  /** Other oddities, and why something could not be asked. */
  readonly notes: readonly string[];
}

/** Takes as long as a few adverts. */
export async function probeLink(instances: readonly InstanceConfig[]): Promise<LinkProbe> {
  // Imported here, so that no other command opens libc.
  const [{ openLinuxHost }, { linkFacts }] = await Promise.all([
    import("../../../daemon/linux_process.ts"),
    import("../../machine/link.ts"),
  ]);
  const host = openLinuxHost(() => {});
  try {
    const facts = await linkFacts(instances, host);
    const found = facts.map((it) => ({
      facts: it,
      findings: [...claimFindings(it), ...speakerFindings(it)],
    }));
    const unasked = facts.flatMap(({ config, state, openProblem }) => {
      const reason = state?.up ? openProblem : "it is down";
      return reason === null ? [] : [`nobody was asked on ${config.interface}: ${reason}`];
    });
    const notes = found.flatMap(({ findings }) => findings.filter((it) => !conflicts(it)));
    return {
      conflicts: found.flatMap(({ facts, findings }) =>
        findings.filter(conflicts).map((finding) => ({
          text: sentence(finding),
          ...reconsidered(finding, facts),
        }))
      ),
      notes: [...unasked, ...notes.map(sentence)],
    };
  } finally {
    await host.close();
  }
}

/** The answer to which the finding belongs, and what the link says is right. */
export function reconsidered(
  { code }: Pick<Finding, "code">,
  { config, heard, others }: Pick<InstanceFacts, "config" | "heard" | "others">,
): Reconsidered {
  const own = config.addresses.map(({ address }) => address);
  const sharing = others.find(({ senders }) =>
    senders.some(({ role, addresses }) =>
      role === "master" && addresses.some((address) => own.includes(address))
    )
  );
  // The other node of this pair, which has another number.
  if (code === "address_in_use" && sharing) return { answer: "vrid", proposal: `${sharing.vrid}` };
  if (code === "address_in_use") return { answer: "addresses" };
  const used = new Set([heard?.vrid, config.vrid, ...others.map(({ vrid }) => vrid)]);
  let free = config.vrid;
  for (let count = 0; count < 255 && used.has(free); count++) free = free % 255 + 1;
  return { answer: "vrid", ...(!used.has(free) && { proposal: String(free) }) };
}

function conflicts({ code }: Finding): boolean {
  return code === "address_in_use" || code === "vrid_in_use";
}

function sentence({ message, code }: Finding): string {
  return `${message} [${code}]`;
}
