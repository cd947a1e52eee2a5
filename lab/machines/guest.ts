/**
 * A whole machine of the lab: its own kernel and systemd in qemu, reached by ssh. Its processor is emulated, thirty
 * times slower than this one, so events in it have an outcome but no measurable time.
 *
 * @module
 */

import { join } from "node:path";
import { LabError } from "../error.ts";
import type { LabHost, RunResult } from "../host.ts";
import type { LabProcess } from "../process.ts";
import { sleep } from "../wait.ts";
import type { Image } from "./image.ts";
import { ROOT_DEVICE } from "./recipe.ts";

const MEMORY_MIB = 700;

/** How long a start may take until systemd has started everything, in seconds. */
const BOOT_S = 600;
/** How long one attempt to connect may take, in milliseconds: a start may drop the connection's packets for good. */
const ATTEMPT_MS = 60_000;
/** How long a machine may take to end itself, in milliseconds. */
const END_MS = 300_000;
/** How long a command may take, in seconds. */
const COMMAND_S = 600;

/** The settings of a guest. */
export interface GuestPlan {
  readonly name: string;
  /** The address of its `eth0`, in a network with a 24-bit prefix. */
  readonly address: string;
  readonly mac: string;
  /** The interface of {@link GuestOptions.host} that is the other end of its cable. */
  readonly tap: string;
}

export interface GuestOptions {
  /** The host that runs qemu and ssh. */
  readonly host: LabHost;
  readonly image: Image;
  /** For its disk and its console. */
  readonly folder: string;
}

export interface CommandOptions {
  /** A code other than 0 is an error. @default {true} */
  readonly check?: boolean;
  /** Its standard input. @default {empty} */
  readonly stdin?: string;
}

export class Guest {
  readonly name: string;
  readonly address: string;
  readonly #plan: GuestPlan;
  readonly #options: GuestOptions;
  #boots = 0;
  #qemu: LabProcess | null = null;
  /** The one connection that all commands share. */
  #connection: LabProcess | null = null;

  private constructor(plan: GuestPlan, options: GuestOptions) {
    this.name = plan.name;
    this.address = plan.address;
    this.#plan = plan;
    this.#options = options;
  }

