/**
 * The files that a pairing writes on a node: the files with keys, certificates and tokens, a copy of the configuration as it is,
 * and the configuration.
 *
 * @module
 */

import type { ListenAddress } from "../config/model.ts";
import { isRemote, readListenAddress } from "../config/values/values.ts";
import { editForPair, type PairEdit } from "../config/yaml/pair_edit.ts";
import { familyOf } from "../wire/address.ts";
import type { FileChange, Owner } from "./file_changes.ts";
import type { Offer } from "./offer.ts";
import type { OwnPart } from "./own_part.ts";
import { hostPort } from "./pair_line.ts";
import { pairPlaces } from "./places.ts";

const SECRET_MODE = 0o600;
const OPEN_MODE = 0o644;

/** A configuration file as it is. */
export interface ConfigFileNow {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly owner: Owner;
}

/** The address at which the API of a node of a pair listens. */
export interface ApiPlace {
  /** An address of the machine. */
  readonly host: string;
  readonly port: number;
}

export interface PlanInput {
  readonly file: ConfigFileNow;
  /** `api.listen` as it is written, without its default. */
  readonly listen: readonly string[];
  readonly place: ApiPlace;
  readonly own: OwnPart;
  readonly other: Offer;
  readonly stateDir: string;
  /** The user that reads the files: the owner of `state_dir`. */
  readonly owner: Owner;
  /** For the name of the copy. */
  readonly nowMs: number;
}

export interface PairPlan {
  /** In the order in which they are written, the configuration last. */
  readonly changes: readonly FileChange[];
  /** The configuration as it is to be. */
  readonly text: string;
  /** The copy of the configuration as it is; `null` if it stays so. */
  readonly backup: string | null;
}

export function planPair(input: PlanInput): PairPlan {
  const { file, own, other, stateDir, owner, nowMs } = input;
  const places = pairPlaces(stateDir);
  const peer = {
    name: other.node,
    url: other.url,
    ca: places.peerCa(other.node),
    token_file: places.peerToken(other.node),
  };
  const edit: PairEdit = { ...own.edit, ...listenEdit(input.listen, input.place), peer };
  const text = editForPair(file.text, edit);
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(":", "");
  const backup = text === file.text ? null : `${file.path}.${stamp}`;
  const secrets = [
    ...own.files,
    { path: peer.ca, text: other.ca, secret: false },
    { path: peer.token_file, text: `${other.read_token}\n`, secret: true },
  ];
  const changes = [
    ...secrets.map(({ path, text, secret }) => ({
      ...{ path, text, owner, mode: secret ? SECRET_MODE : OPEN_MODE },
    })),
    ...(backup === null ? [] : [{ ...file, path: backup }]),
    { ...file, text, expected: file.text },
  ];
  return { changes, text, backup };
}

/** The place at which the API listens already for other machines, such that the address is one of it; `null` if nowhere. */
export function listensFor(listen: readonly string[], host: string): ApiPlace | null {
  for (const address of listen.flatMap(read)) {
    if (address.kind !== "tcp" || !isRemote(address)) continue;
    const all = address.host === (familyOf(host) === "ipv4" ? "0.0.0.0" : "::");
    if (all || address.host === host) return { host, port: address.port };
  }
  return null;
}

function listenEdit(listen: readonly string[], { host, port }: ApiPlace): Pick<PairEdit, "listen"> {
  if (listensFor(listen, host)?.port === port) return {};
  return { listen: [...listen, hostPort(host, port)] };
}

function read(text: string): ListenAddress[] {
  const address = readListenAddress(text);
  return address.ok ? [address.value] : [];
}
