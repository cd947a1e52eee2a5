/**
 * The questions for the tables, chains, rules and sets of nf_tables, and the kernel's answers as values
 * (linux/netfilter/nf_tables.h). The numbers of attributes stand in place, as the header's enums count them.
 *
 * @module
 */

import {
  ATTRIBUTE_HEADER_OCTETS,
  decodeAttributes,
  decodeText,
  encodeMessage,
  type NetlinkMessage,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  viewOf,
} from "../netlink/netlink.ts";
import {
  NFNL_SUBSYS_NFTABLES,
  NFT_MSG_NEWCHAIN,
  NFT_MSG_NEWRULE,
  NFT_MSG_NEWSETELEM,
  NFT_MSG_NEWTABLE,
  type NftTable,
  type Octets,
  text,
} from "./nft.ts";

const NFT_MSG_GETTABLE = 1;
const NFT_MSG_GETCHAIN = 4;
const NFT_MSG_GETRULE = 7;
const NFT_MSG_GETSETELEM = 13;
const NFT_TABLE_F_DORMANT = 1;
const NFT_SET_ELEM_INTERVAL_END = 1;
const NF_DROP = 0;
/** struct nfgenmsg */
const GENERIC_OCTETS = 4;

/** A chain, of a table that is in force or not. */
export interface DumpedChain extends NftTable {
  readonly chain: string;
  /** The hook at which the kernel calls it; absent for the others. */
  readonly hook?: number;
  /** The devices whose packets it sees; empty for a chain of all. */
  readonly devices: readonly string[];
  readonly policy: "accept" | "drop";
  /** `filter`, `nat`, `route`; empty for chains that no hook calls. */
  readonly type: string;
}

/** One statement of a rule. */
export interface DumpedExpression {
  readonly name: string;
  readonly attributes: ReadonlyMap<number, Uint8Array>;
}

export interface DumpedRule {
  readonly handle: number;
  readonly expressions: readonly DumpedExpression[];
}

/** A verdict of a rule or of an element of a map. */
export interface DumpedVerdict {
  readonly code: number;
  /** The target of a jump. */
  readonly chain: string | null;
}

export interface DumpedElement {
  readonly key: Uint8Array;
  /** The end of a range, which is not in the set; the range began with the element before. */
  readonly isEnd: boolean;
  /** The last key of a range of concatenated keys. */
  readonly keyEnd?: Uint8Array;
  readonly value?: Uint8Array;
  readonly verdict?: DumpedVerdict;
}

/** All tables of all families. */
export function tablesQuery(sequence: number): Octets {
  return query(NFT_MSG_GETTABLE, 0, sequence);
}

/** All chains of all families. */
export function chainsQuery(sequence: number): Octets {
  return query(NFT_MSG_GETCHAIN, 0, sequence);
}

export function rulesQuery({ family, name }: NftTable, chain: string, sequence: number): Octets {
  return query(NFT_MSG_GETRULE, family, sequence, text(1, name), text(2, chain));
}

export function elementsQuery({ family, name }: NftTable, set: string, sequence: number): Octets {
  return query(NFT_MSG_GETSETELEM, family, sequence, text(1, name), text(2, set));
}

function query(
  type: number,
  family: number,
  sequence: number,
  ...attributes: readonly Octets[]
): Octets {
  return encodeMessage(
    (NFNL_SUBSYS_NFTABLES << 8) | type,
    NLM_F_REQUEST | NLM_F_DUMP,
    sequence,
    Uint8Array.of(family, 0, 0, 0),
    ...attributes,
  );
}

/** A table whose chains the kernel does not call; `null` for any other message. */
export function decodeDormantTable(message: NetlinkMessage): NftTable | null {
  const read = attributesOf(message, NFT_MSG_NEWTABLE);
  if (read === null) return null;
  const { family, attributes } = read;
  const isDormant = (numberOf(attributes.get(2)) & NFT_TABLE_F_DORMANT) !== 0;
  return isDormant ? { family, name: textOf(attributes.get(1)) } : null;
}

