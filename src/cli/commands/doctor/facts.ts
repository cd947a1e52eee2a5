/**
 * Gathers the facts that `vipd doctor` judges. If vipd cannot find out a fact, it reports that; nothing here throws for
 * it.
 *
 * @module
 */

import { join } from "node:path";
import { type Diagnostic, formatDiagnostic } from "../../../config/diagnostics.ts";
import type { Config } from "../../../config/model.ts";
import type { KernelFiles } from "../../../linux/kernel_reader.ts";
import { kernelSettings } from "../../../linux/kernel_settings.ts";
import { openLinuxHost } from "../../../daemon/linux_process.ts";
import { machineAddresses } from "../../../daemon/machine_addresses.ts";
import { expectedUser, ownerOf } from "../../../daemon/service/daemon_user.ts";
import { missingFrontUnit, unitState } from "../../../daemon/service/installed_unit.ts";
import { systemdRuns } from "../../../daemon/service/systemd.ts";
import type { Facts, ServiceProblem } from "../../../doctor/facts.ts";
import {
  inReadingOrder,
  SYSCTL_CONF,
  SYSCTL_FOLDERS,
  type SysctlFile,
} from "../../../doctor/sysctl_files.ts";
import { exposureRemedy } from "../../../tokens/token_exposure.ts";
import type { TokenRight } from "../../../tokens/token_judge.ts";
import type { Arguments } from "../../arguments.ts";
import type { CliContext } from "../../context.ts";
import { clientFor } from "../../target/target.ts";
import { readRegular } from "../../../runtime/regular_file.ts";
import { exists } from "../../new_files.ts";
import type { ServiceCheck } from "../../machine/check_service.ts";
import { readWrittenStatus } from "../../status/written_status.ts";
import { linkFacts } from "../../machine/link.ts";
import { filterFacts, nginxFacts, programOutput } from "../../machine/programs.ts";
import { readListeners } from "../../machine/listening_sockets.ts";

/** A longer file sets no kernel, in octets. */
const MAX_SYSCTL_OCTETS = 1024 * 1024;

export async function gatherFacts(
  config: Config,
  service: ServiceCheck | null,
  args: Arguments,
  context: CliContext,
): Promise<Facts> {
  const host = openLinuxHost(() => {});
  try {
    const { interfaces, keepalived } = await machineAddresses(config);
    return {
      capabilities: effectiveCapabilities(host),
      instances: await linkFacts(config.instances, host),
      interfaces,
      filters: await filterFacts(),
      settings: settingsOf(interfaces.map(({ name }) => name), host),
      sysctlFiles: await sysctlFiles(),
      keepalived: {
        running: keepalived,
        // Its link starts nothing where another program than systemd starts the services.
        enabled: await systemdRuns() &&
          await exists("/etc/systemd/system/multi-user.target.wants/keepalived.service"),
      },
      nginx: await nginxFacts(host.runs("nginx")),
      listeners: readListeners(host),
      clockSynchronised: await clockSynchronised(),
      unit: await unitFacts(),
      service: service && {
        user: service.user,
        problems: service.diagnostics.map((one) => problemOf(one, service)),
      },
      folders: (await Promise.all([config.runDir, config.stateDir].map(folderFacts)))
        .filter((folder) => folder !== null),
      tokens: await tokenFacts(config),
      ...await daemonFacts(config.runDir, args, context),
    };
  } finally {
    await host.close();
  }
}

/** A command that lets a user read a file or enter its folders, in plain words. */
const FIXABLE = /^(?:chgrp [\w-]+|chmod (?:640|[ugo]\+x))(?: [\w./-]+)+$/;

export function problemOf(
  diagnostic: Diagnostic,
  { remedies }: Pick<ServiceCheck, "remedies">,
): ServiceProblem {
  const { file, message, unreadable = "" } = diagnostic;
  const remedy = remedies.get(unreadable);
  if (remedy === undefined) return { message: formatDiagnostic(diagnostic) };
  const { command, then } = remedy;
  if (then !== null) return { message: `${message}; ${then}`, command };
  const fixable = unreadable === file && command.split(" && ").every((one) => FIXABLE.test(one));
  return { message, command, fixable };
}

