/**
 * The usual pair, run by either daemon: vipd with config/lb01.yaml and lb02.yaml, keepalived with an equivalent
 * configuration.
 *
 * @module
 */

import type { BalancerName, Cluster } from "./cluster.ts";
import { type Brand, type Daemon, KeepalivedDaemon, VipdDaemon } from "./daemon.ts";
import { keepalivedConfig, ONE_SECOND, PRIORITIES } from "./pair_config.ts";

/** keepalived's usual check of nginx, once a second; one failure is enough. */
const SCRIPT = `global_defs {
    script_user root
}
vrrp_script nginx {
    script "/usr/bin/pgrep -x nginx"
    interval 1
}
`;
const TRACK = `    track_script {
        nginx
    }
`;

/** How long a start may take until a host has the address, in milliseconds. */
const START_MS = 20_000;

/** Starts a daemon on each load balancer; resolves when only lb01 has the address. */
export async function startDaemons(
  cluster: Cluster,
  brands: Readonly<Record<BalancerName, Brand>>,
): Promise<Readonly<Record<BalancerName, Daemon>>> {
  const daemon = (name: BalancerName) => {
    const { host, vipd } = cluster.balancers[name];
    return brands[name] === "vipd"
      ? new VipdDaemon(vipd)
      : new KeepalivedDaemon(host, watchingNginx(PRIORITIES[name]));
  };
  const daemons = { lb01: daemon("lb01"), lb02: daemon("lb02") };
  for (const each of Object.values(daemons)) await each.launch();
  await cluster.holders.heldBy("lb01", START_MS);
  return daemons;
}

function watchingNginx(priority: number): string {
  const config = keepalivedConfig(ONE_SECOND, priority);
  return SCRIPT + config.replace(/\}\n$/, `${TRACK}}\n`);
}
