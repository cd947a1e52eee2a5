/**
 * A rehearsal for a person at a terminal.
 *
 * @module
 */

import { nameOf } from "../../rehearsal/compare.ts";
import type { Rehearsal, RehearsedName } from "../../status/rehearsal.ts";
import { comparedPeers, type RehearsalStatus } from "../../status/pair/rehearsal_parts.ts";
import { printableValue } from "../../wire/printable.ts";
import type { Times } from "./times.ts";
import { padTo, widthOf } from "./terminal/width.ts";

/** A line for each name, and what the comparison with each peer found; ends with a newline. */
export function rehearsalText(
  said: Rehearsal,
  status: RehearsalStatus,
  times: Times,
): string {
  const { node, at, took_ms, nginx, results } = printableValue(said);
  const names = results.map((result) => `${nameOf(result)}${pathOf(result)}`);
  const width = Math.max(0, ...names.map(widthOf));
  const lines = results.map((result, index) =>
    `  ${padTo(names[index]!, width)}  ${answerOf(result)}`
  );
  const count = `${results.length} ${results.length === 1 ? "answer" : "answers"}`;
  const notes = [
    ...(nginx.running === false ? ["no nginx runs on this node"] : []),
    ...(nginx.running === null
      ? ["vipd may not see nginx's processes: it does not notice when nginx is reloaded"]
      : []),
    ...(nginx.stale === null ? [] : [`nginx does not serve by its files: ${nginx.stale}`]),
    ...(nginx.unloadable === null ? [] : [`nginx cannot load its files: ${nginx.unloadable}`]),
    ...nginx.unread.map(({ path, reason, named }) =>
      `${path} is not read: ${reason}${named ? "; rehearse.names stands for it" : ""}`
    ),
    ...printableValue(comparedPeers(status)).flatMap(({ peer, findings }) =>
      findings === null
        ? [`${peer} has not rehearsed yet, so nothing is compared with it`]
        : findings.map(({ message, hint }) => `${message}\n    ${hint}`)
    ),
  ];
  return [
    `rehearsal of nginx on ${node}: ${count} from ${nginx.config} in ${took_ms} ms, ${
      times.full(at)
    }`,
    ...lines,
    ...notes.map((note) => `! ${note}`),
    "",
  ].join("\n");
}

function pathOf({ path }: RehearsedName): string {
  return path === null || path === "/" ? "" : ` ${path}`;
}

function answerOf(result: RehearsedName): string {
  const { certificate, status, location, error, not_rehearsed: why, served } = result;
  if (why !== null) return `not rehearsed: ${why}`;
  return [
    ...(served === false ? ["no server here has this name"] : []),
    ...(error === null ? [] : [error]),
    ...(status === null ? [] : [location === null ? `${status}` : `${status} to ${location}`]),
    ...(certificate === null ? [] : [
      `certificate for ${certificate.names.slice(0, 3).join(", ")} until ${
        certificate.expires.slice(0, 10)
      }`,
    ]),
  ].join(", ") || "connected";
}
