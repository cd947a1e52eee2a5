/**
 * vipd's systemd units: the engine, `vipd.service`, and the front, `vipd-front.service`; systemd.exec(5).
 *
 * @module
 */

/** One of the services, as `vipd init` and the packages install it. */
export interface ServiceUnit {
  /** The unit's name; each unit names the other by it. */
  readonly name: string;
  /** The user that the service runs as; it also has the group of the same name. */
  readonly user: string;
  /** The purpose of the service, for the user's entry in passwd(5). */
  readonly purpose: string;
  /** The unit's text for an executable and a configuration with these paths. */
  text(executable: string, config?: string): string;
}

/** The configuration of a service. */
const CONFIG = "/etc/vipd/vipd.yaml";

/** The line of the engine's unit without which vipd starts the front itself. */
export const FRONT_IS_SERVICE = "Environment=VIPD_FRONT=service";

/** `vipd run`. Its group may read the configuration. */
export const ENGINE: ServiceUnit = {
  name: "vipd.service",
  user: "vipd",
  purpose: "virtual IP daemon",
  text: engineText,
};

/** `vipd front`. Its group may connect to the engine. */
export const FRONT: ServiceUnit = {
  name: "vipd-front.service",
  user: "vipd-front",
  purpose: "API of the virtual IP daemon",
  text: frontText,
};

export const SERVICE_UNITS: readonly ServiceUnit[] = [ENGINE, FRONT];

/** The unit as a package installs it: the man pages that it names come with the package, and not with the executable alone. */
export function packagedText({ text }: ServiceUnit): string {
  const pages = "Documentation=man:vipd(8) man:vipd.yaml(5)";
  return text("/usr/bin/vipd").replace(/^Description=.*$/m, `$&\n${pages}`);
}

/** The restrictions for both. */
const CONFINEMENT = `ProtectSystem=strict
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
SystemCallErrorNumber=EPERM`;

function engineText(executable: string, config = CONFIG): string {
  return `# systemd unit of vipd, written by: vipd init
# Changes belong in a drop-in: systemctl edit vipd. The manual: vipd man

[Unit]
Description=vipd, keeps a virtual IP alive on a pair of load balancers
# Behind nginx in the order means before it at shutdown: the other node takes the address while this
# node's nginx still answers.
After=network.target nginx.service
# The HTTP API is a service of its own. vipd runs without it, too.
Wants=${FRONT.name}
ConditionFileNotEmpty=/etc/vipd/vipd.yaml
# A load balancer that cannot start tries for ever: the cause may lie outside of it.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
# It checks the file itself, and goes on if only a certificate of the API is missing.
ExecStart=${executable} run --config ${config}
# Without this vipd starts the front itself.
${FRONT_IS_SERVICE}
# systemctl reports what is wrong with the file; vipd runs on with the configuration before.
ExecReload=${executable} check /etc/vipd/vipd.yaml
ExecReload=/bin/kill -HUP $MAINPID
# After each end. If the engine died, what it has left on the machine goes and priority 0 leaves, so
# that the other node takes over without a wait; after a clean stop there is nothing to do.
ExecStopPost=-${executable} goodbye --config ${config}
Restart=on-failure
RestartSec=1s
# A stop hands the address over first, which takes a second or so.
TimeoutStopSec=15s
# The engine gives a sign of life each half of this; one that hangs is killed and started again.
WatchdogSec=6s
WatchdogSignal=SIGKILL
# Only the program itself is asked to stop; what it started is its own to end.
KillMode=mixed
# The kernel kills others first, and a check program that it kills is no reason to stop vipd.
OOMScoreAdjust=-900
OOMPolicy=continue
# On a busy machine vipd runs before services of the default weight, which is 100.
CPUWeight=1000

# A user of its own, who owns nothing but these folders. /etc/vipd/vipd.yaml is root's, readable for
# the group ${ENGINE.user}. Programs of checks and notifications run as this user too, without its
# capabilities.
User=${ENGINE.user}
Group=${ENGINE.user}
# The socket to which the front connects is this group's.
SupplementaryGroups=${FRONT.user}
# /run/vipd: that socket and the API's token. It outlives a restart, so that a token stays valid.
RuntimeDirectory=vipd
RuntimeDirectoryMode=0755
RuntimeDirectoryPreserve=yes
# /var/lib/vipd: overrides and the journal, which outlive a boot.
StateDirectory=vipd
StateDirectoryMode=0700
# /var/cache/vipd: where the portable executable unpacks itself.
CacheDirectory=vipd
CacheDirectoryMode=0700

# Raw sockets and addresses, nothing else of root's powers. If a check or a notification names a
# user, vipd must be root; vipd man checks has the lines for that.
AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK AF_PACKET

# The file system is read-only but for those folders; a token_file elsewhere needs ReadWritePaths=.
${CONFINEMENT}
# To give the front's group its socket. Without CAP_CHOWN, own files and own groups are the limit.
SystemCallFilter=@chown
# process.realtime_priority and process.nice need more: vipd man install has the lines.
# Not set on purpose: MemoryDenyWriteExecute (JavaScript is compiled while it runs), ProtectProc
# (the process check reads other users' processes), IPAddressDeny (checks ask any host).

[Install]
WantedBy=multi-user.target
`;
}

function frontText(executable: string): string {
  return `# systemd unit of vipd's front, written by: vipd init
# Changes belong in a drop-in: systemctl edit vipd-front. The manual: vipd man

[Unit]
Description=vipd's front, the HTTP API, the status page, webhooks and mail
# A stop and a restart of vipd stop and restart the front; a start of vipd starts it.
PartOf=${ENGINE.name}
# Before it in the order means after it at a stop: the front delivers what vipd says last.
Before=${ENGINE.name}
After=network.target
ConditionFileNotEmpty=/etc/vipd/vipd.yaml
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${executable} front --run-dir /run/vipd
Restart=always
RestartSec=100ms
# A version of vipd that has no front refuses this command line, and needs none.
RestartPreventExitStatus=2
# One that gives no sign of life for so long is started again.
WatchdogSec=60s
WatchdogSignal=SIGKILL
# The last notifications have 3 s.
TimeoutStopSec=5s

# What anyone who reaches the API can make it use. vipd goes on without it.
MemoryMax=256M
TasksMax=64
LimitNOFILE=4096
CPUWeight=20
OOMScoreAdjust=500

# A user of its own, who reads neither the configuration nor the state and owns nothing but these
# folders. It asks the engine for certificate, key and passwords.
User=${FRONT.user}
Group=${FRONT.user}
# /run/vipd-front: the API's own socket, to which /run/vipd/api.sock links.
RuntimeDirectory=vipd-front
RuntimeDirectoryMode=0755
# /var/cache/vipd-front: where the portable executable unpacks itself.
CacheDirectory=vipd-front
CacheDirectoryMode=0700
UMask=0077

# None of root's powers. For an API below port 1024 vipd man install has the lines.
AmbientCapabilities=
CapabilityBoundingSet=
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

# Of /proc it sees processes only, and the file system is read-only but for those folders.
ProcSubset=pid
${CONFINEMENT}
# Not set on purpose: MemoryDenyWriteExecute (JavaScript is compiled while it runs), ProtectProc (a
# rehearsal sees by nginx's processes that nginx was reloaded), IPAddressDeny (the API listens where
# api.listen says, and webhooks ask any host), PrivateUsers (a machine that allows no user
# namespaces would have no API), MemoryHigh (a front that grows would be slowed down until it
# answers nobody; at MemoryMax it is ended, and the next one answers).
`;
}
