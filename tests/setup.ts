/**
 * What the tests need besides Deno: Debian packages, installed as root, else named with the command that does.
 *
 * @module
 */

import { LabError } from "../lab/error.ts";
import { ensurePackages, LAB_PROGRAMS } from "../lab/packages.ts";

try {
  const others = [
    "nginx",
    "keepalived",
    "faketime",
    "/usr/lib/frr/vrrpd",
    "tcpdump",
    "/usr/bin/chromium",
    "iptables",
    "nft",
    "mandoc",
    "zsh",
    "fish",
    "promtool",
    "systemd-analyze",
    "setpriv",
    "bindfs",
    "arping",
    "ethtool",
    "jq",
  ] as const;
  await ensurePackages([...LAB_PROGRAMS, ...others], (line) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  });
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
  Deno.exit(1);
}
