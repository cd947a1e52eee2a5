/**
 * Keys of HMAC trailers in files of their own: from the paths in a configuration to octets.
 *
 * They are read next to the schema, because a file can be damaged while the configuration stays as it is.
 *
 * @module
 */

import type { Path } from "../path.ts";
import { type Finding, problemAt, valueAt } from "../findings.ts";
import { readHmacKey } from "../values/hmac_key.ts";
import type { Result } from "../values/result.ts";
import { readAbsolutePath } from "../values/values.ts";
import { closedFolders, openingCommand } from "./closed_folder.ts";
import { keyFilePlace, type KeyFiles, placeName } from "./named_files.ts";
import { groupNumber, readingGroup } from "./reading_group.ts";
import { readNamedFile } from "./secret_file.ts";

/**
 * Reads what the data of a configuration names, whatever else is wrong with it.
 *
 * @param groupFor the group that lets vipd read a file, if there is one; asked only for a remedy
 */
export function readKeyFiles(
  data: unknown,
  groupFor: (data: unknown) => string | null = readingGroup,
): KeyFiles {
  const findings: Finding[] = [];
  const keys = new Map<string, Uint8Array>();
  for (const path of keyFilePlaces(data)) {
    const file = valueAt(data, path);
    // The schema reports anything else.
    if (typeof file !== "string" || !readAbsolutePath(file).ok) continue;
    const read = readKeyFile(file, () => groupFor(data));
    if (read.ok) keys.set(placeName(path), read.value);
    else findings.push(problemAt(path, read.problem));
  }
  return { findings, keyAt: (path) => keys.get(placeName(path)) };
}

function keyFilePlaces(data: unknown): Path[] {
  return indicesAt(data, ["instances"]).flatMap((instance) => {
    const authentication: Path = ["instances", instance, "authentication"];
    if (valueAt(data, [...authentication, "type"]) !== "hmac") return [];
    return indicesAt(data, [...authentication, "keys"]).map((key) => keyFilePlace(instance, key));
  });
}

/** The indices of a list; none if there is no list. */
function indicesAt(data: unknown, path: Path): number[] {
  const list = valueAt(data, path);
  return Array.isArray(list) ? [...list.keys()] : [];
}

function readKeyFile(path: string, group: () => string | null): Result<Uint8Array> {
  const read = readNamedFile(path, {
    code: "invalid_key",
    // Nothing here replaces a file: the other node may have the same key in force.
    hint: () => permitting(path, group()),
    missing: () =>
      `copy it from the other node; if neither has one: openssl rand -hex 32 | ` +
      `install ${modeFor(group())} /dev/stdin ${path}`,
    secret: true,
  });
  return read.ok ? readHmacKey(read.value) : read;
}

/** Only where the group is not root's own: `install` knows no group that is not there. */
function modeFor(group: string | null): string {
  return group === null ? "-m 600" : `-m 640 -g ${group}`;
}

/**
 * How the user of vipd gets to read a file. It is this process's own user if the group is; of another one, the group
 * alone counts.
 */
export function permitting(path: string, group: string | null): string {
  if (group === null) return "root runs vipd here and can read it: sudo vipd ...";
  const gid = groupNumber(group);
  const uid = Deno.gid() === gid ? Deno.uid() ?? -1 : -1;
  const closed = closedFolders(path, { uid, gid });
  return closed.length > 0
    ? `let the user of vipd get to it: ${openingCommand(closed)}`
    : `let the user of vipd read it: chgrp ${group} ${path} && chmod 640 ${path}`;
}