export function decodeChain(message: NetlinkMessage): DumpedChain | null {
  const read = attributesOf(message, NFT_MSG_NEWCHAIN);
  if (read === null) return null;
  const { family, attributes } = read;
  const hook = attributes.get(4) && decodeAttributes(attributes.get(4)!);
  const one = hook?.get(3);
  const many = hook?.get(4);
  return {
    ...{ family, name: textOf(attributes.get(1)), chain: textOf(attributes.get(3)) },
    ...(hook && { hook: numberOf(hook.get(1)) }),
    devices: [...(one ? [one] : []), ...(many ? decodeList(many) : [])].map(decodeText),
    policy: attributes.has(5) && numberOf(attributes.get(5)) === NF_DROP ? "drop" : "accept",
    type: textOf(attributes.get(7)),
  };
}

export function decodeRule(message: NetlinkMessage): DumpedRule | null {
  const read = attributesOf(message, NFT_MSG_NEWRULE);
  if (read === null) return null;
  const { attributes } = read;
  const handle = attributes.get(3);
  return {
    handle: handle?.length === 8 ? Number(viewOf(handle).getBigUint64(0)) : 0,
    expressions: decodeList(attributes.get(4)).map((octets) => {
      const expression = decodeAttributes(octets);
      return {
        name: textOf(expression.get(1)),
        attributes: decodeAttributes(expression.get(2) ?? NOTHING),
      };
    }),
  };
}

/** The elements in one message of the answer; `null` for any other message. */
export function decodeElements(message: NetlinkMessage): DumpedElement[] | null {
  const read = attributesOf(message, NFT_MSG_NEWSETELEM);
  if (read === null) return null;
  return decodeList(read.attributes.get(3)).map((octets) => {
    const element = decodeAttributes(octets);
    const data = element.get(2);
    const keyEnd = element.get(10);
    return {
      key: valueOf(element.get(1)) ?? NOTHING,
      isEnd: (numberOf(element.get(3)) & NFT_SET_ELEM_INTERVAL_END) !== 0,
      ...(keyEnd && { keyEnd: valueOf(keyEnd) ?? NOTHING }),
      ...(data && dataOf(data)),
    };
  });
}

/** NFTA_DATA_VALUE or NFTA_DATA_VERDICT within an attribute. */
export function dataOf(octets: Uint8Array): Pick<DumpedElement, "value" | "verdict"> {
  const data = decodeAttributes(octets);
  const verdict = data.get(2) && decodeAttributes(data.get(2)!);
  const value = data.get(1);
  return {
    ...(value && { value }),
    ...(verdict && {
      verdict: {
        code: numberOf(verdict.get(1)) | 0,
        chain: verdict.has(2) ? textOf(verdict.get(2)) : null,
      },
    }),
  };
}

/** NFTA_DATA_VALUE within an attribute. */
export function valueOf(octets: Uint8Array | undefined): Uint8Array | undefined {
  return octets && dataOf(octets).value;
}

const NOTHING = new Uint8Array();

/** A number in network order; 0 if there is none. */
export function numberOf(octets: Uint8Array | undefined): number {
  return octets?.length === 4 ? viewOf(octets).getUint32(0) : 0;
}

export function textOf(octets: Uint8Array | undefined): string {
  return decodeText(octets ?? NOTHING);
}

function attributesOf({ type, payload }: NetlinkMessage, wanted: number) {
  if (type !== ((NFNL_SUBSYS_NFTABLES << 8) | wanted) || payload.length < GENERIC_OCTETS) {
    return null;
  }
  return { family: payload[0]!, attributes: decodeAttributes(payload.subarray(GENERIC_OCTETS)) };
}

/** Attributes of one type, one after the other. */
function decodeList(octets: Uint8Array = NOTHING): Uint8Array[] {
  const view = viewOf(octets);
  const found: Uint8Array[] = [];
  for (let at = 0; at + ATTRIBUTE_HEADER_OCTETS <= octets.length;) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_OCTETS || at + length > octets.length) break;
    found.push(octets.subarray(at + ATTRIBUTE_HEADER_OCTETS, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}
