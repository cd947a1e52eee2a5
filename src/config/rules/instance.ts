/**
 * Rules within one instance: keys that do not go together.
 *
 * @module
 */

import { familyOf } from "../../wire/address.ts";
import { MAX_INTERVAL_CS, PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { PartialInstance } from "../partial.ts";
import type { InstanceValues } from "../schema/instance.ts";
import { formatDuration } from "../values/durations.ts";
import { quote } from "../values/result.ts";
import { KERNEL_NAME_OCTETS, octetLength } from "../values/values.ts";
import { maximumAddresses } from "../values/virtual_address.ts";
import { virtualInterfaceName } from "../values/virtual_mac.ts";
import { errorAt, type Finding, pathText, warningAt } from "../findings.ts";
import { hostFindings } from "./host.ts";
import { leaseRule } from "./lease.ts";
import { transportFindings } from "./transport.ts";

/** All findings of one instance by itself. */
export function instanceFindings(instance: PartialInstance): Finding[] {
  return [
    ...advertIntervalRule(instance),
    ...leaseRule(instance),
    ...authenticationRules(instance),
    ...ownerRules(instance),
    ...preemptDelayRule(instance),
    ...familyRules(instance),
    ...advertiseRule(instance),
    ...countRule(instance),
    ...labelRules(instance),
    ...transportFindings(instance),
    ...hostFindings(instance),
  ];
}

/** Version 2 counts whole seconds in one octet (RFC 3768 section 5.3.7), version 3 centiseconds in twelve bits. */
function advertIntervalRule({ path, values }: PartialInstance): Finding[] {
  const { version, advert_interval: intervalMs } = values;
  if (version === undefined || intervalMs === undefined) return [];
  const at = [...path, "advert_interval"];
  const text = formatDuration(intervalMs);
  if (version === 2) {
    if (intervalMs % 1000 === 0 && intervalMs >= 1000 && intervalMs <= 255_000) return [];
    return [errorAt(
      at,
      "invalid_advert_interval",
      `VRRP version 2 counts whole seconds, ${text} is not a number of them`,
      "choose 1s to 255s, or `version: 3` on both nodes for shorter ones",
    )];
  }
  const maximumMs = MAX_INTERVAL_CS * 10;
  if (intervalMs % 10 === 0 && intervalMs <= maximumMs) return [];
  return [errorAt(
    at,
    "invalid_advert_interval",
    intervalMs > maximumMs
      ? `VRRP version 3 cannot say ${text}`
      : `VRRP version 3 counts hundredths of a second, ${text} lies between two`,
    "choose 10ms to 40.95s in steps of 10ms",
  )];
}

/** RFC 9568 section 9: version 3 itself has no authentication; the trailer of a draft goes with both. */
function authenticationRules({ path, values }: PartialInstance): Finding[] {
  const { authentication } = values;
  const at = [...path, "authentication"];
  if (authentication?.type === "hmac") return hmacRules(at, authentication);
  if (values.version !== 3 || authentication?.type !== "pass") return [];
  return [errorAt(
    at,
    "authentication_version",
    "VRRP version 3 has no passwords",
    "remove `authentication`, sign with `type: hmac`, or choose `version: 2` on both nodes",
  )];
}

type HmacValues = Extract<InstanceValues["authentication"], { type: "hmac" }>;

function hmacRules(at: Finding["path"], { keys, active_key: active }: HmacValues): Finding[] {
  const findings: Finding[] = [];
  for (const [index, { id, key, key_file }] of keys.entries()) {
    const path = [...at, "keys", index];
    if ((key === undefined) === (key_file === undefined)) {
      const message = key === undefined ? "it has no key" : "it has a key and a key file";
      findings.push(errorAt(path, "invalid_key", message, "write `key` or `key_file`"));
    }
    const earlier = keys.findIndex((other) => other.id === id);
    if (earlier < index) {
      const message = `${pathText([...at, "keys", earlier])} has the number ${id} too`;
      findings.push(errorAt([...path, "id"], "duplicate_key_id", message, "choose another one"));
    }
  }
  if (active !== undefined && !keys.some(({ id }) => id === active)) {
    findings.push(errorAt(
      [...at, "active_key"],
      "unknown_key_id",
      `there is no key with the number ${active}`,
      `choose one of ${keys.map(({ id }) => id).join(", ")}, or add the key`,
    ));
  }
  return findings;
}

function ownerRules({ path, values, track }: PartialInstance): Finding[] {
  if (values.priority !== PRIORITY_OWNER) return [];
  const findings: Finding[] = [];
  if (values.accept === false) {
    // RFC 9568 section 6.4.3: the owner accepts packets whatever Accept_Mode says.
    findings.push(errorAt(
      [...path, "accept"],
      "accept_owner",
      `the owner of the addresses (priority ${PRIORITY_OWNER}) always accepts packets for them`,
      "choose a priority of 254 or less, or remove `accept: false`",
    ));
  }
  if (values.preempt === false) {
    // RFC 9568 section 6.1: the owner preempts whatever Preempt_Mode says.
    findings.push(errorAt(
      [...path, "preempt"],
      "preempt_owner",
      `the owner of the addresses (priority ${PRIORITY_OWNER}) always takes over`,
      "choose a priority of 254 or less, or remove `preempt: false`",
    ));
  }
  for (const entry of track) {
    if (entry.value.when_down === "last_resort") {
      findings.push(errorAt(
        [...entry.path, "when_down"],
        "last_resort_owner",
        `the owner of the addresses (priority ${PRIORITY_OWNER}) lets nobody else go first`,
        "choose a priority of 254 or less, or remove `when_down`",
      ));
    }
    if (entry.value.weight === undefined) continue;
    findings.push(warningAt(
      [...entry.path, "weight"],
      "owner_weight",
      `a weight does not move the priority ${PRIORITY_OWNER} of an owner`,
      "leave the weight away, or choose a priority of 254 or less",
    ));
  }
  return findings;
}

/** A delay that has no effect is a misunderstanding about who becomes master when. */
function preemptDelayRule({ path, values }: PartialInstance): Finding[] {
  const { preempt, priority, preempt_delay: delayMs } = values;
  if (delayMs === undefined || delayMs === 0) return [];
  const at = [...path, "preempt_delay"];
  if (priority === PRIORITY_OWNER) {
    return [errorAt(
      at,
      "preempt_delay_unused",
      `the owner of the addresses (priority ${PRIORITY_OWNER}) takes over at once`,
      "remove `preempt_delay`, or choose a priority of 254 or less",
    )];
  }
  if (preempt !== false) return [];
  return [errorAt(
    at,
    "preempt_delay_unused",
    "with `preempt: false` a master of lower priority is not replaced at all",
    "remove `preempt_delay` or `preempt: false`",
  )];
}

/** Adverts name addresses of one family (RFC 9568 section 5.2.9). */
function familyRules({ addresses, family }: PartialInstance): Finding[] {
  const advertised = addresses.filter(({ value }) => value.advertise);
  const [first] = advertised;
  return advertised.filter(({ value }) => familyOf(value.address.address) !== family)
    .map(({ path, value }) =>
      errorAt(
        path,
        "mixed_families",
        `${value.address.address} is of another family than ${first!.value.address.address}`,
        "move it to an instance of its own, which may have the same VRID, or write `advertise: false`",
      )
    );
}

/** An advert names one address at least (RFC 9568 section 5.2.5, erratum 8299), usually the first one. */
function advertiseRule({ path, family, addresses }: PartialInstance): Finding[] {
  const [first] = addresses;
  if (first?.value.advertise || family === undefined) return [];
  if (!first || addresses.every(({ value }) => !value.advertise)) {
    return [warningAt(
      [...path, "addresses"],
      "no_addresses",
      "its adverts name no address: routers that follow RFC 9568 discard them",
      "list at least one that is advertised, unless every node of this VRID advertises none",
    )];
  }
  return [errorAt(
    [...first.path, "advertise"],
    "first_not_advertised",
    "the first address must be advertised",
    "put an address that is advertised first",
  )];
}

function countRule({ path, values, addresses, family }: PartialInstance): Finding[] {
  if (family === undefined || values.version === undefined) return [];
  const authentication = values.authentication?.type ?? "none";
  const maximum = maximumAddresses(values.version, family, authentication);
  const count = addresses.filter(({ value }) => value.advertise).length;
  if (count <= maximum) return [];
  return [warningAt(
    [...path, "addresses"],
    "too_many_addresses",
    `${count} addresses, but an advertisement holds ${maximum}: the others are carried, not advertised`,
    "write `advertise: false` at those that need not be advertised, or spread them over several instances",
  )];
}

function labelRules({ values, addresses, family }: PartialInstance): Finding[] {
  return addresses.flatMap(({ path, value }) => {
    if (value.label === undefined) return [];
    const at = [...path, "label"];
    const made = family && virtualInterfaceName(values, family);
    const device = value.device ?? made ?? values.interface;
    const problem = labelProblem(value.label, value.address.address);
    if (problem) return [errorAt(at, "invalid_label", problem.message, problem.hint)];
    if (device === undefined || value.label === device || value.label.startsWith(`${device}:`)) {
      return [];
    }
    return [warningAt(
      at,
      "label_prefix",
      `${quote(value.label)} does not begin with its device's name`,
      `write "${labelFor(device)}", or ifconfig does not show the address`,
    )];
  });
}

/** A label that the kernel takes: a long name of a device leaves no room for a number after it. */
function labelFor(device: string): string {
  const numbered = `${device}:1`;
  return octetLength(numbered) <= KERNEL_NAME_OCTETS ? numbered : device;
}

function labelProblem(label: string, address: string): { message: string; hint: string } | null {
  if (familyOf(address) === "ipv6") {
    return { message: "an IPv6 address has no label", hint: "remove the label" };
  }
  if (octetLength(label) > KERNEL_NAME_OCTETS) {
    return {
      message: `${quote(label)} is longer than ${KERNEL_NAME_OCTETS} octets`,
      hint: "shorten it, such as eth1:1",
    };
  }
  if (/[\s/\p{Cc}]/u.test(label)) {
    return {
      message: `${quote(label)} has a character that no label has`,
      hint: "use the device's name, a colon and a number, such as eth1:1",
    };
  }
  return null;
}
