/**
 * A lab host with files of its own: what it changes in /etc, /usr and /var is its alone and gone with it.
 *
 * @module
 */

import type { LabHost } from "../../lab/host.ts";

const SCRIPT = `
set -e
mount -t tmpfs -o mode=755 tmpfs /run/lab
for folder in etc usr var; do
  mkdir -p /run/lab/$folder /run/lab/$folder.work
  mount -t overlay -o "lowerdir=/$folder,upperdir=/run/lab/$folder,workdir=/run/lab/$folder.work" overlay /$folder
done
rm -rf /etc/vipd /var/lib/vipd /var/cache/vipd /var/cache/vipd-front /var/cache/vipd-root /usr/local/bin/vipd
rm -f /etc/systemd/system/vipd.service /etc/systemd/system/vipd-front.service
`;

/** Needs root, for an overlay of the whole machine. */
export async function ownFiles(host: LabHost): Promise<void> {
  await host.run(["sh", "-c", SCRIPT]);
}
