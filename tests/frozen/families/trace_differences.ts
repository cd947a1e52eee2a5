/**
 * How two traces differ, line by line. A line begins with its time, so the lines of one moment are compared with those of the
 * same moment: a difference hides nothing that comes after it.
 *
 * @module
 */

import type { Json } from "../json.ts";

/** Time, node and what the line is about; of the journal, the severity too. */
const WORDS_OF_HEAD: Readonly<Record<string, number>> = { journal: 4 };
const WORDS_OF_OTHER_HEADS = 3;

type TraceTexts = Readonly<Record<string, string>>;

/**
 * Every line that is another one than before, by channels: `+ /adverts | LINE` was added, `- /adverts | LINE` is gone. One
 * about the same thing that says something else is shown once, `~ /messages | 1000.000 lb01 flapping {over -> is over}`, and
 * one that has only another place among those of its moment as `> /adverts | LINE`.
 */
export function traceDifferences(before: Json, after: Json): string[] {
  const [old, now] = [before as TraceTexts, after as TraceTexts];
  return Object.keys({ ...old, ...now }).flatMap((channel) => {
    const [oldMoments, moments] = [momentsOf(old[channel]), momentsOf(now[channel])];
    const times = new Set([...oldMoments.keys(), ...moments.keys()]);
    return Array.from(times).sort((a, b) => Number(a) - Number(b)).flatMap((time) =>
      momentDifferences(channel, oldMoments.get(time) ?? [], moments.get(time) ?? [])
    );
  });
}

/** The lines by their times, as these are written. */
function momentsOf(text = ""): ReadonlyMap<string, readonly string[]> {
  const lines = text === "" ? [] : text.split("\n");
  return Map.groupBy(lines, (line) => line.slice(0, line.indexOf(" ")));
}

function momentDifferences(
  channel: string,
  before: readonly string[],
  after: readonly string[],
): string[] {
  const [removed, kept] = partedBy(before, after);
  const [added, keptAfter] = partedBy(after, before);
  const place = `/${channel} |`;
  const moved = keptAfter.filter((line, index) => line !== kept[index]);
  const found = moved.map((line) => `> ${place} ${line}`);
  for (const line of removed) {
    const head = headOf(channel, line);
    const at = added.findIndex((other) => headOf(channel, other) === head);
    found.push(
      at < 0 ? `- ${place} ${line}` : `~ ${place} ${changedWords(line, added.splice(at, 1)[0]!)}`,
    );
  }
  found.push(...added.map((line) => `+ ${place} ${line}`));
  return found;
}

/** Which of the lines the others do not have, as often as they are there, and which they have. */
function partedBy(
  lines: readonly string[],
  others: readonly string[],
): readonly [alone: string[], common: string[]] {
  const left = [...others];
  const [alone, common]: [string[], string[]] = [[], []];
  for (const line of lines) {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    (at < 0 ? alone : common).push(line);
  }
  return [alone, common];
}

function headOf(channel: string, line: string): string {
  const words = WORDS_OF_HEAD[channel] ?? WORDS_OF_OTHER_HEADS;
  return line.split(" ", words).join(" ");
}

/** The words that both have, and in braces those between them that differ. */
function changedWords(before: string, after: string): string {
  const [old, now] = [before.split(" "), after.split(" ")];
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old[start] === now[start]) start++;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const middle = (words: readonly string[]) => words.slice(start, words.length - end).join(" ");
  const tail = end === 0 ? [] : old.slice(-end);
  return [...old.slice(0, start), `{${middle(old)} -> ${middle(now)}}`, ...tail].join(" ");
}
