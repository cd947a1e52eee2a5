/**
 * What an import of 0.1.0 said, in the present words: its five severities became three, and what keepalived itself ignores
 * became a note, so that a report differs by what is meant.
 *
 * @module
 */

import type { Json } from "./json.ts";

/** The present severity of each of 0.1.0's, as a report writes it. */
const SEVERITIES: Readonly<Record<string, "error" | "loss" | "note">> = {
  "error": "error",
  "not carried over": "loss",
  "out of scope": "loss",
  "carried differently": "note",
  "advice": "note",
};

const THREE_SEVERITIES =
  "`vipd import` has three severities: `error` cannot be run, `loss` runs without something " +
  "that changes the behaviour, `note` behaves the same in other words";
const IGNORED_LINE = "A line that keepalived itself ignores is a note";
const UNQUOTED =
  "Of a script whose arguments are not in quotation marks, `vipd import` reports what keepalived runs";
const NO_PROGRAM = "a script without a program are notes, as keepalived leaves them without effect";
const SECOND_OF_A_NAME =
  "as is a second instance or sync group of one name, which keepalived ignores";

interface NoteNow {
  /** What CHANGELOG.md says of it, as of an accepted difference. */
  readonly changelog: string;
  readonly messages: readonly RegExp[];
}

/** What was not carried over and is a note, because keepalived does the same. */
const NOTES: readonly NoteNow[] = [
  {
    changelog: THREE_SEVERITIES,
    messages: [
      /; there is nothing to do(?: for nginx|: the priority decides|: of two masters the stronger one stays)?$/,
      /: what follows its value is not looked at: ".*"; put each keyword on a line of its own$/,
      /: ".*" after the name is not looked at; /,
      /: a weight does not move the priority 255, so ".*" is not tracked; /,
      /: its member ".*" is (?:no vrrp_instance|in ".*" already); /,
    ],
  },
  {
    changelog: IGNORED_LINE,
    messages: [
      /: keepalived does not know it(?: in \w+| in the file)?; the line is without effect; /,
      /: it has "[^"]+" \(U\+[0-9A-F]+\), which looks like "[^"]+"; the line is without effect; /,
      /: its value is missing; (?:add it|the default counts, as in keepalived; correct it) and import again$/,
      /: "[^"]*" is not a (?:whole )?number from [-\d.]+ to \d+; the default counts, as in keepalived; /,
      /: "[^"]*" is not a weight from -253 to 253; /,
      /: "[^"]*" is neither on nor off; /,
      /: there is no (?:vrrp_script|vrrp_track_process|track_file) "[^"]*", so nothing is tracked; /,
    ],
  },
  {
    changelog: UNQUOTED,
    messages: [/: without quotation marks only ".*" is run, without ".*"; /],
  },
  { changelog: NO_PROGRAM, messages: [/: its `\w+` is missing, so there is no such check; /] },
  {
    changelog: SECOND_OF_A_NAME,
    messages: [/: there is a block of this name above; this one has no effect; /],
  },
];

/** Why texts of an import are put into present words: CHANGELOG.md says each. */
export const REASONS: readonly string[] = [
  THREE_SEVERITIES,
  ...NOTES.map(({ changelog }) => changelog),
];

const NAMES = Object.keys(SEVERITIES).join("|");
const FINDING = new RegExp(`^((?:# - )?\\S+:\\d+: )(${NAMES}): (.*)$`, "gm");
const DIAGNOSTIC = /^(\S+:\d+:\d+: )error: (.*) \[keepalived_not_carried\]$/gm;

/** The same with the texts in the present words. */
export function inPresentWords(before: Json): Json {
  if (typeof before === "string") return textInPresentWords(before);
  if (Array.isArray(before)) return before.map(inPresentWords);
  if (typeof before !== "object" || before === null) return before;
  return Object.fromEntries(
    Object.entries(before).map(([key, value]) => [key, inPresentWords(value)]),
  );
}

function textInPresentWords(text: string): string {
  return text
    .replace(FINDING, (_, place, name, message) => {
      const severity = SEVERITIES[name]!;
      const note = severity === "loss" && isNote(message);
      return `${place}${note ? "note" : severity}: ${message}`;
    })
    .replace(
      DIAGNOSTIC,
      (line, place, message) =>
        isNote(message) ? `${place}warning: ${message} [keepalived_carried]` : line,
    );
}

function isNote(message: string): boolean {
  return NOTES.some(({ messages }) => messages.some((pattern) => pattern.test(message)));
}
