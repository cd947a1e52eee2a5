/**
 * From an instance as keepalived understands it to an entry of `instances`.
 *
 * @module
 */

import { formatDuration } from "../../config/values/durations.ts";
import { canonicalIp, type Family, isIpv6LinkLocal } from "../../wire/address.ts";
import { MAX_INTERVAL_CS, PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { Entry, InstanceEntries } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import { resolveGroup } from "../keywords/multicast_group.ts";
import { resolveUnicast } from "../keywords/unicast_peer.ts";
import { DEFAULT_PRIORITY, reportRenamed, vipdName } from "../keywords/values.ts";
import type { PartialAddress, PartialImport, PartialInstance, Said } from "../partial.ts";
import { resolveAuthentication } from "./authentication.ts";
import type { NamedChecks } from "./check.ts";
import { resolveTracks } from "./tracks.ts";

const DEFAULT_ADVERT_INTERVAL_S = 1;
const STRICT_DOWN_TIMER_ADVERTS = 3;

/** The entry of `instances` for `partial`. */
export function resolveInstance(
  partial: PartialInstance,
  all: PartialImport,
  checks: NamedChecks,
  report: Report,
): InstanceEntries {
  const name = vipdName(partial.name);
  reportRenamed(partial.statement, partial.name, name, report);
  reportMissing(partial, report);
  const family = resolveFamily(partial);
  const addresses = resolveAddresses(partial, family, report);
  const said = partial.version ?? all.version;
  const version = family === "ipv6" ? 3 : said?.value ?? 2;
  const strict = partial.strict ?? all.strict;
  const priority = resolvePriority(partial, report);
  const context = { version, strict: strict?.value ?? false } as const;
  return {
    name: { value: name, statement: partial.statement },
    ...optional("interface", partial.interface),
    ...optional("track_interface", resolveTrackInterface(partial)),
    ...optional("source_address", partial.sourceAddress),
    ...optional("unicast", resolveUnicast(partial, report)),
    ...optional("multicast_group", resolveGroup(partial, all, family, report)),
    ...optional("vrid", partial.vrid),
    priority: { value: priority, statement: partial.priority?.statement ?? partial.statement },
    version: { value: version, ...(said ? { statement: said.statement } : {}) },
    advert_interval: resolveInterval(partial, version, report),
    ...resolvePreempt(partial, priority, report),
    ...resolvePreemptDelay(partial, priority, context.strict, report),
    ...optional("down_timer_adverts", resolveDownTimer(partial, all, context.strict, report)),
    ...optional("authentication", resolveAuthentication(partial, context, report)),
    ...optional("checksum", resolveChecksum(partial, version, report)),
    addresses: addresses.map(addressEntry),
    ...optional("accept", resolveAccept(partial, { version, strict }, priority, report)),
    ...optional("virtual_mac", resolveVirtualMac(partial, all)),
    ...list("routes", partial.routes),
    ...list("rules", partial.rules),
    ...list("track", resolveTracks(partial, all, checks, priority, report)),
    ...optional("announce", resolveAnnounce(partial, all, family, context.strict)),
  };
}

/** Reports the keywords that keepalived does not run without. */
function reportMissing(
  { statement, interface: link, vrid, vridWrong }: PartialInstance,
  report: Report,
) {
  const missing = (keyword: string, example: string) => {
    const message = `its \`${keyword}\` is missing`;
    report.add(
      "error",
      statement,
      message,
      `write \`${keyword} ${example}\` into it and import again`,
    );
  };
  if (!vrid && !vridWrong) missing("virtual_router_id", "55");
  if (!link) missing("interface", "eth1");
}

function optional(key: string, entry: Entry | undefined): Record<string, Entry> {
  return entry ? { [key]: entry } : {};
}

function list(key: string, entries: readonly Entry[]): Record<string, readonly Entry[]> {
  return entries.length > 0 ? { [key]: entries } : {};
}

/** Off with `no_accept`; in strict mode too, unless the instance has `accept` with version 3 (keepalived.conf(5)). */
function resolveAccept(
  { accept }: PartialInstance,
  { version, strict }: StrictContext,
  priority: number,
  report: Report,
): Entry | undefined {
  const byStrict = strict?.value && (accept === undefined || (accept.value && version === 2));
  const off = byStrict ? strict : accept?.value === false ? accept : undefined;
  if (!off) return undefined;
  if (priority === PRIORITY_OWNER) {
    if (byStrict) return undefined;
    const message =
      `the owner of the addresses (priority ${PRIORITY_OWNER}) accepts packets for them`;
    report.add("carried_differently", off.statement, message, NOTHING_TO_DO);
    return undefined;
  }
  if (byStrict) {
    report.add(
      "carried_differently",
      off.statement,
      "strict mode refuses packets for the addresses, so it becomes `accept: false`",
      "remove that line from the result if nginx is to answer there",
    );
  }
  return { value: false, statement: off.statement };
}

/** The settings that strict mode depends on. */
interface StrictContext {
  readonly version: 2 | 3;
  readonly strict: Said<boolean> | undefined;
}

function resolvePriority({ state, priority, statement }: PartialInstance, report: Report): number {
  if (priority) {
    if (state?.value === "MASTER" && priority.value !== PRIORITY_OWNER) {
      report.add(
        "carried_differently",
        state.statement,
        "each node starts as backup, and the node with the higher priority becomes master",
        NOTHING_TO_DO,
      );
    }
    return priority.value;
  }
  if (state?.value !== "MASTER") return DEFAULT_PRIORITY;
  report.add(
    "advice",
    statement,
    `\`state MASTER\` without a priority means ${PRIORITY_OWNER}, the owner of the addresses, ` +
      "which weights do not move",
    "choose 1 to 254 unless the addresses are this machine's own",
  );
  return PRIORITY_OWNER;
}

/** Version 2 counts whole seconds (RFC 3768 section 5.3.7), version 3 centiseconds in twelve bits. */
function resolveInterval(partial: PartialInstance, version: 2 | 3, report: Report): Entry {
  const said = partial.advertIntervalS;
  const wantedS = said?.value ?? DEFAULT_ADVERT_INTERVAL_S;
  const intervalMs = version === 2
    ? Math.max(1, Math.round(wantedS)) * 1000
    : Math.min(MAX_INTERVAL_CS, Math.max(1, Math.round(wantedS * 100))) * 10;
  if (said && intervalMs !== Math.round(wantedS * 1000)) {
    report.add(
      "carried_differently",
      said.statement,
      `version ${version} cannot say ${wantedS} s; it becomes ${formatDuration(intervalMs)}, ` +
        "as in keepalived",
      version === 2 ? "choose version 3 on both nodes for shorter intervals" : NOTHING_TO_DO,
    );
  }
  return { value: formatDuration(intervalMs), ...(said ? { statement: said.statement } : {}) };
}

/** `nopreempt` has no effect with `state MASTER` or as the owner (keepalived.conf(5), `nopreempt`). */
function resolvePreempt(
  { noPreempt, state }: PartialInstance,
  priority: number,
  report: Report,
): Record<string, Entry> {
  if (!noPreempt) return {};
  const reason = priority === PRIORITY_OWNER
    ? `with the priority ${PRIORITY_OWNER}`
    : state?.value === "MASTER"
    ? "together with `state MASTER`"
    : null;
  if (reason === null) return { preempt: { value: false, statement: noPreempt } };
  report.add(
    "carried_differently",
    noPreempt,
    `it has no effect ${reason}, so it is omitted`,
    "write `preempt: false` on both nodes if a returning node should not take over",
  );
  return {};
}

/** It delays nothing with `state MASTER`, `nopreempt` or strict mode (keepalived.conf(5), `preempt_delay`). */
function resolvePreemptDelay(
  { preemptDelayS: said, noPreempt, state }: PartialInstance,
  priority: number,
  strict: boolean,
  report: Report,
): Record<string, Entry> {
  if (!said || said.value === 0) return {};
  const reason = priority === PRIORITY_OWNER
    ? `with the priority ${PRIORITY_OWNER}`
    : state?.value === "MASTER"
    ? "together with `state MASTER`"
    : noPreempt
    ? "together with `nopreempt`"
    : strict
    ? "in strict mode"
    : null;
  if (reason === null) {
    const value = formatDuration(Math.max(10, Math.round(said.value * 1000)));
    return { preempt_delay: { value, statement: said.statement } };
  }
  report.add(
    "carried_differently",
    said.statement,
    `it has no effect ${reason}, so it is omitted`,
    "write `preempt_delay` in the result if the delay is wanted",
  );
  return {};
}

/** Strict mode has the three adverts of the RFC (keepalived.conf(5), `down_timer_adverts`). */
function resolveDownTimer(
  { downTimerAdverts }: PartialInstance,
  all: PartialImport,
  strict: boolean,
  report: Report,
): Entry | undefined {
  const said = downTimerAdverts ?? all.downTimerAdverts;
  if (!said || !strict) return said;
  if (said.value !== STRICT_DOWN_TIMER_ADVERTS) {
    report.add(
      "carried_differently",
      said.statement,
      `strict mode has ${STRICT_DOWN_TIMER_ADVERTS}, not ${said.value}`,
      "write `down_timer_adverts` in the result if the other number is wanted",
    );
  }
  return undefined;
}

function resolveTrackInterface({ untracked }: PartialInstance): Entry | undefined {
  return untracked && { value: false, statement: untracked };
}

/** Octets of an interface's name, IFNAMSIZ without its end. */
const NAME_OCTETS = 15;

/** keepalived shortens a prefix whose name would be too long. */
function resolveVirtualMac(
  { virtualMac, vrid }: PartialInstance,
  { macPrefix }: PartialImport,
): Entry | undefined {
  if (virtualMac?.value !== true || macPrefix === undefined || vrid === undefined) {
    return virtualMac;
  }
  const ending = `.${vrid.value}`;
  const name = `${macPrefix.value.slice(0, NAME_OCTETS - ending.length)}${ending}`;
  return { value: { interface: name }, statement: virtualMac.statement };
}

function resolveChecksum(
  { messageChecksum }: PartialInstance,
  version: 2 | 3,
  report: Report,
): Entry | undefined {
  if (!messageChecksum) return undefined;
  if (version === 2) {
    const message = "it has no effect in version 2, whose checksum covers the message alone";
    report.add("carried_differently", messageChecksum, message, "there is nothing to do");
    return undefined;
  }
  return { value: "rfc9568", statement: messageChecksum };
}

/** That of the first address in the adverts, or of their source or destination; IPv4 if there is none. */
export function resolveFamily({ addresses, sourceAddress, peers }: PartialInstance): Family {
  const advertised = addresses.find(({ excluded }) => !excluded)?.address;
  const known = advertised ?? sourceAddress?.value ?? peers?.[0]?.address ?? "";
  return familyInText(known);
}

function familyInText(address: string): Family {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** The addresses as keepalived uses them: in adverts those of one family. */
function resolveAddresses(
  partial: PartialInstance,
  family: Family,
  report: Report,
): PartialAddress[] {
  const kept = partial.addresses.filter((entry) => {
    if (entry.excluded || familyInText(entry.address) === family) return true;
    report.add(
      "ignored",
      entry.statement,
      "adverts name addresses of one family, that of their first one, so keepalived leaves it out",
      "move it to `virtual_ipaddress_excluded`, or write an instance of its own for it",
    );
    return false;
  });
  return linkLocalFirst(kept, report);
}

/** IPv6 adverts begin with a link-local address (RFC 9568 section 5.2.9); keepalived accepts any sequence. */
function linkLocalFirst(addresses: readonly PartialAddress[], report: Report): PartialAddress[] {
  const at = addresses.findIndex(({ address, excluded }) => {
    const plain = canonicalIp(address.split("/")[0]!);
    return plain !== null && !excluded && isIpv6LinkLocal(plain);
  });
  if (at <= 0) return [...addresses];
  const found = addresses[at]!;
  report.add(
    "carried_differently",
    found.statement,
    "it becomes the first address, as a link-local one must be",
    NOTHING_TO_DO,
  );
  return [found, ...addresses.toSpliced(at, 1)];
}

function addressEntry(partial: PartialAddress): Entry {
  const { address, device, label, scope, broadcast, excluded, statement } = partial;
  const options = {
    ...(device === undefined ? {} : { device }),
    ...(label === undefined ? {} : { label }),
    ...(scope === undefined ? {} : { scope }),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(excluded ? { advertise: false } : {}),
  };
  const short = Object.keys(options).length === 0;
  return { value: short ? address : { address, ...options }, statement };
}

function resolveAnnounce(
  partial: PartialInstance,
  all: PartialImport,
  family: Family,
  strict: boolean,
): Entry | undefined {
  const { delayS, repeat, refreshS, refreshRepeat, delayLowerPriorityS, repeatLowerPriority } = {
    ...all.announce,
    ...partial.announce,
    // Strict mode answers a weaker master without announcements (keepalived.conf(5), `vrrp_strict`).
    ...(strict ? { delayLowerPriorityS: 0, repeatLowerPriority: 0 } : {}),
  };
  const intervalS = (family === "ipv4" ? all.garpIntervalS : all.gnaIntervalS)?.value;
  const value = {
    ...(delayS === undefined ? {} : { delay: formatDuration(delayS * 1000) }),
    ...(repeat === undefined ? {} : { repeat }),
    ...(refreshS === undefined ? {} : { refresh: formatDuration(refreshS * 1000) }),
    ...(refreshS && refreshRepeat && refreshRepeat.value > 1
      ? { refresh_repeat: refreshRepeat.value }
      : {}),
    ...(intervalS === undefined
      ? {}
      : { interval: formatDuration(Math.max(1, Math.round(intervalS * 1000))) }),
    ...(repeatLowerPriority === undefined ? {} : { repeat_lower_priority: repeatLowerPriority }),
    ...(delayLowerPriorityS === undefined
      ? {}
      : { delay_lower_priority: formatDuration(delayLowerPriorityS * 1000) }),
  };
  return Object.keys(value).length > 0 ? { value, statement: partial.statement } : undefined;
}
