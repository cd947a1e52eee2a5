/**
 * The question of a standby to the virtual address, as a client.
 *
 * @module
 */

import type { CheckConfig } from "../health/check_config.ts";
import { canonicalIp, type IpAddress, isIpv6LinkLocal } from "../wire/address.ts";
import type { ClientQuestion, Config, InstanceConfig } from "./model.ts";
import { loopbackAddresses } from "./values/peer_url.ts";

/** The question of an instance's standby, and where it goes. */
export interface ClientTarget extends ClientQuestion {
  readonly instance: string;
  readonly address: IpAddress;
}

/** The targets of all instances that have one. */
export function clientTargets({ instances, checks }: Config): ClientTarget[] {
  return instances.flatMap((instance) => {
    const question = questionOf(instance, checks);
    const asked = instance.addresses.find(({ address }) => !isIpv6LinkLocal(address));
    return question && asked
      ? [{ ...question, instance: instance.name, address: asked.address }]
      : [];
  });
}

/** `http://192.168.31.5:80/` or `tcp 192.168.31.5:443`; without a query, which may hold a secret. */
export function targetText({ type, address, port, path }: ClientTarget): string {
  const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return type === "tcp" ? `tcp ${place}` : `${type}://${place}${path.replace(/\?.*/, "")}`;
}

/** `null`: nothing is asked. */
function questionOf(
  instance: InstanceConfig,
  checks: readonly CheckConfig[],
): ClientQuestion | null {
  const { clientCheck, track } = instance;
  if (clientCheck === "off") return null;
  if (clientCheck !== "auto") return clientCheck;
  const questions = track.flatMap((tracked) => {
    if (tracked.kind !== "check" || tracked.reverse) return [];
    const check = checks.find(({ name }) => name === tracked.check);
    return check === undefined ? [] : derivedQuestion(check, instance) ?? [];
  });
  return questions.find(({ type }) => type !== "tcp") ?? questions[0] ?? null;
}

/** `null` for a check of another machine, such as a backend, and for one that names no port. */
function derivedQuestion(check: CheckConfig, instance: InstanceConfig): ClientQuestion | null {
  switch (check.type) {
    case "http": {
      const url = URL.parse(check.url);
      // A recording has another text in its place.
      if (url === null) return null;
      const { protocol, hostname, port, host, pathname, search } = url;
      if (!isOwn(hostname, instance)) return null;
      const secure = protocol === "https:";
      return {
        type: secure ? "https" : "http",
        port: port === "" ? (secure ? 443 : 80) : Number(port),
        path: `${pathname}${search}`,
        host: check.hostHeader ?? host,
      };
    }
    case "tcp":
      return isOwn(check.host, instance) ? { type: "tcp", port: check.port, path: "/" } : null;
    default:
      return null;
  }
}

/**
 * True for loopback, the virtual addresses and the source of the adverts: the server there is this node's.
 *
 * @param host an IPv6 address with or without brackets.
 */
function isOwn(host: string, { addresses, sourceAddress }: InstanceConfig): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (loopbackAddresses(host).length > 0 || bare === "::1") return true;
  const address = canonicalIp(bare);
  return address !== null &&
    (address === sourceAddress || addresses.some((virtual) => virtual.address === address));
}