/** CapEff of proc_pid_status(5). */
function effectiveCapabilities(host: KernelFiles): bigint | null {
  const status = host.readKernelFile("/proc/self/status") ?? "";
  const bits = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return bits === undefined ? null : BigInt(`0x${bits}`);
}

function settingsOf(interfaces: readonly string[], host: KernelFiles): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of kernelSettings("judged", ["all", ...interfaces])) {
    const text = host.readKernelFile(`/proc/sys/net/${path}`);
    if (text !== null) found.set(path, text.trim());
  }
  return found;
}

async function sysctlFiles(): Promise<SysctlFile[]> {
  const folders = await Promise.all(SYSCTL_FOLDERS.map(async (folder) => {
    const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
    return entries.flatMap(({ name }) => name.endsWith(".conf") ? [join(folder, name)] : []);
  }));
  const found: SysctlFile[] = [];
  for (const path of [...inReadingOrder(folders.flat()), SYSCTL_CONF]) {
    // A file that masks another is a link to /dev/null.
    const text = await readRegular(path, MAX_SYSCTL_OCTETS).catch(() => null);
    if (text !== null) found.push({ path, text });
  }
  return found;
}

async function clockSynchronised(): Promise<boolean | null> {
  const timedatectl = ["show", "--property=NTPSynchronized", "--value"];
  const output = await programOutput("timedatectl", timedatectl);
  if (output?.ok) return output.stdout.trim() === "yes";
  const tracking = await programOutput("chronyc", ["-n", "tracking"]);
  return tracking?.ok ? /^Leap status\s*:\s*Normal/m.test(tracking.stdout) : null;
}

async function unitFacts(): Promise<Facts["unit"]> {
  if (!await systemdRuns()) return null;
  const output = await programOutput("systemctl", ["is-enabled", "vipd.service"]);
  return output && { ...await unitState(output.stdout), missingFront: await missingFrontUnit() };
}

/** Whether the folder's owner can write it; `null` for another user than root, who may not try. */
async function folderFacts(path: string): Promise<Facts["folders"][number] | null> {
  try {
    const { isDirectory } = await Deno.stat(path);
    if (!isDirectory) return { path, problem: `${path} is no folder` };
    const probe = await Deno.makeTempFile({ dir: path, prefix: ".doctor-" });
    await Deno.remove(probe);
    return { path, problem: null };
  } catch (error) {
    // vipd makes it at its first start.
    if (error instanceof Deno.errors.NotFound) return { path, problem: null };
    if (error instanceof Deno.errors.PermissionDenied && Deno.uid() !== 0) return null;
    return { path, problem: `${path} cannot be written: ${(error as Error).message}` };
  }
}

async function tokenFacts(config: Config): Promise<Facts["tokens"]> {
  const { tokenFile, readTokenFile } = config.api;
  const daemon = await ownerOf(config.stateDir, config.runDir) ?? await expectedUser();
  const judge = async (path: string, right: TokenRight): Promise<Facts["tokens"]> => {
    const file = await Deno.stat(path).catch(() => null);
    if (!file || file.mode === null) return [];
    const remedy = exposureRemedy(path, file, right, daemon);
    return [{ path, mode: file.mode & 0o777, remedy }];
  };
  return [
    ...await judge(tokenFile, "change"),
    ...readTokenFile === undefined ? [] : await judge(readTokenFile, "read"),
  ];
}

async function daemonFacts(
  runDir: string,
  args: Arguments,
  context: CliContext,
): Promise<Pick<Facts, "daemonProblem" | "apiDown">> {
  try {
    await (await clientFor(args, context)).status();
    return { daemonProblem: null, apiDown: false };
  } catch (error) {
    const kept = args.text("api") === undefined ? await readWrittenStatus(runDir) : null;
    return {
      daemonProblem: error instanceof Error ? error.message : String(error),
      apiDown: kept?.engineRuns ?? false,
    };
  }
}
