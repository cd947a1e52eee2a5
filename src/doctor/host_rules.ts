/**
 * Findings about the machine itself: its own addresses, other programs, nginx, clock, service.
 *
 * @module
 */

import { ownPlaceOf } from "../vip/addresses.ts";
import { type Family, familyOf, type IpAddress, isIpv6LinkLocal } from "../wire/address.ts";
import { PRIORITY_OWNER } from "../wire/vrrp.ts";
import type { Facts, InstanceFacts, Listener } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { programRemedy, type Remedy, sysctlRemedy, type Words } from "./fix.ts";

const USUAL_PORTS = [80, 443];
/** All addresses of each family. */
const WILDCARDS = { ipv4: "0.0.0.0", ipv6: "::" } as const;
const FAMILY_NAMES = { ipv4: "IPv4", ipv6: "IPv6" } as const;

/** A shell takes it as it stands. */
const PLAIN_PATH = /^[\w./-]+$/;

/** Writes the front's unit next to that of the engine, and starts it. */
const FRONT_UNIT = programRemedy(
  ["vipd", "init", "--unit-only"],
  ["systemctl", "daemon-reload"],
  ["systemctl", "start", "vipd-front"],
);

/** capabilities(7) by bit. */
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n } as const;

export function hostFindings(facts: Facts): Finding[] {
  return [
    ...facts.instances.flatMap((instance) => ownAddressFindings(instance, facts)),
    ...capabilityFindings(facts),
    ...keepalivedFindings(facts),
    ...nginxFindings(facts),
    ...clockFindings(facts),
    ...serviceFindings(facts),
  ];
}

/** Virtual addresses that are this host's own, although the instance is not the owner (RFC 9568 section 8.3.1). */
function ownAddressFindings(
  { config }: InstanceFacts,
  { interfaces, keepalived }: Facts,
): Finding[] {
  // keepalived may have added them and removes them when it stops: that it runs is a finding of its own.
  if (config.priority === PRIORITY_OWNER || keepalived.running) return [];
  return config.addresses.flatMap((address): Finding[] => {
    const place = ownPlaceOf(address, interfaces);
    if (place === null) return [];
    return [{
      code: "own_address",
      severity: "error",
      subject: config.name,
      message: `${address.address} is this host's own address on ${place.device}, not put there ` +
        "by vipd: it answers for it as backup, too",
      command: `ip address del ${address.address}/${place.prefixLength} dev ${place.device}`,
    }];
  });
}

function capabilityFindings({ capabilities }: Facts): Finding[] {
  if (capabilities === null) return [];
  const missing = Object.entries(CAPABILITIES)
    .filter(([, bit]) => (capabilities >> bit & 1n) === 0n).map(([name]) => name);
  if (missing.length === 0) return [];
  return [{
    code: "capability_missing",
    severity: "error",
    subject: "vipd",
    message: `${missing.join(" and ")} missing: the link was not listened to`,
    command: "sudo vipd doctor",
  }];
}

function keepalivedFindings({ keepalived, unit }: Facts): Finding[] {
  const found: Finding[] = [];
  const subject = "keepalived";
  if (keepalived.running) {
    const message = "keepalived runs: both it and vipd would move addresses";
    // It may hold the address: when it stops is a person's decision.
    const command = unit ? "systemctl disable --now keepalived" : "pkill -x keepalived";
    found.push({ code: "keepalived_running", severity: "error", subject, message, command });
  } else if (keepalived.enabled) {
    const message = "keepalived is enabled and starts at the next boot";
    const remedy = programRemedy(["systemctl", "disable", "keepalived"]);
    found.push({ code: "keepalived_enabled", severity: "warning", subject, message, ...remedy });
  }
  return found;
}

