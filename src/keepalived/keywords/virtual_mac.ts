/**
 * `use_vmac [NAME] [MAC] [netlink_notify_msg] [group NUMBER]`.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import type { Report } from "../finding.ts";
import type { Statement } from "../syntax/statement.ts";

/** The value of `virtual_mac`. Reports what vipd chooses differently. */
export function readVirtualMac(
  statement: Statement,
  report: Report,
): true | { readonly interface: string } {
  let name: string | null = null;
  const words = [...statement.words];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "netlink_notify_msg") continue;
    if (/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(word)) {
      report.add(
        "not_carried",
        statement,
        `${word}: vipd takes the MAC address that the RFC gives to the VRID`,
        "there is nothing to do unless the network expects this one",
      );
    } else if (word === "group") {
      report.add(
        "not_carried",
        statement,
        `${quote(`group ${words.shift() ?? ""}`.trim())}: vipd puts its interface into no group`,
        "there is nothing to do unless another program looks for the group",
      );
    } else if (name === null) name = word;
    else {
      report.add("not_carried", statement, `${quote(word)} is without effect`, "remove it");
    }
  }
  return name === null ? true : { interface: name };
}
