/**
 * The answers of a person to `vipd init`, as text to value: the same rules for options and for the dialogue.
 *
 * @module
 */

import { readHostAddress, readVirtualAddress } from "../../../config/values/virtual_address.ts";
import type { IpAddress } from "../../../wire/address.ts";
import type { Arguments } from "../../arguments.ts";
import { usageError } from "../../errors.ts";
import { type Role, ROLES } from "../../role.ts";
import type { Answers } from "./model.ts";

/** A value, or why the text is none and what would be. */
export type Read<T> = { readonly ok: true; readonly value: T } | {
  readonly ok: false;
  readonly problem: string;
  /** The answer that is probably meant. */
  readonly proposal?: string;
  /** It can be right: the value for a person who insists. */
  readonly doubted?: T;
};

/** One or several virtual addresses, with blanks or commas between them, in the kernel's notation. */
export function readAddresses(text: string): Read<readonly string[]> {
  const parts = addressParts(text);
  const addresses: string[] = [];
  for (const part of parts) {
    const read = readVirtualAddress(part);
    if (!read.ok) return wrongPart(read.problem, part, parts);
    const { address, prefixLength } = read.value;
    addresses.push(part.includes("/") ? `${address}/${prefixLength}` : address);
  }
  return addresses.length > 0 ? right(addresses) : wrong("an address is needed");
}

/** The parts of such a text, which may be no addresses. */
export function addressParts(text: string): readonly string[] {
  return text.replace(/\s*\/\s*/g, "/").split(/[\s,]+/).filter((part) => part !== "");
}

export function readVrid(text: string): Read<number> {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  return number >= 1 && number <= 255
    ? right(number)
    : wrong(`${text} is not a number from 1 to 255`);
}

/** In capitals, as keepalived writes it, or not. */
export function readRole(text: string): Read<Role> {
  const role = ROLES.find((known) => known === text.toLowerCase());
  return role ? right(role) : wrong(`takes ${ROLES.join(" or ")}, not ${JSON.stringify(text)}`);
}

/** Addresses of other nodes, each once; none for `none`. */
export function readPeers(text: string): Read<readonly IpAddress[]> {
  const parts = text.split(/[\s,]+/).filter((part) => part !== "" && !/^none$/i.test(part));
  const values = new Set<IpAddress>();
  for (const part of parts) {
    const read = readHostAddress(part);
    if (!read.ok) return wrongPart(read.problem, part, parts);
    values.add(read.value);
  }
  return right(Array.from(values));
}

export function readYesOrNo(text: string): Read<boolean> {
  if (/^y(es)?$/i.test(text)) return right(true);
  return /^no?$/i.test(text) ? right(false) : wrong("answer yes or no");
}

/** The last part of an IPv4 address: the same on both nodes, and unlikely to be another pair's. Else empty. */
export function defaultVrid([address = ""]: readonly string[]): string {
  const last = Number(/\.(\d+)(?:\/\d+)?$/.exec(address)?.[1]);
  return last >= 1 && last <= 255 ? String(last) : "";
}

/** The answers that were given as options. Throws a usage error for each that is wrong. */
export function givenAnswers(args: Arguments): Partial<Answers> {
  const addresses = args.texts("address");
  const vrid = args.text("vrid");
  const role = args.text("role");
  const named = args.text("interface");
  const peers = args.texts("peer").map((text) => given("--peer:", readPeers(text)));
  return {
    ...addresses.length > 0 && {
      addresses: addresses.flatMap((text) => given("--address:", readAddresses(text))),
    },
    ...vrid !== undefined && { vrid: given("--vrid", readVrid(vrid)) },
    ...role !== undefined && { role: given("--role", readRole(role)) },
    ...named !== undefined && { interface: named },
    ...peers.length > 0 && { peers: peers.flat() },
  };
}

/** All answers without a dialogue. Throws a usage error that names all options that are missing. */
export function answersWithoutDialogue(given: Partial<Answers>, defaults: boolean): Answers {
  const { addresses, role } = given;
  const vrid = given.vrid ?? (defaults && addresses ? Number(defaultVrid(addresses)) : 0);
  if (!addresses || vrid === 0 || !role) {
    // The VRID that --yes would take is known with the address.
    const isVridMissing = vrid === 0 && (addresses !== undefined || !defaults);
    throw missing([
      ...(addresses ? [] : ["--address"] as const),
      ...(isVridMissing ? ["--vrid"] as const : []),
      ...(role ? [] : ["--role"] as const),
    ]);
  }
  return {
    ...{ addresses, vrid, role },
    ...{ interface: given.interface ?? "", peers: given.peers ?? [] },
  };
}

export const QUESTIONS = {
  address: "Virtual address of the pair, for instance 192.168.31.5/24:",
  interface: "Interface where the two nodes hear each other:",
  vrid: "VRID, the pair's number on this network, 1 to 255:",
  role: "Role of this node, master or backup:",
  peer: "Address of the other node, if multicast does not pass between the two:",
} as const;

const EXAMPLES = { "--address": "192.168.31.5/24", "--vrid": "55", "--role": "master" } as const;

function missing(options: readonly (keyof typeof EXAMPLES)[]): Error {
  const names = options.length === 1
    ? `${options[0]} is`
    : `${options.slice(0, -1).join(", ")} and ${options.at(-1)} are`;
  const example = options.map((option) => `${option} ${EXAMPLES[option]}`).join(" ");
  return usageError(`${names} needed, for instance: ${example}`);
}

function given<T>(option: string, read: Read<T>): T {
  if (read.ok) return read.value;
  throw usageError(`${option} ${read.problem}`);
}

function right<T>(value: T): Read<T> {
  return { ok: true, value };
}

function wrong<T>(problem: string): Read<T> {
  return { ok: false, problem };
}

/** Some hints name the value to write; then all parts with it are what is meant. */
function wrongPart<T>(
  { message, hint }: { readonly message: string; readonly hint: string },
  part: string,
  parts: readonly string[],
): Read<T> {
  const [, value] = /\bwrite (\S+)$/.exec(hint) ?? [];
  const proposal = value === undefined
    ? {}
    : { proposal: parts.map((each) => each === part ? value : each).join(" ") };
  return { ok: false, problem: `${message}; ${hint}`, ...proposal };
}
