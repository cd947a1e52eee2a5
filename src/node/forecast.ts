/**
 * The states of the instances if a configuration takes effect, worked out from the first results of its checks and the
 * state of the links, and whether anybody is left to serve then.
 *
 * @module
 */

import type { Config, InstanceConfig } from "../config/model.ts";
import type { CheckVerdict } from "../health/check.ts";
import type { Interfaces } from "../host/interfaces.ts";
import { failoverReadiness } from "../status/peer/failover_readiness.ts";
import { clockOf } from "../status/text/span.ts";
import type { InstanceStatus, NodeStatus } from "../status/status.ts";
import type { FirstResults } from "./checks/first_results.ts";
import { GatewayNetworks, type Networks } from "./links/gateway_networks.ts";
import { type CheckFindings, deviceFaults, trackedFindings } from "./instance/conditions.ts";
import { linkProblem, type LinkState } from "./links/link_states.ts";

/** The state that an instance of a configuration would have. */
export interface InstanceForecast {
  readonly name: string;
  /** Why it would not run, one sentence each. */
  readonly faults: readonly string[];
  /** Why it would serve only if no other node did, one sentence each. */
  readonly unwell: readonly string[];
}

/** The machine and the checks, as they are known before a configuration is in force. */
export interface Prospect {
  readonly host: Pick<Interfaces, "interfaceState" | "interfaceNames">;
  readonly checks: CheckFindings;
}

/** The findings of checks that ran once, and for all others what `status` says of them. */
export function findingsOf(results: FirstResults, status: NodeStatus | null): CheckFindings {
  const running = new Map(status?.checks.map((check) => [check.name, check]));
  const verdictOf = (name: string): CheckVerdict => {
    if (!results.has(name)) return running.get(name)?.state ?? "unknown";
    const result = results.get(name);
    return result ? result.ok ? "up" : "down" : "unknown";
  };
  return {
    verdict: verdictOf,
    number: (name) => {
      const number = results.has(name) ? results.get(name)?.number : running.get(name)?.number;
      return number === undefined ? null : verdictOf(name) === "up" ? number : 0;
    },
    detail: (name) =>
      results.has(name) ? results.get(name)?.detail ?? "" : running.get(name)?.last?.detail ?? "",
  };
}

/** Each instance of the configuration, in its order; the members of a sync group are in fault together. */
export function forecast(config: Config, prospect: Prospect): InstanceForecast[] {
  const networks = new GatewayNetworks(config.instances, prospect.host);
  const own = config.instances.map((instance) =>
    instanceForecast(instance, config, prospect, networks)
  );
  return own.map((one) => {
    const group = config.syncGroups.find(({ instances }) => instances.includes(one.name));
    const failing = own.find((other) =>
      other !== one && other.faults.length > 0 && group?.instances.includes(other.name)
    );
    if (one.faults.length > 0 || group === undefined || failing === undefined) return one;
    const fault = `${failing.name} of its sync group ${group.name} is in fault: ${
      failing.faults[0]
    }`;
    return { ...one, faults: [fault] };
  });
}

function instanceForecast(
  instance: InstanceConfig,
  { instances }: Config,
  { host, checks }: Prospect,
  networks: Networks,
): InstanceForecast {
  // vipd makes these itself when the configuration takes effect.
  const own = new Set(instances.flatMap(({ virtualInterface }) => virtualInterface ?? []));
  const links = { state: (name: string) => own.has(name) ? "up" : linkState(name, host) } as const;
  const { interface: name, trackInterface } = instance;
  const problem = linkProblem(links.state(name));
  const linkFaults = problem && (trackInterface || host.interfaceState(name) === null)
    ? [`interface ${name} ${problem}`]
    : [];
  const devices = deviceFaults(instance, {
    ...{ host, links, networks },
    isVirtualInterface: () => false,
  });
  const tracked = trackedFindings(instance, { links, checks });
  return {
    name: instance.name,
    faults: [...linkFaults, ...devices, ...tracked.faults],
    unwell: tracked.unwell,
  };
}

function linkState(name: string, host: Prospect["host"]): LinkState {
  const state = host.interfaceState(name);
  if (!state) return "absent";
  if (state.up) return "up";
  return state.enabled ? "no_carrier" : "down";
}

/**
 * The instances that can serve now, would be in fault, and of which no other node is known that would serve then. An
 * instance that is in fault already is none: a reload makes that no worse.
 */
export function leftToNobody(
  forecasts: readonly InstanceForecast[],
  status: NodeStatus,
): InstanceForecast[] {
  return forecasts.filter(({ name, faults }) => {
    const now = status.instances.find((instance) => instance.name === name);
    return faults.length > 0 && now !== undefined && canServe(now) &&
      !isServedElsewhere(now, status);
  });
}

function canServe({ state, faults }: InstanceStatus): boolean {
  return (state === "master" || state === "backup") && faults.length === 0;
}

/** Another node serves, or its API says that it would take over. */
function isServedElsewhere(instance: InstanceStatus, status: NodeStatus): boolean {
  const { state, master } = instance;
  if (state === "backup" && master !== null) return true;
  return failoverReadiness(instance, status.peers, clockOf(status)).some(({ able }) =>
    able === true
  );
}
