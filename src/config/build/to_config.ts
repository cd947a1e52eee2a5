/**
 * From the file's values to the configuration as the program uses it.
 *
 * @module
 */

import type {
  CheckConfig,
  HttpCheckConfig,
  ProgramConfig,
  RecoveryConfig,
  UserConfig,
} from "../../health/check_config.ts";
import type { VirtualAddress } from "../../vip/addresses.ts";
import { automaticLeaseSeconds } from "../../vip/lease.ts";
import { VRRP_GROUP } from "../../wire/vrrp.ts";
import type {
  AuthenticationConfig,
  Config,
  DampingConfig,
  InstanceConfig,
  LinkDelays,
  PeerConfig,
  ProcessConfig,
  RehearseConfig,
  TrackConfig,
  UnicastConfig,
} from "../model.ts";
import { maximumAddresses } from "../values/virtual_address.ts";
import type { CheckValues } from "../schema/check.ts";
import type { InterfaceValues } from "../schema/interfaces.ts";
import type { RehearseValues } from "../schema/rehearse.ts";
import type {
  AddressValues,
  InstanceValues,
  TrackValues,
  UnicastValues,
} from "../schema/instance.ts";
import type { FileValues, PeerApiValues, ProcessValues } from "../schema/schema.ts";
import { keyFilePlace, type NamedFiles } from "../secrets/named_files.ts";
import { instanceFamily } from "../values/family.ts";
import { broadcastAddress } from "../values/host_values.ts";
import { isRemote } from "../values/values.ts";
import { virtualInterfaceName } from "../values/virtual_mac.ts";
import { toNotify } from "./to_notify.ts";
import { toRouting } from "./to_routing.ts";

/** A program in the file. */
interface ProgramValues {
  readonly command: ProgramConfig["command"];
  readonly user?: UserConfig | undefined;
}

/** Timeout of a check that does not say one, unless its interval is shorter. */
const DEFAULT_TIMEOUT_MS = 1000;

/** The configuration of a file that has no errors; `named`: what the files hold that it names. */
export function toConfig(file: FileValues, hostname: string, named: NamedFiles): Config {
  return {
    node: file.node ?? hostname,
    api: {
      listen: file.api.listen.map((address) =>
        file.api.tls && address.kind === "tcp" && isRemote(address)
          ? { ...address, tls: named.tls.ofApi }
          : address
      ),
      ...(file.api.tls !== undefined && { tls: file.api.tls }),
      hosts: file.api.hosts,
      ...(file.api.read_token_file !== undefined && { readTokenFile: file.api.read_token_file }),
      localReading: file.api.local_reading ??
        (file.api.read_token_file === undefined ? "open" : "token"),
      tokenFile: file.api.token_file ?? `${file.run_dir.replace(/\/+$/, "")}/token`,
    },
    runDir: file.run_dir,
    stateDir: file.state_dir,
    startDelayMs: file.start_delay,
    process: toProcess(file.process),
    interfaces: toInterfaces(file.interfaces),
    checks: Object.entries(file.checks).map(([name, check]) =>
      toCheck(name, check, named.tls.textAt(["checks", name, "ca"]))
    ),
    instances: file.instances.map((instance, index) =>
      toInstance(instance, (key) => named.keys.keyAt(keyFilePlace(index, key)))
    ),
    syncGroups: file.sync_groups,
    rehearse: toRehearse(file.rehearse, file.api.hosts),
    notify: file.notify.map((entry, index) => toNotify(entry, index, file.node ?? hostname)),
    peers: file.peers.map((peer, index) => toPeer(peer, named.tls.textAt(["peers", index, "ca"]))),
  };
}

function toRehearse(
  { names, except, paths, warn_before: warnBeforeMs, every: everyMs }: RehearseValues,
  hosts: readonly string[],
): RehearseConfig {
  // A proxy in front of the API is this node's own.
  return { names, except: [...except, ...hosts], paths, warnBeforeMs, everyMs };
}

