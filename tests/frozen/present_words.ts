/**
 * Texts of 0.1.0 in the present words, so that a comparison differs by what is meant. As with an accepted difference,
 * CHANGELOG.md says why each is another one.
 *
 * @module
 */

import type { Json } from "./json.ts";

/** Texts that one sentence of CHANGELOG.md is about. */
export interface Reworded {
  /** Word for word, above its section about 0.1.0; line breaks do not count. */
  readonly changelog: string;
  /** A part of a text of 0.1.0, and the same now. A line that ends in it may end elsewhere in a manual page. */
  readonly words: readonly (readonly [was: string, is: string])[];
}

const PLAIN_ENGLISH = "Help, messages and descriptions are in plainer English: " +
  '"manually", "override" and "command" instead of older words';
const SENT = "the table of `vipd status` has `LAST SENT`";
const COMMANDS = "`vipd status` calls its row `override`, exit code 6 is " +
  '"the running vipd refused the command", and the page, the problems of the API and its OpenAPI document say ' +
  '"command" or "override", too';
const GIVEN_UP =
  "Addresses are added and removed, and a master gives them up or gives way, in all messages, " +
  'descriptions and codes\' meanings: no more "puts on", "takes off" or "lets go"';
const FAULT_OVER = 'A fault that is over says "all faults cleared; waiting to hear a master"';
const HELD = "`held` is only said of what the kernel has now";
const TWO_PROCESSES = "vipd is two processes. `vipd run` is the engine";

