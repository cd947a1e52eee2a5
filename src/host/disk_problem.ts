/**
 * Reasons why vipd's files do not reach the disk, and their remedies.
 *
 * @module
 */

import type { HostError } from "./errors.ts";

const NO_ROOM = new Set(["ENOSPC", "EDQUOT"]);
const NO_ANSWER = new Set(["ETIMEDOUT", "EIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EREMOTEIO"]);

/** A disk that has said nothing for so long. */
export function unansweredDisk(forMs: number): HostError {
  return { code: "ETIMEDOUT", message: `the disk has not answered for ${forMs / 1000} s` };
}

/** The remedy by which `state_dir` takes files again: the cause decides. */
export function stateDirRemedy({ code }: HostError): string {
  if (NO_ROOM.has(code)) {
    return "make room on the disk of state_dir (df -h, and df -i for files), or name another";
  }
  if (NO_ANSWER.has(code)) {
    return "look at the file system of state_dir (findmnt, dmesg): is it frozen, is its server " +
      "away, does its disk fail?";
  }
  return "make state_dir writable for vipd (systemd: StateDirectory=vipd), or name another";
}