function toProcess(
  { realtime_priority: realtimePriority, nice }: ProcessValues,
): ProcessConfig {
  return {
    ...(realtimePriority !== undefined && { realtimePriority }),
    ...(nice !== undefined && { nice }),
  };
}

function toInterfaces(interfaces: Readonly<Record<string, InterfaceValues>>): LinkDelays[] {
  return Object.entries(interfaces).map(([name, values]) => ({
    name,
    upDelayMs: values.up_delay,
    downDelayMs: values.down_delay,
  }));
}

function toPeer(
  { name, url, token_file: tokenFile }: PeerApiValues,
  ca: string | undefined,
): PeerConfig {
  return {
    ...{ name, url },
    ...(tokenFile !== undefined && { tokenFile }),
    ...(ca !== undefined && { ca }),
  };
}

function toCheck(name: string, check: CheckValues, ca: string | undefined): CheckConfig {
  const common = {
    name,
    intervalMs: check.interval,
    timeoutMs: check.timeout ?? Math.min(DEFAULT_TIMEOUT_MS, check.interval),
    rise: check.rise,
    fall: check.fall,
    ...(check.on_fail === undefined ? {} : { onFail: toRecovery(check.on_fail) }),
  };
  switch (check.type) {
    case "http": {
      const { type, url, status, body_contains: bodyContains, host } = check;
      const { server_name: serverName, expires_within: expiresWithinMs } = check;
      return {
        ...common,
        type,
        url,
        status,
        ...(bodyContains === undefined ? {} : { bodyContains }),
        ...(host === undefined ? {} : { hostHeader: host }),
        ...(ca !== undefined && { ca }),
        ...(serverName !== undefined && { serverName }),
        ...(expiresWithinMs !== undefined && { expiresWithinMs }),
      } satisfies HttpCheckConfig;
    }
    case "tcp":
      return { ...common, type: check.type, ...check.address };
    case "process": {
      const { type, process, user, path, grace: graceMs } = check;
      return {
        ...common,
        ...{ type, process },
        ...(user !== undefined && { user }),
        ...(path !== undefined && { path }),
        graceMs,
      };
    }
    case "ping": {
      const { type, address, method, interface: interfaceName } = check;
      return {
        ...common,
        ...{ type, address, method },
        ...(interfaceName !== undefined && { interface: interfaceName }),
      };
    }
    case "file":
      return { ...common, type: check.type, path: check.path };
    case "exec":
      return { ...common, type: check.type, ...toProgram(check) };
  }
}

function toProgram({ command, user }: ProgramValues): ProgramConfig {
  return { command, ...(user === undefined ? {} : { user }) };
}

function toRecovery(onFail: NonNullable<CheckValues["on_fail"]>): RecoveryConfig {
  const { timeout: timeoutMs, attempts, every: everyMs } = onFail;
  return { ...toProgram(onFail), timeoutMs, attempts, everyMs };
}

/** `keyFile`: the octets in the `key_file` of the key at this index. */
type KeyFile = (index: number) => Uint8Array | undefined;

