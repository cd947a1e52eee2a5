/**
 * The contents of a guest's disk: Debian 12 with systemd, nginx and ssh, and settings that let it start quickly on an
 * emulated processor.
 *
 * @module
 */

export const SUITE = "bookworm";

export const PACKAGES = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "udev",
  "linux-image-cloud-amd64",
  "iproute2",
  "procps",
  "openssh-server",
  "curl",
  "nginx-light",
] as const;

/** The kernel has the driver built in: no initial file system is needed. */
export const ROOT_DEVICE = "/dev/nvme0n1";

/** Size of the file, which is sparse. */
export const DISK_SIZE = "2G";

/** Units that a guest with an hour's life does not need. */
const NEEDLESS = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dev-hugepages.mount",
  "dev-mqueue.mount",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "e2scrub_reap.service",
  "fstrim.timer",
  "getty@tty1.service",
  "kmod-static-nodes.service",
  "modprobe@configfs.service",
  "modprobe@dm_mod.service",
  "modprobe@drm.service",
  "modprobe@efi_pstore.service",
  "modprobe@fuse.service",
  "modprobe@loop.service",
  "serial-getty@ttyS0.service",
  "sys-fs-fuse-connections.mount",
  "sys-kernel-config.mount",
  "sys-kernel-debug.mount",
  "sys-kernel-tracing.mount",
  "systemd-binfmt.service",
  "systemd-logind.service",
  "systemd-networkd-wait-online.service",
  "systemd-pstore.service",
  "systemd-tmpfiles-clean.timer",
  "systemd-update-utmp.service",
] as const;

/** Runs in the tree of the disk, with the public key of the lab as its first argument. */
export const SETUP = `
set -e
mkdir -p /root/.ssh
chmod 700 /root/.ssh
echo "$1" >/root/.ssh/authorized_keys

# The kernel's command line has address and host name: ip=, systemd.hostname=.
systemctl enable systemd-networkd.service systemd-network-generator.service
systemctl set-default multi-user.target
systemctl mask ${NEEDLESS.join(" ")}
echo 0123456789abcdef0123456789abcdef >/etc/machine-id

# Instead of asking for every device of the machine.
printf '%s\\n' virtio_pci virtio_net virtio_rng >/etc/modules-load.d/lab.conf
mkdir -p /etc/systemd/system/systemd-udev-trigger.service.d
cat >/etc/systemd/system/systemd-udev-trigger.service.d/lab.conf <<END
[Service]
ExecStart=
ExecStart=udevadm trigger --type=devices --action=add --subsystem-match=net
END

# What a load balancer of the lab answers: its own name, twice (lab/nginx.ts).
cat >/etc/nginx/sites-available/default <<END
server {
  listen 80 default_server;
  default_type application/json;
  location / { return 200 '{"backend":"\\$hostname","load_balancer":"\\$hostname"}\\n'; }
}
END

apt-get clean
rm -rf /var/lib/apt/lists/*
`;

/** Changes whenever the disk would change. */
export async function recipeId(): Promise<string> {
  const recipe = JSON.stringify([SUITE, PACKAGES, DISK_SIZE, SETUP]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(recipe));
  return new Uint8Array(digest).toHex().slice(0, 16);
}
