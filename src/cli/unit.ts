/**
 * vipd's systemd unit, systemd.exec(5).
 *
 * @module
 */

/** The user as whom the unit runs vipd, and the group that may read its configuration. */
export const SERVICE_USER = "vipd";

/** The text of `vipd.service` for an executable in this place. */
export function unitText(executable: string): string {
  return `# systemd unit of vipd, written by: vipd init
# Changes belong in a drop-in: systemctl edit vipd

[Unit]
Description=vipd, keeps a virtual IP alive on a pair of load balancers
Documentation=man:vipd(8) man:vipd.yaml(5)
# Behind nginx in the order means before it at shutdown: the other node takes the address while this
# node's nginx still answers.
After=network.target nginx.service
ConditionFileNotEmpty=/etc/vipd/vipd.yaml
# A load balancer that cannot start tries for ever: the cause may lie outside of it.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStartPre=${executable} check /etc/vipd/vipd.yaml
ExecStart=${executable} run --config /etc/vipd/vipd.yaml
# What is wrong with the file is told by systemctl; vipd runs on with the configuration before.
ExecReload=${executable} check /etc/vipd/vipd.yaml
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=1s
# A stop hands the address over first, which takes a second or so.
TimeoutStopSec=15s
# The engine gives a sign of life each half of this; one that hangs is killed and started again.
WatchdogSec=6s
WatchdogSignal=SIGKILL
# Only the program itself is asked to stop; what it started is its own to end.
KillMode=mixed
OOMScoreAdjust=-900

# A user of its own, who owns nothing but these folders. /etc/vipd/vipd.yaml is root's, readable for
# the group ${SERVICE_USER}. Programs of checks and notifications run as this user too, without its
# capabilities.
User=${SERVICE_USER}
Group=${SERVICE_USER}
# /run/vipd: the API's token and socket. It outlives a restart, so that a token stays valid.
RuntimeDirectory=vipd
RuntimeDirectoryMode=0755
RuntimeDirectoryPreserve=yes
# /var/lib/vipd: orders by hand and the journal, which outlive a boot.
StateDirectory=vipd
StateDirectoryMode=0700
# /var/cache/vipd: where the portable executable unpacks itself.
CacheDirectory=vipd
CacheDirectoryMode=0700

# Raw sockets and addresses, nothing else of root's powers. Where a check or a notification names a
# user, vipd must be root; docs/checks.md has the lines for that.
AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK AF_PACKET

# The file system is read-only but for those folders; a token_file elsewhere needs ReadWritePaths=.
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
PrivateMounts=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# A refused call is an error that the program reports, not its death.
SystemCallErrorNumber=EPERM
# process.realtime_priority and process.nice need more: docs/install.md has the lines.
# Not set on purpose: MemoryDenyWriteExecute (JavaScript is compiled while it runs), ProtectProc
# (the process check reads other users' processes), IPAddressDeny (checks ask any host).

[Install]
WantedBy=multi-user.target
`;
}