function toInstance(instance: InstanceValues, keyFile: KeyFile): InstanceConfig {
  const { announce } = instance;
  const family = instanceFamily(instance);
  const virtualInterface = virtualInterfaceName(instance, family);
  const advertised = new Set(
    instance.addresses.filter(({ advertise }) => advertise)
      .slice(0, maximumAddresses(instance.version, family, instance.authentication.type)),
  );
  return {
    name: instance.name,
    interface: instance.interface,
    trackInterface: instance.track_interface,
    ...(instance.source_address === undefined ? {} : { sourceAddress: instance.source_address }),
    ...(instance.unicast === undefined ? {} : { unicast: toUnicast(instance.unicast) }),
    multicastGroup: instance.multicast_group ?? VRRP_GROUP[family],
    vrid: instance.vrid,
    family,
    version: instance.version,
    priority: instance.priority,
    advertIntervalCs: instance.advert_interval / 10,
    downTimerAdverts: instance.down_timer_adverts,
    preempt: instance.preempt,
    preemptDelayMs: instance.preempt_delay,
    soleBackup: instance.sole_backup,
    damping: toDamping(instance),
    authentication: toAuthentication(instance, keyFile),
    checksumForm: instance.checksum === "rfc5798" ? "pseudo_header" : "message",
    leaseSeconds: leaseSecondsOf(instance),
    drainMs: instance.drain,
    clientCheck: toClientCheck(instance),
    addresses: instance.addresses.map((address) => ({
      ...toAddress(address, virtualInterface ?? instance.interface),
      ...(advertised.has(address) ? {} : { advertise: false as const }),
    })),
    accept: instance.accept,
    ...(virtualInterface !== undefined && { virtualInterface }),
    routing: toRouting(instance, family, instance.interface),
    track: instance.track.map(toTrack),
    splitBrain: instance.split_brain,
    announce: {
      delayMs: announce.delay,
      repeat: announce.repeat,
      refreshMs: announce.refresh,
      ...(announce.refresh_repeat > 1 && { refreshRepeat: announce.refresh_repeat }),
      intervalMs: announce.interval,
      lowerPriority: {
        repeat: announce.repeat_lower_priority ?? announce.repeat,
        delayMs: announce.delay_lower_priority ?? announce.delay,
      },
    },
  };
}

/** One virtual address; on `device` if it names none. */
function toAddress(values: AddressValues, device: string): VirtualAddress {
  const { address, label, scope } = values;
  const broadcast = values.broadcast === "auto" ? broadcastAddress(address) : values.broadcast;
  return {
    ...address,
    device: values.device ?? device,
    ...(label !== undefined && { label }),
    ...(scope !== undefined && scope !== "global" && { scope }),
    ...(broadcast && broadcast !== "none" && { broadcast }),
  };
}

/** Shortest default of `window`: clocks that are kept by NTP differ by less. */
const MIN_WINDOW_MS = 5000;
const MAX_WINDOW_MS = 300_000;

function toAuthentication(
  { authentication, advert_interval: intervalMs }: InstanceValues,
  keyFile: KeyFile,
): AuthenticationConfig {
  if (authentication.type !== "hmac") return authentication;
  const { type, keys, active_key: activeKey, replay, window, mode } = authentication;
  const usual = Math.min(MAX_WINDOW_MS, Math.max(MIN_WINDOW_MS, 3 * intervalMs));
  return {
    type,
    // The rules leave one of the two.
    keys: keys.map(({ id, key }, index) => ({ id, key: (key ?? keyFile(index))! })),
    activeKey: activeKey ?? keys[0]!.id,
    replay,
    windowMs: window ?? usual,
    mode,
  };
}

function toClientCheck(
  { client_check: check }: InstanceValues,
): InstanceConfig["clientCheck"] {
  if (typeof check !== "object") return check;
  const { type, port, path, host } = check;
  return { type, port, path, ...(host !== undefined && { host }) };
}

function leaseSecondsOf(instance: InstanceValues): number | null {
  const { lease, advert_interval: intervalMs, down_timer_adverts: adverts } = instance;
  if (lease === "off" || instance.addresses.length === 0) return null;
  return lease === "auto" ? automaticLeaseSeconds(intervalMs, adverts) : lease / 1000;
}

function toDamping(
  { damping: { moves, within: withinMs, hold_after: holdAfterMs } }: InstanceValues,
): DampingConfig {
  return { moves, withinMs, holdAfterMs };
}

function toUnicast({ peers, ttl, min_ttl: minTtl }: UnicastValues): UnicastConfig {
  return { peers, ttl, minTtl };
}

function toTrack(track: TrackValues): TrackConfig {
  const { check, interface: interfaceName, weight, when_down: whenDown = "fault", reverse } = track;
  const way = { ...(weight === undefined ? {} : { weight }), whenDown, reverse };
  return check !== undefined
    ? { kind: "check", check, ...way }
    : { kind: "interface", interface: interfaceName!, ...way };
}
