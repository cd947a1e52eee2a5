/**
 * What systemd would make of vipd's units, as far as a machine can do it that systemd does not run: user, groups,
 * capabilities, folders, read-only file system, environment, notification, watchdog, and the services that one wants.
 * Not the filter of system calls, not the address families, not the limits.
 *
 * @module
 */

import type { LabHost } from "../../lab/host.ts";
import type { LabProcess } from "../../lab/process.ts";
import { waitFor } from "../../lab/wait.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../../src/linux/sys/constants.ts";
import { must } from "../../src/linux/sys/errors.ts";
import { Libc } from "../../src/linux/sys/libc.ts";

const UNITS = "/etc/systemd/system";

/** $1: user, $2: its other groups as an option of setpriv(1), $3: capabilities as setpriv writes them; then the program. */
const CONFINED = `
set -e
user=$1 groups=$2 capabilities=$3
shift 3
for folder in $RUNTIME_DIRECTORY $STATE_DIRECTORY $CACHE_DIRECTORY; do mount --bind $folder $folder; done
for folder in /root /home; do if [ -d $folder ]; then mount -t tmpfs -o mode=0 tmpfs $folder; fi; done
for place in / /etc /usr /var /run /run/lab; do mount -o remount,bind,ro $place; done
exec setpriv --reuid=$user --regid=$user $groups --no-new-privs \\
  --bounding-set=$capabilities --inh-caps=$capabilities --ambient-caps=$capabilities -- "$@"
`;

/** Kind of folder -> where systemd makes it, and the variable that names it to the program. */
const FOLDERS = {
  Runtime: ["/run", "RUNTIME_DIRECTORY"],
  State: ["/var/lib", "STATE_DIRECTORY"],
  Cache: ["/var/cache", "CACHE_DIRECTORY"],
} as const;

/** The folder of sd_booted(3), and a systemctl(1) to ask; what the machine itself has enabled is not this host's. */
const SEEMS_TO_RUN = `
mkdir -p /run/systemd/system
rm -f ${UNITS}/multi-user.target.wants/keepalived.service /usr/bin/systemctl
printf '#!/bin/sh\\n[ "$1" = is-enabled ] && [ -e "${UNITS}/$2" ] && echo enabled\\n' >/usr/bin/systemctl
chmod 755 /usr/bin/systemctl
`;

/** Makes vipd take the host for a machine that systemd runs; it needs files of its own. */
export async function systemdSeemsToRun(host: LabHost): Promise<void> {
  await host.run(["sh", "-c", SEEMS_TO_RUN]);
}

/** A service that was started from its unit, and those that its unit wants. */
export class Service implements Disposable {
  readonly process: LabProcess;
  /** They were started first, and are stopped last. */
  readonly wanted: readonly Service[];
  /** The lines that it told its manager, in order. */
  readonly told: string[] = [];
  readonly #socket: NotifySocket;

  private constructor(process: LabProcess, socket: NotifySocket, wanted: readonly Service[]) {
    this.process = process;
    this.#socket = socket;
    this.wanted = wanted;
  }

  /** `systemctl start`: resolves when the service runs, and has said that it is ready if its unit says that it does. */
  static async start(host: LabHost, name = "vipd.service"): Promise<Service> {
    const unit = new Unit((await host.run(["cat", `${UNITS}/${name}`])).stdout);
    using started = new DisposableStack();
    const wanted: Service[] = [];
    for (const other of unit.words("Wants")) {
      wanted.push(started.use(await Service.start(host, other)));
    }
    const socket = started.use(await NotifySocket.open());
    const environment = await makeFolders(host, unit);
    const notifies = unit.value("Type") === "notify";
    const watched = unit.values("WatchdogSec");
    // systemd.service(5): WatchdogSec= opens the socket for the service of any type.
    if (notifies || watched.length > 0) environment.push(`NOTIFY_SOCKET=${socket.path}`);
    for (const limit of watched) {
      environment.push(`WATCHDOG_USEC=${1e6 * parseFloat(limit)}`);
    }
    const confined = (command: string) => [
      ...["unshare", "--mount", "--", "env", ...environment, ...unit.values("Environment")],
      ...["sh", "-c", CONFINED, "sh", ...privileges(unit), ...command.split(" ")],
    ];
    for (const command of unit.values("ExecStartPre")) await host.run(confined(command));
    const process = host.start(name, confined(unit.value("ExecStart")));
    const service = new Service(process, socket, wanted);
    if (notifies) await service.says("READY=1");
    started.move();
    return service;
  }

