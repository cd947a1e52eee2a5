/**
 * The settings that a pair must agree on, of an instance as it is configured: apart from the comparison, which readers
 * of a status have without the protocol.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import type { Settings } from "./settings.ts";

/** The settings of an instance as it is configured: of these everything is known. */
export type ConfigSettings = ReturnType<typeof configSettings>;

export function configSettings(config: InstanceConfig) {
  const { name, interface: interfaceName, vrid, family, version, preempt, addresses } = config;
  return {
    ...{ name, interface: interfaceName, vrid, family, version, preempt },
    advert_interval_ms: centisecondsToMs(config.advertIntervalCs),
    authentication: config.authentication.type,
    addresses: addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
    priority: { configured: config.priority },
  } satisfies Settings;
}
