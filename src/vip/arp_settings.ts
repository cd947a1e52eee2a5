/**
 * The kernel's settings that decide for which addresses an interface answers ARP, and in whose name it asks
 * (ip-sysctl.rst). The interface's own value and that of all interfaces count, the greater one of the two. The interface
 * is the one at which a request arrives, or by which one leaves: an interface with a virtual MAC address and the one
 * below it both get each request, and answer by their own settings. Pure.
 *
 * @module
 */

export type ArpSetting = "arp_ignore" | "arp_announce";

/** The values of arp_ignore with which ARP for an address of another interface is not answered. */
const OTHERS_UNANSWERED: readonly number[] = [1, 2, 8];
/** The value of arp_ignore with which no ARP is answered. */
const NONE_ANSWERED = 8;
/** The only value of arp_announce with which no request has an address of another interface as its sender. */
const OTHERS_UNNAMED = 2;

/** True if an interface with this arp_ignore answers for the addresses of other interfaces, too. */
export function answersForOthers(arpIgnore: number): boolean {
  return !OTHERS_UNANSWERED.includes(arpIgnore);
}

/** True if an interface with this arp_ignore answers for no address, not even its own. */
export function answersForNone(arpIgnore: number): boolean {
  return arpIgnore === NONE_ANSWERED;
}

/** True if an interface with this arp_announce may ask in the name of an address of another interface. */
function asksForOthers(arpAnnounce: number): boolean {
  return arpAnnounce !== OTHERS_UNNAMED;
}

/** A setting that the interface below one with a virtual MAC address needs. */
interface BelowSetting {
  readonly setting: ArpSetting;
  /** vipd sets it in place of a value that does not suit. */
  readonly value: number;
  readonly suits: (value: number) => boolean;
}

/**
 * The interface below must not answer ARP for the virtual addresses with its own MAC address (RFC 9568 section 8.1.2),
 * nor ask with one of them as sender, which would announce that MAC on the link.
 */
export const BELOW_SETTINGS: readonly BelowSetting[] = [
  { setting: "arp_ignore", value: 1, suits: (value) => !answersForOthers(value) },
  { setting: "arp_announce", value: 2, suits: (value) => !asksForOthers(value) },
];

/** A setting with which a virtual MAC address is not what neighbours learn. */
export interface ArpProblem {
  readonly interface: string;
  readonly setting: ArpSetting;
  /** The one that counts. */
  readonly value: number;
}

/**
 * The settings that do not suit: of the interfaces below one with a virtual MAC address, then its own.
 *
 * @param valueOf the value that counts; `null` if it is not known
 */
export function arpProblems(
  name: string,
  below: readonly string[],
  valueOf: (name: string, setting: ArpSetting) => number | null,
): ArpProblem[] {
  const unsuitable = (
    on: string,
    setting: ArpSetting,
    isWrong: (value: number) => boolean,
  ): ArpProblem[] => {
    const value = valueOf(on, setting);
    return value !== null && isWrong(value) ? [{ interface: on, setting, value }] : [];
  };
  return [
    ...below.flatMap((lower) =>
      BELOW_SETTINGS.flatMap(({ setting, suits }) =>
        unsuitable(lower, setting, (value) => !suits(value))
      )
    ),
    ...unsuitable(name, "arp_ignore", (value) => answersForOthers(value) || answersForNone(value)),
  ];
}

/** The effect of such a setting; `name` is the interface of the virtual MAC address. */
export function arpEffect({ interface: on, setting, value }: ArpProblem, name: string): string {
  if (setting === "arp_announce") {
    return `${on} asks in the name of the virtual addresses with its own MAC address`;
  }
  if (on !== name) return `${on} answers ARP for the virtual addresses with its own MAC address`;
  return answersForNone(value)
    ? "nobody who asks for the virtual addresses gets an answer"
    : `${on} answers ARP for this node's other addresses with the virtual MAC address`;
}
