/**
 * The control file of the Debian package and the scripts that it runs (Debian Policy, chapters 5 and 6).
 *
 * @module
 */

import { ENGINE, FRONT, SERVICE_UNITS } from "../src/daemon/service/unit.ts";
import { VERSION } from "../src/version.ts";

const MAINTAINER = "vipd <root@localhost>";

export const DEBIAN_CHANGELOG = `vipd (${VERSION}) unstable; urgency=medium

  * See /usr/share/doc/vipd/NEWS.md.gz

 -- ${MAINTAINER}  Thu, 01 Jan 1970 00:00:00 +0000
`;

export interface PackageFacts {
  readonly architecture: string;
  readonly sizeKib: number;
}

/** The text of `control`. */
export function controlText({ architecture, sizeKib }: PackageFacts): string {
  return `Package: vipd
Version: ${VERSION}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${sizeKib}
Depends: libc6 (>= 2.27), libgcc-s1
Recommends: nginx
Section: net
Priority: optional
Description: keeps a virtual IP address alive on a pair of load balancers
 Two nodes, one address: the backup takes over when the master, its network or
 its nginx fails. Speaks VRRP, version 2 and 3, with keepalived too. With an
 HTTP API; vipd init writes the configuration.
`;
}

/** The users of the units, sysusers.d(5). */
export const SYSUSERS = SERVICE_UNITS
  .map(({ user, purpose }) => `u ${user} - "${purpose}" / /usr/sbin/nologin\n`).join("");

/**
 * The configuration is the administrator's own: vipd init writes it, no version of the package brings or changes it,
 * and only a purge removes it. Without one nothing is started (the units' ConditionFileNotEmpty).
 */
export const MAINTAINER_SCRIPTS: Readonly<Record<string, string>> = {
  postinst: `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers vipd.conf
  else
    for user in ${SERVICE_UNITS.map(({ user }) => user).join(" ")}; do
      if getent passwd $user >/dev/null; then continue; fi
      useradd --system --user-group --no-create-home --shell /usr/sbin/nologin $user
    done
  fi
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    # An upgrade: the running engine hands over, and the new one takes its place, with a new front.
    systemctl try-restart ${ENGINE.name}
  fi
  if [ ! -e /etc/vipd/vipd.yaml ]; then
    echo "vipd: next: vipd init, then systemctl enable --now vipd"
  fi
fi
`,
  prerm: `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now ${ENGINE.name}
  # It stops with the engine, but nobody waits for that, and it may run alone.
  systemctl stop ${FRONT.name}
fi
`,
  postrm: `#!/bin/sh
set -e
if [ "$1" = upgrade ] && [ -d /run/systemd/system ] && ! /usr/bin/vipd help front >/dev/null 2>&1; then
  # A downgrade to a version that is one service: its API needs the port, and nothing else would end the front.
  systemctl stop ${FRONT.name}
fi
if [ "$1" = remove ] || [ "$1" = purge ]; then
  if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
  # The token outlives a restart, not the package.
  rm -rf /run/vipd
fi
if [ "$1" = purge ]; then
  rm -rf /etc/vipd /var/lib/vipd /var/cache/vipd /var/cache/vipd-front /var/cache/vipd-root
fi
`,
};
