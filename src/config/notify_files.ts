/**
 * What this machine says of the files that `notify` names: warnings, for they are read anew at each use and may
 * come later.
 *
 * @module
 */

import { type Finding, warningAt } from "./findings.ts";
import type { Config } from "./model.ts";
import type { NotifyConfig } from "./notify_model.ts";

/** Permissions of everybody. */
const OTHERS = 0o007;

interface NamedFile {
  readonly key: string;
  readonly path: string;
  readonly secret: boolean;
}

/** The findings about every such file. */
export async function notifyFileFindings({ notify }: Config): Promise<Finding[]> {
  const findings = await Promise.all(
    notify.map(async (target, index) =>
      await Promise.all(filesOf(target).map((file) => inspect(file, index)))
    ),
  );
  return findings.flat(2);
}

function filesOf(target: NotifyConfig): NamedFile[] {
  const file = (key: string, path: string | undefined, secret: boolean) =>
    path === undefined ? [] : [{ key, path, secret }];
  switch (target.type) {
    case "exec":
      return [];
    case "webhook":
      return [
        ...file("url_file", "urlFile" in target.target ? target.target.urlFile : undefined, true),
        ...file("secret_file", target.secretFile, true),
        ...file("ca_file", target.caFile, false),
      ];
    case "email":
      return [
        ...file("password_file", target.login?.passwordFile, true),
        ...file("ca_file", target.caFile, false),
      ];
  }
}

async function inspect({ key, path, secret }: NamedFile, index: number): Promise<Finding[]> {
  const place = ["notify", index, key];
  try {
    using file = await Deno.open(path);
    const { mode } = await file.stat();
    if (!secret || ((mode ?? 0) & OTHERS) === 0) return [];
    const message = `every user of this machine can use the secret in ${path}`;
    return [warningAt(place, "notify_file_open", message, `chmod o= ${path}`)];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const why = error instanceof Deno.errors.NotFound ? "there is no such file" : error.message;
    const hint = "without it nothing can be sent; make it, readable by vipd's user alone";
    return [warningAt(place, "notify_file_unreadable", `${path}: ${why}`, hint)];
  }
}
