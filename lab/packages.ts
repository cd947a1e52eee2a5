/**
 * Installs the Debian packages that the lab needs, if they are missing.
 *
 * @module
 */

import { LabError } from "./error.ts";

/** Program, with its path if it is on no search path -> Debian package that contains it. */
const PACKAGES = {
  "/usr/bin/chromium": "chromium",
  arping: "iputils-arping",
  bindfs: "bindfs",
  chrt: "util-linux",
  curl: "curl",
  debootstrap: "debootstrap",
  ethtool: "ethtool",
  faketime: "faketime",
  "/usr/lib/frr/vrrpd": "frr",
  fish: "fish",
  hostname: "hostname",
  ip: "iproute2",
  iptables: "iptables",
  nft: "nftables",
  jq: "jq",
  keepalived: "keepalived",
  mandoc: "mandoc",
  "mkfs.ext4": "e2fsprogs",
  mount: "mount",
  nginx: "nginx",
  nsenter: "util-linux",
  openssl: "openssl",
  pkill: "procps",
  prlimit: "util-linux",
  promtool: "prometheus",
  "qemu-img": "qemu-utils",
  "qemu-system-x86_64": "qemu-system-x86",
  setsid: "util-linux",
  setpriv: "util-linux",
  ssh: "openssh-client",
  "systemd-analyze": "systemd",
  tcpdump: "tcpdump",
  unshare: "util-linux",
  zsh: "zsh",
} as const;

export type Program = keyof typeof PACKAGES;

/** The programs that every lab needs. */
export const LAB_PROGRAMS: readonly Program[] = [
  "chrt",
  "curl",
  "hostname",
  "ip",
  "mount",
  "nsenter",
  "pkill",
  "setsid",
  "unshare",
];

/** Debian's package scripts run it before they start a service; 101 means no (invoke-rc.d(8)). */
const POLICY_FILE = "/usr/sbin/policy-rc.d";

/** The Debian packages with the programs that are not installed. */
function missingPackages(programs: readonly Program[]): string[] {
  const missing = programs.filter((program) => !isOnPath(program));
  return [...new Set(missing.map((program) => PACKAGES[program]))];
}

/**
 * Installs missing packages; does not start the services in them.
 *
 * @param tell Gets a line about the packages before their installation.
 * @throws {LabError} If it cannot; the message has the command to run.
 */
export async function ensurePackages(
  programs: readonly Program[],
  tell: (line: string) => void,
): Promise<void> {
  const missing = missingPackages(programs);
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install --yes --no-install-recommends ${
    missing.join(" ")
  }`;
  if (Deno.uid() !== 0) {
    throw new LabError(`Missing: ${missing.join(", ")}\nInstall with: sudo sh -c '${command}'`);
  }
  if (!isOnPath("apt-get")) {
    throw new LabError(
      `Missing: ${missing.join(", ")}\nInstall with this system's package manager`,
    );
  }
  tell(`Installing ${missing.join(", ")} (${command})`);
  await withoutServiceStarts(async () => {
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", command],
      env: { DEBIAN_FRONTEND: "noninteractive" },
      stdout: "null",
      stderr: "piped",
    }).output();
    if (code === 0) return;
    const said = new TextDecoder().decode(stderr).trim();
    throw new LabError(
      `Could not install ${missing.join(", ")}: ${said}\nTry it yourself: ${command}`,
    );
  });
}

async function withoutServiceStarts(install: () => Promise<void>): Promise<void> {
  try {
    await Deno.writeTextFile(POLICY_FILE, "#!/bin/sh\nexit 101\n", {
      mode: 0o755,
      createNew: true,
    });
  } catch (error) {
    // The machine has its own policy, which stays.
    if (error instanceof Deno.errors.AlreadyExists) return await install();
    throw error;
  }
  try {
    await install();
  } finally {
    await Deno.remove(POLICY_FILE);
  }
}

function isOnPath(program: string): boolean {
  if (program.startsWith("/")) return isFile(program);
  const folders = `${Deno.env.get("PATH") ?? ""}:/usr/bin:/bin:/usr/sbin:/sbin`.split(":");
  return folders.some((folder) => folder !== "" && isFile(`${folder}/${program}`));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