  /** `systemctl stop`, for what it wants as well. */
  async stop(): Promise<void> {
    await this.process.stop();
    for (const other of this.wanted) await other.stop();
  }

  /** Waits until it tells its manager a line that begins like this, from now on. */
  async says(beginning: string): Promise<void> {
    const before = this.told.length;
    await waitFor(`${beginning} of ${this.process.name}`, () => {
      this.told.push(...this.#socket.lines());
      return this.told.slice(before).some((line) => line.startsWith(beginning));
    }, { timeoutMs: 60_000, everyMs: 50, explain: () => this.process.lastLines.join("\n") });
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
    for (const other of this.wanted) other[Symbol.dispose]();
  }
}

/** Makes the folders that the unit asks for; the variables that name them. */
async function makeFolders(host: LabHost, unit: Unit): Promise<string[]> {
  const user = unit.value("User");
  const variables: string[] = [];
  for (const [kind, [parent, variable]] of Object.entries(FOLDERS)) {
    const [name] = unit.values(`${kind}Directory`);
    if (name === undefined) continue;
    const path = `${parent}/${name}`;
    const mode = unit.value(`${kind}DirectoryMode`);
    await host.run(["install", "-d", "-o", user, "-g", user, "-m", mode, path]);
    variables.push(`${variable}=${path}`);
  }
  return variables;
}

/** The user, its other groups and its capabilities, as the script takes them. */
function privileges(unit: Unit): string[] {
  const groups = unit.words("SupplementaryGroups").join(",");
  const capabilities = unit.words("AmbientCapabilities")
    .map((name) => `+${name.replace("CAP_", "").toLowerCase()}`);
  return [
    unit.value("User"),
    groups === "" ? "--clear-groups" : `--groups=${groups}`,
    ["-all", ...capabilities].join(","),
  ];
}

/** The manager's end of sd_notify(3). */
class NotifySocket implements Disposable {
  readonly path: string;
  readonly #folder: string;
  readonly #libc = Libc.open();
  readonly #fd: number;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = `${folder}/notify`;
    this.#fd = must("listen", "socket", this.#libc.socket(AF_UNIX, SOCK_DGRAM, 0));
    const path = new TextEncoder().encode(this.path);
    must("listen", "bind", this.#libc.bind(this.#fd, Uint8Array.of(AF_UNIX, 0, ...path)));
  }

  static async open(): Promise<NotifySocket> {
    const folder = await Deno.makeTempDir({ prefix: "vipd-notify-" });
    await Deno.chmod(folder, 0o755);
    const socket = new NotifySocket(folder);
    await Deno.chmod(socket.path, 0o777);
    return socket;
  }

  /** What has come since the last call. */
  lines(): string[] {
    const lines: string[] = [];
    const octets = new Uint8Array(4096);
    for (;;) {
      const length = this.#libc.recv(this.#fd, octets, MSG_DONTWAIT);
      if (length <= 0) return lines;
      lines.push(...new TextDecoder().decode(octets.subarray(0, length)).split("\n"));
    }
  }

  [Symbol.dispose](): void {
    this.#libc.closeFd(this.#fd);
    this.#libc.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** systemd.syntax(7), as far as vipd's units go. */
class Unit {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The values of a key, in order. */
  values(key: string): string[] {
    return Array.from(
      this.#text.matchAll(new RegExp(`^${key}=(.*)$`, "gm")),
      ([, value]) => value!,
    );
  }

  /** The words in all values of a key. */
  words(key: string): string[] {
    return this.values(key).flatMap((value) => value.split(" ")).filter((word) => word !== "");
  }

  /** The value of a key that stands there once. */
  value(key: string): string {
    const found = this.values(key);
    if (found.length !== 1) throw new Error(`${key} stands ${found.length} times in the unit`);
    return found[0]!;
  }
}