/** In this order: a text may hold a shorter one. */
export const PRESENT_WORDS: readonly Reworded[] = [
  {
    changelog: COMMANDS,
    words: [
      ["the running vipd refused the order", "the running vipd refused the command"],
      ["\n  order     ", "\n  override  "],
      ["What came of an order.", "The outcome of a command."],
    ],
  },
  {
    changelog: SENT,
    words: [
      ["LAST TOLD", "LAST SENT"],
    ],
  },
  {
    changelog: PLAIN_ENGLISH,
    words: [
      [
        "examine this machine, and say how to mend what is wrong",
        "examine this machine, and say how to fix what is wrong",
      ],
      [
        "Examines what an address needs beside vipd:",
        "Examines what an address needs apart from vipd:",
      ],
      ["set the priority by hand, or put", "set the priority, or put"],
      [
        "Sets the priority of an instance by hand, 1 to 254, until it is put back.",
        "Sets the priority of an instance, 1 to 254, until it is put back.",
      ],
      [
        "take the configuration file anew, without a restart",
        "read the configuration file again, without a restart",
      ],
      [
        "Where anything is wrong with the file, all of it is told, the configuration\nbefore runs on, and vipd reload ends with 3. What did not change keeps its state\nand its addresses. The same as systemctl reload vipd or SIGHUP, which tell the\nlog.",
        "If the file has problems, all of them are shown, the configuration before runs\non, and vipd reload ends with 3. Everything else keeps its state and its\naddresses. The same as systemctl reload vipd or SIGHUP, which write to the log.",
      ],
      [
        "and tells what became of it. It needs no daemon and is sent as the user who\ncalls; programs are run with NODE, the node's name, TEST and 0. Ends with 1 when\none of them is not told.",
        "and reports the outcome. It needs no daemon and is sent as the user who calls;\nprograms are run with NODE, the node's name, TEST and 0. Ends with 1 if one of\nthem does not get it.",
      ],
      [
        "there is nobody to tell: `notify` is empty",
        "there is nobody to notify: `notify` is empty",
      ],
      [
        "Every problem is told at once, with line, column\nand remedy, on standard error. Ends with 3 when the configuration is not valid.",
        "Every problem is shown at once, with line,\ncolumn and remedy, on standard error. Ends with 3 if the configuration is not\nvalid.",
      ],
      ["checks, orders, alarms", "checks, commands, alarms"],
      [
        "Whatever is not carried over, or\nworks in another way, is told on standard error and in the result's first lines.\nThe result always passes vipd check; a source that cannot be converted is told\nwith its errors, and nothing is written.",
        "All that is not carried over,\nor works in another way, is on standard error and at the top of the result. The\nresult always passes vipd check; of a source that cannot be converted the errors\nare shown, and nothing is written.",
      ],
      [
        "Ends what promote, demote and priority ordered: the configuration decides\nagain.",
        "Ends the override of promote, demote or priority: the configuration decides\nagain.",
      ],
      ["this node and its peers, side by side", "this node and its peers, compared"],
      ["what outlives a boot: orders by hand", "what outlives a boot: overrides"],
      [
        "vipd check tells every problem with its place",
        "vipd check shows every problem with its place",
      ],
      ["whoever is on the way can read the token", "anyone on the way can read the token"],
      [
        "and whoever is on the way could read the token",
        "and anyone on the way could read the token",
      ],
      [
        "leave the weight away if a failure shall mean fault, or choose",
        "omit the weight if a failure should mean fault, or choose",
      ],
      [
        "Routes that the master adds beside the addresses",
        "Routes that the master adds with the addresses",
      ],
      [
        "Policy rules that the master adds beside the addresses",
        "Policy rules that the master adds with the addresses",
      ],
      [
        "What this node does, beside raising the alarm,",
        "What this node does, in addition to the alarm,",
      ],
      ["Whoever is on the way can read the token", "Anyone on the way can read the token"],
      [
        "File with the token that orders need; made with a random one where it is missing.",
        "File with the token that commands need; made with a random one if it is missing.",
      ],
      ["the orders by hand that stand, and the journal", "the overrides in force, and the journal"],
      [
        "How the kernel treats vipd beside other programs",
        "How the kernel treats vipd in relation to other programs",
      ],
      [
        "Whom vipd tells what happens: programs, webhooks, mail.",
        "Where vipd reports events: programs, webhooks, mail.",
      ],
      [
        "Only what these sync groups do, beside `instances`.",
        "Only what these sync groups do, in addition to `instances`.",
      ],
      [
        "Certificates (PEM) that are trusted beside the usual ones.",
        "Certificates (PEM) that are trusted in addition to the usual ones.",
      ],
      [
        "Whether the packet filter lets adverts pass cannot be told.",
        "It is not known whether the packet filter lets adverts pass.",
      ],
      ["keepalived runs beside vipd: two programs", "keepalived runs next to vipd: two programs"],
      [
        "Whether the clock is synchronised cannot be told.",
        "It is not known whether the clock is synchronised.",
      ],
      ["moved by what is tracked or by an order.", "moved by what is tracked or by an override."],
      [
        "1 for the order by hand that stands, 0 for the others.",
        "1 for the override in force, 0 for the others.",
      ],
      ["Events that the receiver was told.", "Events that reached the receiver."],
      [
        "Events that the receiver will not be told any more.",
        "Events that will not reach the receiver any more.",
      ],
      [
        "Tries to tell the receiver that did not get through, and programs that ended badly.",
        "Deliveries to the receiver that failed, and programs that ended badly.",
      ],
      ["Events that the receiver is not told yet.", "Events that wait for the receiver."],
      [
        "1 while the last try to tell the receiver did not get through.",
        "1 while the last delivery to the receiver failed.",
      ],
      ["Set the priority by hand", "Set the priority"],
      ["no password beside the signature", "no password next to the signature"],
      ["type the word anew if that is not meant", "type the word again if that is not meant"],
      [
        "make one group of the two if all shall move together",
        "make one group of the two if all should move together",
      ],
      [", so it is left away", ", so it is omitted"],
      ["if a returning node shall not take over", "if a returning node should not take over"],
      ["mend the file (vipd check", "correct the file (vipd check"],
      ["orders would not outlive this run: ", "overrides would not outlive this run: "],
      [
        "A second holder of the addresses would not be noticed",
        "A second node with the addresses would not be noticed",
      ],
      [
        "A target of `notify` could not be told, and whether it is tried again.",
        "A delivery to a target of `notify` failed, and whether vipd tries again.",
      ],
      [
        "A target of `notify` is told again, and what it missed.",
        "A target of `notify` gets events again, and what it missed.",
      ],
      [
        "systemd could not be told of the daemon's state.",
        "The daemon's state could not be reported to systemd.",
      ],
      [
        "An order was kept for an instance that is no more.",
        "An override was kept for an instance that is no more.",
      ],
      [
        "An order by hand ended: released, over, or replaced.",
        "An override ended: released, over, or replaced.",
      ],
      [
        "Somebody gave an order: promote, demote or a priority.",
        "Somebody gave a command: promote, demote or a priority.",
      ],
      [
        "An order of an earlier run is in force again.",
        "An override of an earlier run is in force again.",
      ],
      [
        "An advert could not be sent; told once until one leaves again.",
        "An advert could not be sent; logged once until one leaves again.",
      ],
      [
        "vipd was told to stop, and by which signal.",
        "vipd was asked to stop, and by which signal.",
      ],
      ["An order by hand that stands.", "An override in force."],
      ["Somebody who is told what happens.", "A receiver of this node's events."],
      [
        "How the kernel treats the daemon beside other programs.",
        "How the kernel treats the daemon in relation to other programs.",
      ],
      ["Examine this machine, and say how to mend", "Examine this machine, and say how to fix"],
      ["Take the configuration file anew", "Read the configuration file again"],
      ["sync groups do, beside instances", "sync groups do, in addition to instances"],
      ["an order by hand moves the address", "a command moves the address"],
      ["everything but the checks is mended", "everything but the checks is repaired"],
      ["without it, whoever reaches the API", "without it, anyone who reaches the API"],
      [
        "how the network is told who holds the addresses",
        "from these the network learns who holds the addresses",
      ],
      ["priority by hand", "priority set manually"],
      [
        "How long a master of lower priority is left in peace, counted from its first advert; 0 for not at all. Where no master is heard it does not delay anything.",
        "How long this node waits before it preempts a master of lower priority, counted from that one's first advert; 0 for not at all. If no master is heard, it delays nothing.",
      ],
      [
        "Where the API listens could not be written into run_dir",
        "The addresses of the API could not be written into run_dir",
      ],
      ["What other machines reach needs ", "An address that other machines reach needs "],
    ],
  },
  {
    changelog: FAULT_OVER,
    words: [
      [
        "nothing keeps it from running any more, listens for a master",
        "all faults cleared; waiting to hear a master",
      ],
    ],
  },
  {
    changelog: GIVEN_UP,
    words: [
      [
        "lets go, for there is another master that it does not hear",
        "gives way, because there is another master that it does not hear",
      ],
      ["the master let go (priority 0)", "the master gave the addresses up (priority 0)"],
      [
        "The node that lets go keeps the addresses for those who are connected, unknown to the neighbours, and the new master passes their packets on to it.",
        "The former master keeps the addresses for those who are connected, unknown to the neighbours, and the new master forwards their packets to it.",
      ],
      ["kernel takes the addresses off at its end", "kernel removes the addresses at its end"],
      ["they stay until vipd takes them off", "they stay until vipd removes them"],
      [
        "this node lets go of the addresses until the other is gone",
        "this node gives the addresses up until the other is gone",
      ],
      ["hand over, take the addresses off, end", "hand over, remove the addresses, end"],
      [
        "it then hands over and\ntakes its addresses off.",
        "it then hands over and\nremoves its addresses.",
      ],
      ["before it lets go of its addresses", "before it removes its addresses"],
      ["a master that lets go.", "a master that gives its addresses up."],
      [
        "absent when they stay until they are taken off",
        "absent if they stay until vipd removes them",
      ],
      [
        "An address cannot be put on its interface or taken off; it is tried again.",
        "An address cannot be added to its interface or removed; it is tried again.",
      ],
      [
        "Another program took an address off; vipd puts it back.",
        "Another program removed an address; vipd adds it again.",
      ],
      [
        "A defect of vipd: it takes its addresses off and ends.",
        "A defect of vipd: it removes its addresses and ends.",
      ],
      ["and take the address off there", "and remove the address there"],
    ],
  },
  {
    changelog: HELD,
    words: [
      ["this node has put the address on its device", "this node has the address on its device"],
    ],
  },
  {
    changelog: TWO_PROCESSES,
    words: [
      [
        "it tunes keepalived's own processes; vipd is one process without such knobs",
        "it tunes keepalived's own processes; vipd has no such settings",
      ],
    ],
  },
  {
    changelog: PLAIN_ENGLISH,
    words: [
      [" by hand", " manually"],
    ],
  },
];

const PATTERNS = PRESENT_WORDS.flatMap(({ words }) => words).flatMap(([was, is]) =>
  was.includes("\n")
    ? [[was, is], [was.replaceAll("\n", " "), is.replaceAll("\n", " ")]]
    : [[was, is]]
);

/** The value with its texts in the present words. */
export function inPresentWords(value: Json): Json {
  if (typeof value === "string") {
    return PATTERNS.reduce((text, [was, is]) => text.replaceAll(was!, is!), value);
  }
  if (Array.isArray(value)) return value.map(inPresentWords);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, inPresentWords(inner)]),
  );
}