function nginxFindings(
  { nginx, listeners, instances, settings, sysctlFiles, unit }: Facts,
): Finding[] {
  if (!nginx) return [];
  const found: Finding[] = [];
  const add = (finding: Omit<Finding, "subject">) => found.push({ subject: "nginx", ...finding });
  const unbound = unboundAddresses(nginx, instances);
  if (nginx.test && !nginx.test.ok && unbound.size === 0) {
    const message = nginx.test.said.split("\n").find((line) => line.includes("[emerg]")) ??
      nginx.test.said.split("\n")[0]!;
    add({ code: "nginx_config_invalid", severity: "error", message, command: "nginx -t" });
  }
  for (const { config } of instances) {
    for (const { address } of config.addresses) {
      const setting = `${config.family}.ip_nonlocal_bind`;
      const bound = nginx.listens.some((listen) => listen.address === address);
      const refused = unbound.has(address);
      if (!refused && !(bound && settings.get(setting.replace(".", "/")) === "0")) continue;
      const message = `nginx listens on ${address}, and ${setting} is 0: on a node that is ` +
        `backup it does not start${refused ? ", as here" : ""}`;
      const remedy = sysctlRemedy({ [`net.${setting}`]: "1" }, sysctlFiles);
      add({ code: "nginx_cannot_bind", severity: "error", message, ...remedy });
    }
  }
  if (!nginx.running) {
    const message = "nginx is installed and does not run";
    add({
      ...{ code: "nginx_not_running", severity: "error", message },
      command: unit ? "systemctl enable --now nginx" : "nginx",
    });
    return found;
  }
  for (const { config } of instances) {
    for (const { address } of servedAddresses(config)) {
      if (listeners && !listeners.some((listen) => serves(listen, address, nginx.listens))) {
        const message = `nothing listens on ${address} or on all ${FAMILY_NAMES[config.family]} ` +
          `addresses, at a port of nginx${otherFamilyRemedy(config.family, nginx.listens)}`;
        add({ code: "nginx_not_listening", severity: "error", message, command: "ss -ltn" });
      }
    }
  }
  return found;
}

/**
 * The virtual addresses that `nginx -T` could not listen on because this node does not have them: EADDRNOTAVAIL of
 * bind(2). nginx shows no configuration then.
 */
