/**
 * Rules of `notify`: names, what the filters name, what must stand together.
 *
 * @module
 */

import type { PartialConfig, Placed } from "../partial.ts";
import { notifyName, toEmailServer } from "../build/to_notify.ts";
import { nearest } from "../nearest.ts";
import type { NotifyValues } from "../schema/notify.ts";
import { quote } from "../values/result.ts";
import { errorAt, type Finding, pathText } from "../findings.ts";

export function notifyFindings(partial: PartialConfig): Finding[] {
  return [
    ...duplicateNames(partial.notify),
    ...partial.notify.flatMap((entry) => filterRules(entry, partial)),
    ...partial.notify.flatMap(targetRules),
  ];
}

function duplicateNames(entries: readonly Placed<NotifyValues>[]): Finding[] {
  const seen = new Map<string, Placed<NotifyValues>>();
  return entries.flatMap((entry) => {
    const name = notifyName(entry.value, Number(entry.path.at(-1)));
    const first = seen.get(name);
    if (!first) seen.set(name, entry);
    return first
      ? [errorAt(
        [...entry.path, "name"],
        "duplicate_notify",
        `${pathText(first.path)} has the name ${quote(name)} already`,
        "give each a name of its own",
      )]
      : [];
  });
}

function filterRules(
  { path, value }: Placed<NotifyValues>,
  { instances, syncGroups }: PartialConfig,
): Finding[] {
  const known = {
    instances: instances.flatMap(({ values }) => values.name ?? []),
    groups: syncGroups.map((group) => group.value.name),
  };
  return (["instances", "groups"] as const).flatMap((key) =>
    (value[key] ?? []).flatMap((name, index) => {
      if (known[key].includes(name)) return [];
      const meant = nearest(name, known[key]);
      return [errorAt(
        [...path, key, index],
        key === "instances" ? "unknown_instance" : "unknown_sync_group",
        `there is no ${key === "instances" ? "instance" : "sync group"} ${quote(name)}`,
        meant
          ? `did you mean \`${meant}\`?`
          : known[key].length > 0
          ? `defined are: ${known[key].join(", ")}`
          : "remove it; none is defined",
      )];
    })
  );
}

function targetRules({ path, value }: Placed<NotifyValues>): Finding[] {
  if (value.type === "webhook") {
    const given = [value.url, value.url_file].filter((each) => each !== undefined).length;
    return given === 1 ? [] : [errorAt(
      path,
      "invalid_notify",
      given === 0 ? "it is not said where to post" : "two places to post to",
      "write `url` or `url_file`, one of the two",
    )];
  }
  if (value.type !== "email") return [];
  const { username, password_file: passwordFile } = value;
  if ((username === undefined) !== (passwordFile === undefined)) {
    return [errorAt(
      path,
      "invalid_notify",
      username === undefined ? "a password without a user name" : "a user name without a password",
      "write `username` and `password_file`, or neither",
    )];
  }
  if (username === undefined || toEmailServer(value).security !== "none") return [];
  return [errorAt(
    [...path, "username"],
    "login_not_encrypted",
    "the password would travel in clear text",
    "write `security: starttls` or `security: tls`",
  )];
}
