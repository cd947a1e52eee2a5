/**
 * The configuration in the words of the file, for what is said of a change: keys and values that the model has in
 * another form than the file. Whatever both have in common is not repeated here.
 *
 * @module
 */

import type { CheckConfig, ProgramConfig, UserConfig } from "../health/check_config.ts";
import { routingText } from "../vip/routing.ts";
import type { InstanceConfig, TrackConfig } from "./model.ts";
import type { NotifyConfig } from "./notify_model.ts";

/** An instance: `virtual_mac`, `checksum`, `lease`, `routes`, `rules`, `track`, `client_check` and `announce` as the file has them. */
export function instanceWords(instance: InstanceConfig): object {
  // The addresses of the file say the family.
  const { family: _, checksumForm, routing, virtualInterface, multicastGroup, ...rest } = instance;
  const { lowerPriority, ...announce } = rest.announce;
  const entries = (kind: "route" | "rule") =>
    routing.filter((entry) => entry.kind === kind)
      .map((entry) => routingText(entry).slice(`${kind} `.length));
  return {
    ...rest,
    // The file has one of the two.
    ...(rest.unicast === undefined && { multicastGroup }),
    checksum: checksumForm === "pseudo_header" ? "rfc5798" : "rfc9568",
    leaseSeconds: rest.leaseSeconds ?? "off",
    virtualMac: virtualInterface ?? false,
    routes: entries("route"),
    rules: entries("rule"),
    track: rest.track.map(trackWords),
    clientCheck: clientCheckWords(rest.clientCheck),
    announce: {
      ...announce,
      repeatLowerPriority: lowerPriority.repeat,
      delayLowerPriorityMs: lowerPriority.delayMs,
    },
  };
}

/** A check: `host` and `status` of http, `address` of tcp, `user` as the file has them. */
export function checkWords(check: CheckConfig): object {
  const { onFail, ...own } = check;
  return { ...ownWords(own), ...(onFail && { onFail: programWords(onFail) }) };
}

function ownWords(check: CheckConfig): object {
  switch (check.type) {
    case "http": {
      const { hostHeader, status: { from, to }, ...rest } = check;
      return {
        ...rest,
        ...(hostHeader !== undefined && { host: hostHeader }),
        status: from === to ? `${from}` : `${from}-${to}`,
      };
    }
    case "tcp": {
      const { host, port, ...rest } = check;
      return { ...rest, address: placeWords(host, port) };
    }
    case "exec":
      return programWords(check);
    default:
      return check;
  }
}

/** A receiver of notifications: `arguments`, `url`, `url_file`, `server`, `username` and `password_file` as the file has them. */
export function notifyWords(notify: NotifyConfig): object {
  switch (notify.type) {
    case "exec": {
      const { appendArguments, ...rest } = notify;
      return { ...programWords(rest), arguments: appendArguments };
    }
    case "fifo":
      return withUserWords(notify);
    case "webhook": {
      const { target, ...rest } = notify;
      return {
        ...rest,
        ...("secretUrl" in target ? { url: target.secretUrl } : { urlFile: target.urlFile }),
      };
    }
    case "email": {
      const { host, port, login, ...rest } = notify;
      return { ...rest, server: placeWords(host, port), ...login };
    }
  }
}

/** `{ check: nginx, weight: -60 }`. */
function trackWords(track: TrackConfig): string {
  const { weight, whenDown, reverse } = track;
  const words = [
    track.kind === "check" ? `check: ${track.check}` : `interface: ${track.interface}`,
    ...(weight === undefined ? [] : [`weight: ${weight}`]),
    ...(whenDown === "fault" ? [] : [`when_down: ${whenDown}`]),
    ...(reverse ? ["reverse: true"] : []),
  ];
  return `{ ${words.join(", ")} }`;
}

/** `auto`, `tcp:443` or `{ type: http, port: 80, path: /health }`. */
function clientCheckWords(check: InstanceConfig["clientCheck"]): string {
  if (typeof check !== "object") return check;
  const { type, port, path, host } = check;
  if (path === "/" && host === undefined) return `${type}:${port}`;
  const words = [`type: ${type}`, `port: ${port}`, `path: ${path}`];
  return `{ ${[...words, ...(host === undefined ? [] : [`host: ${host}`])].join(", ")} }`;
}

function programWords(program: ProgramConfig): object {
  return withUserWords(program);
}

function withUserWords<T extends { readonly user?: UserConfig }>({ user, ...rest }: T): object {
  if (user === undefined) return rest;
  return { ...rest, user: user.group === undefined ? user.name : `${user.name}:${user.group}` };
}

function placeWords(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