function unboundAddresses(
  { test }: NonNullable<Facts["nginx"]>,
  instances: Facts["instances"],
): Set<IpAddress> {
  const refused = (test?.said ?? "").matchAll(/\[emerg\].* bind\(\) to (\S+):\d+ failed \(99:/g);
  const addresses = Array.from(refused, ([, host]) => host!.replace(/^\[|\]$/g, ""));
  const virtual = instances.flatMap(({ config }) => config.addresses.map((it) => it.address));
  return new Set(virtual.filter((address) => addresses.includes(address)));
}

/** Those at which clients ask: a link-local one next to others is the one of RFC 9568 section 5.2.9, for the adverts. */
function servedAddresses({ addresses }: InstanceFacts["config"]) {
  const others = addresses.filter(({ address }) => !isIpv6LinkLocal(address));
  return others.length > 0 ? others : addresses;
}

/**
 * Whether a socket answers at the address, on a port that nginx is configured for; without any such port, on 80 or 443.
 * One of all IPv6 addresses takes IPv4 where nginx says `ipv6only=off`, and may do so where nobody knows what nginx says.
 */
function serves(
  { address, port }: Listener,
  wanted: IpAddress,
  configured: readonly Listener[],
): boolean {
  const there = configured.filter((listen) => listen.port === port);
  if (configured.length > 0 ? there.length === 0 : !USUAL_PORTS.includes(port)) return false;
  const all = WILDCARDS[familyOf(wanted)];
  return address === wanted || address === all ||
    address === WILDCARDS.ipv6 &&
      (configured.length === 0 || there.some((listen) => listen.address === all));
}

/** The `listen` that is missing if nginx has one of the other family alone, ngx_http_core_module; else nothing. */
function otherFamilyRemedy(family: Family, configured: readonly Listener[]): string {
  const other = family === "ipv6" ? "ipv4" : "ipv6";
  const [port] = configured.filter(({ address }) => address === WILDCARDS[other])
    .map((listen) => listen.port).sort((a, b) => a - b);
  const hasOwn = configured.some(({ address }) => address === WILDCARDS[family]);
  if (port === undefined || hasOwn) return "";
  const [has, lacks] = [other, family].map((each) =>
    `listen ${each === "ipv6" ? "[::]:" : ""}${port};`
  );
  return `: \`${has}\` is ${FAMILY_NAMES[other]} alone, so write \`${lacks}\` next to it`;
}

function clockFindings({ clockSynchronised, unit }: Facts): Finding[] {
  if (clockSynchronised === true) return [];
  return clockSynchronised === null
    ? [{
      code: "clock_unknown",
      severity: "info",
      subject: "clock",
      message: "neither timedatectl nor chronyc reports whether the clock is synchronised",
      // Without systemd no program is sure to be there that knows: a person compares both nodes.
      command: unit ? "timedatectl" : "date",
    }]
    : [{
      code: "clock_not_synchronised",
      severity: "warning",
      subject: "clock",
      message: "the clock follows no time source",
      // Without systemd chronyc has said it.
      ...(unit
        ? programRemedy(["timedatectl", "set-ntp", "true"])
        : { command: "chronyc sources" }),
    }];
}

function serviceFindings(
  { unit, service, folders, tokens, daemonProblem, apiDown }: Facts,
): Finding[] {
  const found: Finding[] = [];
  const subject = "vipd";
  if (unit && !unit.installed) {
    const message = "systemd knows no vipd.service";
    const remedy = programRemedy(["vipd", "init", "--unit-only"]);
    found.push({ code: "unit_missing", severity: "warning", subject, message, ...remedy });
  } else if (unit && !unit.enabled) {
    const message = "vipd.service is not enabled";
    const remedy = programRemedy(["systemctl", "enable", "vipd"]);
    found.push({ code: "unit_disabled", severity: "warning", subject, message, ...remedy });
  }
  const missing = unit?.missingFront ?? null;
  if (missing !== null) {
    const message = `vipd.service leaves the front to a unit of its own, and ${missing} is missing`;
    // The package that has brought the one brings the other again.
    const remedy = missing.startsWith("/etc/") ? FRONT_UNIT : { command: "dpkg --verify vipd" };
    found.push({ code: "front_unit_missing", severity: "error", subject, message, ...remedy });
  }
  for (const { message, command = "vipd check", fixable } of service?.problems ?? []) {
    const remedy = fixable ? programsOf(command) : { command };
    found.push({ code: "service_refused", severity: "error", subject, message, ...remedy });
  }
  for (const { path, problem } of folders) {
    if (problem === null) continue;
    const command = `ls -ld ${path}`;
    found.push({ code: "folder_unusable", severity: "error", subject, message: problem, command });
  }
  for (const { path, mode, remedy: command } of tokens) {
    if (command === null) continue;
    const remedy = PLAIN_PATH.test(path) ? programsOf(command) : { command };
    const message = `${path} has mode ${mode.toString(8)}`;
    found.push({ code: "token_readable", severity: "error", subject, message, ...remedy });
  }
  if (daemonProblem !== null) {
    const code = apiDown ? "api_down" : "daemon_unreachable";
    const command = unit ? `systemctl status ${apiDown ? "vipd-front" : "vipd"}` : "pgrep -a vipd";
    found.push({ code, severity: "warning", subject, message: daemonProblem, command });
  }
  return found;
}

/** Programs with plain words, one after the other. */
function programsOf(command: string): Remedy {
  return programRemedy(...command.split(" && ").map(wordsOf));
}

function wordsOf(command: string): Words {
  const [program = "", ...words] = command.split(" ");
  return [program, ...words];
}
