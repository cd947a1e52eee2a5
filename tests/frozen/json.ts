/**
 * Values of JSON, and how two of them differ, a line for each difference.
 *
 * @module
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

type JsonObject = { readonly [key: string]: Json };

/** Longer values are cut in what is shown, in characters. */
const SHOWN_CHARS = 300;
/** Above so many pairs of lines, what differs between two texts is not searched for line by line. */
const MAX_PAIRS = 16_000_000;

/**
 * What `after` has and `before` has not, and the other way round:
 * `+ /alarms/0 {"code":"api_down"}` was added, `- /headers/vary "accept"` is gone, `~ /code 0 -> 1` changed. Texts of several
 * lines differ by lines: `+ /out | the line`.
 */
export function differencesOf(before: Json, after: Json, at = ""): string[] {
  if (before === after) return [];
  if (isObject(before) && isObject(after)) return objectDifferences(before, after, at);
  if (Array.isArray(before) && Array.isArray(after)) return arrayDifferences(before, after, at);
  if (isText(before) && isText(after) && (before + after).includes("\n")) {
    return listDifferences(before.split("\n"), after.split("\n"), at, " |", (line) => line);
  }
  return [`~ ${at} ${shown(before)} -> ${shown(after)}`];
}

function objectDifferences(before: JsonObject, after: JsonObject, at: string): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Array.from(keys).flatMap((key) => {
    const [old, now] = [own(before, key), own(after, key)];
    const place = `${at}/${key}`;
    if (old === undefined) return now === undefined ? [] : [`+ ${place} ${shown(now)}`];
    return now === undefined ? [`- ${place} ${shown(old)}`] : differencesOf(old, now, place);
  });
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Lists of one length are compared place by place. */
function arrayDifferences(before: readonly Json[], after: readonly Json[], at: string): string[] {
  if (before.length === after.length) {
    return before.flatMap((value, index) => differencesOf(value, after[index]!, `${at}/${index}`));
  }
  const texts = (values: readonly Json[]) => values.map((value) => JSON.stringify(value));
  return listDifferences(texts(before), texts(after), `${at}/*`, "", cut);
}

/** What is left when the longest common subsequence is taken away. */
function listDifferences(
  before: readonly string[],
  after: readonly string[],
  at: string,
  mark: string,
  show: (line: string) => string,
): string[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start && end < after.length - start &&
    before.at(-1 - end) === after.at(-1 - end)
  ) end++;
  const old = before.slice(start, before.length - end);
  const now = after.slice(start, after.length - end);
  if (old.length * now.length > MAX_PAIRS) {
    return [`~ ${at}${mark} from line ${start + 1}: ${show(old[0]!)} -> ${show(now[0]!)}`];
  }
  const common = commonLengths(old, now);
  const found: string[] = [];
  for (let i = 0, j = 0; i < old.length || j < now.length;) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      i++;
      j++;
    } else if (j === now.length || (i < old.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      found.push(`- ${at}${mark} ${show(old[i++]!)}`);
    } else found.push(`+ ${at}${mark} ${show(now[j++]!)}`);
  }
  return found;
}

/** Of every pair of tails the length of their longest common subsequence. */
function commonLengths(old: readonly string[], now: readonly string[]): Uint32Array[] {
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i]![j] = old[i] === now[j]
        ? common[i + 1]![j + 1]! + 1
        : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  return common;
}

function shown(value: Json): string {
  return cut(JSON.stringify(value));
}

function cut(text: string): string {
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}...`;
}

function isText(value: Json): value is string {
  return typeof value === "string";
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
