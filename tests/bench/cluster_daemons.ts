/**
 * The usual pair run by either daemon: vipd with config/lb01.yaml and lb02.yaml, keepalived with a configuration that
 * says the same.
 *
 * @module
 */

import type { BalancerName, Cluster } from "../../lab/cluster.ts";
import { type Brand, type Daemon, KeepalivedDaemon, VipdDaemon } from "../../lab/daemon.ts";
import { keepalivedConfig } from "../../lab/pair_config.ts";
import { ONE_SECOND, PRIORITIES, SETTLE_MS } from "./pair.ts";

export { SETTLE_MS };

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

/** Starts the daemons on both load balancers; resolves when lb01 alone holds the address. */
export async function clusterDaemons(
  brand: Brand,
  cluster: Cluster,
): Promise<Readonly<Record<BalancerName, Daemon>>> {
  const daemon = (name: BalancerName) => {
    const { host, vipd } = cluster.balancers[name];
    return brand === "vipd"
      ? new VipdDaemon(vipd)
      : new KeepalivedDaemon(host, watchingNginx(PRIORITIES[name]));
  };
  const daemons = { lb01: daemon("lb01"), lb02: daemon("lb02") };
  for (const each of Object.values(daemons)) await each.launch();
  await cluster.holders.heldBy("lb01", SETTLE_MS);
  return daemons;
}

function watchingNginx(priority: number): string {
  const config = keepalivedConfig(ONE_SECOND, priority);
  return SCRIPT + config.replace(/\}\n$/, `${TRACK}}\n`);
}
