/**
 * The front's part of the configuration, and the places of its unix sockets.
 *
 * @module
 */

import { basename, join } from "node:path";
import { clientTargets } from "../../config/client_target.ts";
import { effectiveConfig } from "../../config/effective.ts";
import type { Config, ListenAddress, ListenPlace } from "../../config/model.ts";
import { isLocal } from "../../config/notify_model.ts";
import { isRemote } from "../../config/values/values.ts";
import type { FrontSettings, ServedAddress } from "../../ipc/messages.ts";
import { API_SOCKET } from "../files/run_dir.ts";

/** All users of this machine may read, as through a loopback address; or only the front's group. */
const OPEN_SOCKET = 0o666;
const GROUP_SOCKET = 0o660;

/** A unix socket of the configuration: a link to one in the front's folder, the only folder where it may create any. */
export interface SocketLink {
  readonly path: string;
  /** Its name in the front's folder. */
  readonly name: string;
}

/** The unix sockets to create: the local one, and those of `api.listen`. */
export function socketLinks({ runDir, api }: Config): SocketLink[] {
  const local = join(runDir, API_SOCKET);
  const others = api.listen.flatMap((address) =>
    address.kind === "unix" && address.path !== local ? [address.path] : []
  );
  return [
    { path: local, name: API_SOCKET },
    ...others.map((path, index) => ({ path, name: `listen-${index + 1}.sock` })),
  ];
}

/** The front's part of the configuration. It has no key of VRRP, and no argument of a program. */
export function frontSettings(config: Config): FrontSettings {
  const { node, api, instances, notify, peers, rehearse, syncGroups } = config;
  const tcp = api.listen.filter(({ kind }) => kind === "tcp");
  const sockets = socketLinks(config).map(({ name }): ListenAddress => ({
    kind: "unix",
    path: name,
    ...(name === API_SOCKET ? { forCommands: true } : {}),
  }));
  return {
    ...{ node, peers, rehearse, syncGroups },
    listen: [...tcp, ...sockets],
    hosts: api.hosts,
    socketMode: opensToAll(config) ? OPEN_SOCKET : GROUP_SOCKET,
    readingNeedsToken: api.localReading === "token",
    instances: instances.length,
    clients: clientTargets(config),
    notify: notify.filter((target) => !isLocal(target)),
    config: effectiveConfig(config),
  };
}

/** If all users of this machine may read through a loopback address, they may through a socket as well. */
function opensToAll({ api }: Config): boolean {
  return api.listen.some((address) => address.kind === "tcp" && !isRemote(address));
}

/** The addresses on which the API answers, as the configuration names them. */
export function servedPlaces(config: Config, served: readonly ServedAddress[]): ListenPlace[] {
  const links = socketLinks(config);
  const configured = config.api.listen.map((address) => address.kind === "unix" && address.path);
  return served.flatMap((address): ListenPlace[] => {
    if (address.kind === "tcp") return [address];
    const link = links.find(({ name }) => name === basename(address.path));
    return link && configured.includes(link.path) ? [{ kind: "unix", path: link.path }] : [];
  });
}

/** The files of these settings that the front may ask for: secrets of receivers, tokens of peers. */
export function secretFiles({ notify, peers }: FrontSettings): Set<string> {
  const files = notify.flatMap((target) =>
    target.type === "webhook"
      ? [
        "urlFile" in target.target ? target.target.urlFile : undefined,
        target.secretFile,
        target.caFile,
      ]
      : [target.login?.passwordFile, target.caFile]
  );
  return new Set(
    [...files, ...peers.map(({ tokenFile }) => tokenFile)].filter((file) => file !== undefined),
  );
}