  /** A new machine, off. */
  static async make(plan: GuestPlan, options: GuestOptions): Promise<Guest> {
    const guest = new Guest(plan, options);
    const { host, image } = options;
    const disk = ["create", "-q", "-f", "qcow2", "-b", image.disk, "-F", "raw", guest.#disk];
    await host.run(["qemu-img", ...disk]);
    return guest;
  }

  /**
   * Switches it on and waits until systemd has started everything.
   *
   * @throws {LabError} With its console's last lines.
   */
  async boot(): Promise<void> {
    this.#boots++;
    const { host } = this.#options;
    const qemu = host.start(this.name, this.#qemuCommand());
    this.#qemu = qemu;
    await this.#connect();
    const { stdout } = await this.run("systemctl is-system-running --wait", { check: false });
    if (stdout.trim() === "running") return;
    const failed = await this.run("systemctl --failed --plain", { check: false });
    throw new LabError(`${this.name} has booted and is ${stdout.trim()}:\n${failed.stdout}`);
  }

  /**
   * Runs a shell command as root.
   *
   * @throws {LabError} With the command and its output, unless `check` is off.
   */
  async run(command: string, options: CommandOptions = {}): Promise<RunResult> {
    const { check = true, ...input } = options;
    const argv = ["timeout", `${COMMAND_S}`, ...this.#ssh(command)];
    const result = await this.#options.host.run(argv, { ...input, check: false });
    if (result.code === 0 || !check) return result;
    const said = `${result.stdout}${result.stderr}`.trim() || "it said nothing";
    throw new LabError(`${this.name}: ${command} ended with ${result.code}: ${said}`);
  }

  /** Starts a shell command as root that ends by itself, or with the guest. */
  start(name: string, command: string): LabProcess {
    return this.#options.host.start(`${name} of ${this.name}`, this.#ssh(command));
  }

  /** Copies a file of this machine into the guest. */
  async copy(source: string, target: string): Promise<void> {
    await this.#options.host.run(["scp", ...this.#sshOptions, source, `${this.#login}:${target}`]);
  }

  /** `systemctl reboot`, with the whole shutdown and boot. */
  async reboot(): Promise<void> {
    await this.run("systemctl reboot", { check: false });
    const ended = await Promise.race([this.#qemu?.ended.then(() => true), sleep(END_MS)]);
    if (!ended) throw new LabError(`${this.name} does not end:\n${await this.lastLines()}`);
    await this.#disconnect();
    await this.boot();
  }

  /** Cuts the power at once: data that is not on the disk is lost. */
  async cutPower(): Promise<void> {
    await this.#qemu?.signal("SIGKILL");
    await this.#qemu?.ended;
    await this.#disconnect();
  }

  /** The last lines of its console. */
  async lastLines(): Promise<string> {
    const text = await Deno.readTextFile(this.#console).catch(() => "");
    const qemu = this.#qemu?.lastLines ?? [];
    return [...qemu, ...text.split("\n")].slice(-30).join("\n");
  }

  async #connect(): Promise<void> {
    const { host } = this.#options;
    const argv = ["ssh", "-M", "-N", ...this.#sshOptions, this.#login];
    const untilMs = performance.now() + 1000 * BOOT_S;
    const open = async () =>
      (await host.run(["test", "-S", this.#controlPath], { check: false })).code === 0;
    let attemptMs = -Infinity;
    for (;;) {
      if (performance.now() - attemptMs > ATTEMPT_MS) await this.#disconnect();
      // The connection ends if nothing answers yet.
      if (!this.#connection?.running) {
        this.#connection = host.start(`ssh ${this.name}`, argv);
        attemptMs = performance.now();
      }
      await sleep(500);
      if (await open()) return;
      if (performance.now() < untilMs && this.#qemu?.running) continue;
      throw new LabError(`${this.name} does not answer:\n${await this.lastLines()}`);
    }
  }

  async #disconnect(): Promise<void> {
    await this.#connection?.stop();
    this.#connection = null;
  }

  get #disk(): string {
    return join(this.#options.folder, `${this.name}.qcow2`);
  }

  get #console(): string {
    return join(this.#options.folder, `${this.name}.console`);
  }

  /** In the host's own /run; a different one after each start. */
  get #controlPath(): string {
    return `/run/lab/${this.name}-${this.#boots}`;
  }

  get #login(): string {
    return `root@${this.address}`;
  }

  #ssh(command: string): string[] {
    return ["ssh", ...this.#sshOptions, this.#login, command];
  }

  get #sshOptions(): string[] {
    const settings = {
      BatchMode: "yes",
      ConnectTimeout: "20",
      ControlPath: this.#controlPath,
      // Every guest has the image's key, and nothing else is on this network.
      StrictHostKeyChecking: "no",
      UserKnownHostsFile: "/dev/null",
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    return ["-q", "-F", "none", "-i", this.#options.image.key, ...options];
  }

  #qemuCommand(): string[] {
    const { name, address, mac, tap } = this.#plan;
    const network = address.replace(/\.\d+$/, "");
    const kernelArguments = [
      // Not quiet: of a start that hangs, the console's last lines are all that is left.
      ...["console=ttyS0", `root=${ROOT_DEVICE}`, "rw", "mitigations=off"],
      ...["net.ifnames=0", `systemd.hostname=${name}`],
      `ip=${address}::${network}.1:255.255.255.0:${name}:eth0:off`,
    ];
    return [
      ...["qemu-system-x86_64", "-machine", `pc,accel=${accelerator()}`],
      ...["-m", `${MEMORY_MIB}`, "-smp", "1"],
      ...["-display", "none", "-nodefaults", "-no-reboot", "-serial", `file:${this.#console}`],
      ...["-kernel", this.#options.image.kernel, "-append", kernelArguments.join(" ")],
      // Data that the guest has flushed survives a kill of qemu, and nothing else does.
      ...["-drive", `file=${this.#disk},format=qcow2,if=none,id=disk,cache=unsafe`],
      ...["-device", "nvme,drive=disk,serial=disk"],
      ...["-netdev", `tap,id=cable,ifname=${tap},script=no,downscript=no`],
      ...["-device", `virtio-net-pci,netdev=cable,mac=${mac}`, "-device", "virtio-rng-pci"],
    ];
  }
}

/**
 * The accelerator for the guest, qemu(1): emulation, which works everywhere, unless `VIPD_MACHINES_ACCEL` names
 * another. The lab does not use `kvm` unasked, because a kernel that offers /dev/kvm may still let its guests hang.
 */
function accelerator(): string {
  return Deno.env.get("VIPD_MACHINES_ACCEL") ?? "tcg";
}
