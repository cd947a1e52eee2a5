/**
 * The points of an examination, each with the findings that belong to it and the evidence if there are none.
 *
 * @module
 */

import { familyOf } from "../wire/address.ts";
import type { Facts, InstanceFacts } from "./facts.ts";
import type { Finding, FindingCode } from "./finding.ts";

/** A point at which nothing was found. */
export interface Passed {
  /** The instance, or another subject. */
  readonly subject: string;
  /** The evidence. */
  readonly message: string;
}

interface Point<T> {
  /** None of these was found. */
  readonly codes: readonly FindingCode[];
  /** The evidence; `null` if the point could not be examined, or does not concern this machine. */
  readonly seen: (examined: T) => string | null;
}

const INSTANCE_POINTS: readonly Point<InstanceFacts>[] = [
  {
    codes: [
      ...["interface_missing", "interface_down", "interface_without_address"] as const,
      ...["multicast_off", "vrrp_refused", "source_ambiguous"] as const,
    ],
    seen: ({ config, state }) =>
      `${config.interface} is up and has ${own(config.family, state).join(", ")}`,
  },
  {
    codes: ["firewall_drops_vrrp", "firewall_drops_own_adverts", "firewall_unknown"],
    seen: (instance) =>
      isUp(instance)
        ? `the packet filter lets adverts pass on ${instance.config.interface}, in and out`
        : null,
  },
  {
    codes: ["own_address", "address_in_use"],
    seen: (instance) => {
      if (!isHeard(instance) || instance.config.addresses.length === 0) return null;
      const addresses = instance.config.addresses.map(({ address }) => address).join(", ");
      return instance.claims.length === 0
        ? `no other machine answers for ${addresses}`
        : `the pair's master answers for ${addresses}`;
    },
  },
  {
    codes: ["vrid_in_use", "peer_differs", "adverts_unusable"],
    seen: (instance) => {
      if (!isHeard(instance)) return null;
      const { config: { vrid }, heard } = instance;
      const senders = heard?.senders.map(({ address }) => address) ?? [];
      return senders.length === 0
        ? `no other node sends adverts with VRID ${vrid} at present`
        : `${senders.join(", ")} sends adverts with VRID ${vrid} and the same settings`;
    },
  },
  {
    codes: ["arp_unanswered", "arp_from_two", "virtual_mac_arp", "reverse_path_strict"],
    seen: (instance) =>
      isUp(instance) && instance.config.family === "ipv4"
        ? `the kernel answers ARP on ${answeringInterface(instance)} alone, and lets answers arrive`
        : null,
  },
];

const HOST_POINTS: readonly (Point<Facts> & { readonly subject: string })[] = [
  {
    subject: "vipd",
    codes: ["capability_missing"],
    seen: ({ capabilities }) =>
      capabilities === null ? null : "this process may listen to the link",
  },
  {
    subject: "keepalived",
    codes: ["keepalived_running", "keepalived_enabled"],
    seen: () => "keepalived does not run, and does not start at boot",
  },
  {
    subject: "nginx",
    codes: ["nginx_config_invalid", "nginx_cannot_bind"],
    seen: ({ nginx }) => nginx?.test?.ok ? "nginx accepts its configuration" : null,
  },
  {
    subject: "nginx",
    codes: ["nginx_not_running", "nginx_not_listening"],
    seen: ({ nginx, listeners }) =>
      nginx && listeners ? "nginx runs, and listens where the addresses need it" : null,
  },
  {
    subject: "clock",
    codes: ["clock_not_synchronised", "clock_unknown"],
    seen: () => "the clock follows a time source",
  },
  {
    subject: "vipd",
    codes: ["unit_missing", "unit_disabled", "front_unit_missing"],
    seen: ({ unit }) => unit && "vipd.service is there and starts at boot",
  },
  {
    subject: "vipd",
    codes: ["service_refused"],
    seen: ({ service }) =>
      service && `${service.user}, the service's user, can use the configuration`,
  },
  {
    subject: "vipd",
    codes: ["folder_unusable"],
    seen: ({ folders }) =>
      folders.length === 0
        ? null
        : `${folders.map(({ path }) => path).join(", ")}: vipd can write there`,
  },
  {
    subject: "vipd",
    codes: ["token_readable"],
    seen: ({ tokens }) =>
      tokens.length === 0
        ? null
        : `${tokens.map(({ path }) => path).join(", ")}: only those who may can read the token`,
  },
  {
    subject: "vipd",
    codes: ["daemon_unreachable", "api_down"],
    seen: () => "vipd answers on this machine",
  },
];

/** The points of the checklist at which nothing was found, those of the instances first. */
export function passedPoints(facts: Facts, findings: readonly Finding[]): Passed[] {
  const found = new Set(findings.map(({ subject, code }) => `${subject} ${code}`));
  const passed: Passed[] = [];
  function add<T>({ codes, seen }: Point<T>, subject: string, examined: T): void {
    if (codes.some((code) => found.has(`${subject} ${code}`))) return;
    const message = seen(examined);
    if (message !== null) passed.push({ subject, message });
  }
  for (const instance of facts.instances) {
    for (const point of INSTANCE_POINTS) add(point, instance.config.name, instance);
  }
  for (const point of HOST_POINTS) add(point, point.subject, facts);
  return passed;
}

/** The codes that a point covers, of all of them. */
export const COVERED_CODES: readonly FindingCode[] = [...INSTANCE_POINTS, ...HOST_POINTS]
  .flatMap(({ codes }) => codes);

function isUp({ state }: InstanceFacts): boolean {
  return state?.up === true;
}

/** The link was listened to. */
function isHeard(instance: InstanceFacts): boolean {
  return isUp(instance) && instance.openProblem === null;
}

function own(
  family: InstanceFacts["config"]["family"],
  state: InstanceFacts["state"],
): readonly string[] {
  const addresses = state?.addresses.map(({ address }) => address) ?? [];
  return addresses.filter((address) => familyOf(address) === family);
}

function answeringInterface({ config }: InstanceFacts): string {
  return config.virtualInterface ?? config.interface;
}
