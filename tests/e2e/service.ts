/**
 * What systemd would make of vipd's unit, as far as a machine can do it that systemd does not run: user, capabilities,
 * folders, read-only file system, notification, watchdog. Not the filter of system calls, not the address families.
 *
 * @module
 */

import type { LabHost } from "../../lab/host.ts";
import type { LabProcess } from "../../lab/process.ts";
import { waitFor } from "../../lab/wait.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../../src/linux/constants.ts";
import { must } from "../../src/linux/errors.ts";
import { Libc } from "../../src/linux/libc.ts";

const UNIT_FILE = "/etc/systemd/system/vipd.service";

/** $1: user, $2: capabilities as setpriv writes them; then the program. */
const CONFINED = `
set -e
user=$1 capabilities=$2
shift 2
for folder in /run/vipd /var/lib/vipd /var/cache/vipd; do mount --bind $folder $folder; done
for folder in /root /home; do if [ -d $folder ]; then mount -t tmpfs -o mode=0 tmpfs $folder; fi; done
for place in / /etc /usr /var /run /run/lab; do mount -o remount,bind,ro $place; done
exec setpriv --reuid=$user --regid=$user --clear-groups --no-new-privs \\
  --bounding-set=-all,$capabilities --inh-caps=-all,$capabilities --ambient-caps=-all,$capabilities -- "$@"
`;

/** A service that was started from its unit. */
export class Service implements Disposable {
  readonly process: LabProcess;
  /** The lines that it told its manager, in order. */
  readonly told: string[] = [];
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #folder: string;

  private constructor(process: LabProcess, libc: Libc, fd: number, folder: string) {
    this.process = process;
    this.#libc = libc;
    this.#fd = fd;
    this.#folder = folder;
  }

  /** `systemctl start vipd`: resolves when the service has said that it is ready. */
  static async start(host: LabHost): Promise<Service> {
    const unit = new Unit((await host.run(["cat", UNIT_FILE])).stdout);
    const user = unit.value("User");
    const folders = ["Runtime", "State", "Cache"] as const;
    const places = { Runtime: "/run", State: "/var/lib", Cache: "/var/cache" } as const;
    for (const kind of folders) {
      const path = `${places[kind]}/${unit.value(`${kind}Directory`)}`;
      await host.run([
        "install",
        "-d",
        "-o",
        user,
        "-g",
        user,
        "-m",
        unit.value(`${kind}DirectoryMode`),
        path,
      ]);
    }
    const libc = Libc.open();
    const folder = await Deno.makeTempDir({ prefix: "vipd-notify-" });
    await Deno.chmod(folder, 0o755);
    const socket = `${folder}/notify`;
    const fd = must("listen", "socket", libc.socket(AF_UNIX, SOCK_DGRAM, 0));
    const path = new TextEncoder().encode(socket);
    must("listen", "bind", libc.bind(fd, Uint8Array.of(AF_UNIX, 0, ...path)));
    await Deno.chmod(socket, 0o777);
    const capabilities = unit.value("AmbientCapabilities").split(" ")
      .map((name) => `+${name.replace("CAP_", "").toLowerCase()}`).join(",");
    const confined = (command: string) => [
      ...["unshare", "--mount", "--", "env", `NOTIFY_SOCKET=${socket}`],
      `CACHE_DIRECTORY=/var/cache/${unit.value("CacheDirectory")}`,
      `WATCHDOG_USEC=${1e6 * parseFloat(unit.value("WatchdogSec"))}`,
      ...["sh", "-c", CONFINED, "sh", user, capabilities, ...command.split(" ")],
    ];
    await host.run(confined(unit.value("ExecStartPre")));
    const service = new Service(
      host.start("vipd", confined(unit.value("ExecStart"))),
      libc,
      fd,
      folder,
    );
    await service.says("READY=1");
    return service;
  }

  /** Waits until it tells its manager a line that begins like this, from now on. */
  async says(beginning: string): Promise<void> {
    const before = this.told.length;
    await waitFor(`${beginning} of ${this.process.name}`, () => {
      this.#read();
      return this.told.slice(before).some((line) => line.startsWith(beginning));
    }, { timeoutMs: 15_000, everyMs: 50, explain: () => this.process.lastLines.join("\n") });
  }

  [Symbol.dispose](): void {
    this.#libc.closeFd(this.#fd);
    this.#libc.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }

  #read(): void {
    const octets = new Uint8Array(4096);
    for (;;) {
      const length = this.#libc.recv(this.#fd, octets, MSG_DONTWAIT);
      if (length <= 0) return;
      this.told.push(...new TextDecoder().decode(octets.subarray(0, length)).split("\n"));
    }
  }
}

class Unit {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The value of a key that stands there once. */
  value(key: string): string {
    const found = [...this.#text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))];
    if (found.length !== 1) throw new Error(`${key} stands ${found.length} times in the unit`);
    return found[0]![1]!;
  }
}
