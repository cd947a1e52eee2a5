/**
 * The usual scripts that ask "does nginx live?", and the check of vipd that asks the same.
 *
 * @module
 */

import { readHostPort, readHttpUrl, readProcessName } from "../../../config/values/values.ts";
import type { CheckProbe } from "../../partial.ts";

/** A script that a check of vipd replaces. */
export interface RecognisedProbe {
  readonly probe: CheckProbe;
  /** Seconds after which the script's own program gave up; absent if it did not. */
  readonly timeoutS?: number;
  /** The difference between vipd's check and the script, in a sentence; absent if there is none. */
  readonly difference?: string;
}

/** Recognizes the arguments of a program; `null` if they ask for something that no check does. */
type Recognise = (words: readonly string[]) => RecognisedProbe | null;

/** Programs by the last part of their path. */
const PROGRAMS: Readonly<Record<string, Recognise>> = {
  pidof: (words) => namedProcess(words, ["-s", "-q", "-x"]),
  pgrep,
  killall: (words) => signalZero(words) ? namedProcess(withoutSignal(words), ["-q", "-e"]) : null,
  pkill: (words) => signalZero(words) ? pgrep(withoutSignal(words)) : null,
  systemctl,
  service: (words) => words.length === 2 && words[1] === "status" ? service(words[0]!) : null,
  curl,
  wget,
  nc: netcat,
  ncat: netcat,
  netcat,
};

export const SHELLS: readonly string[] = ["sh", "bash", "dash", "ash"];

/** The check that does what the script does, or `null` if vipd has to run a program for it. */
export function recogniseProbe(script: readonly string[]): RecognisedProbe | null {
  const unwrapped = unwrapShell(script);
  if (unwrapped === null) return null;
  const socket = bashSocket(unwrapped);
  if (socket) return socket;
  const words = withoutSilencing(unwrapped);
  if (words.some(isShellSyntax)) return null;
  const [program = "", ...rest] = words;
  const name = program.slice(program.lastIndexOf("/") + 1);
  return Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name]!(rest) : null;
}

/** True for a word that only a shell understands. */
export function isShellSyntax(word: string): boolean {
  return /^(?:[|&;<>]+|\d*[<>]+&?\S*|&>+\S*|<\/.*|\[\[|\]\])$|;$|\$\(|`|\|\||&&/.test(word);
}

/** The words that `sh -c "..."` runs; the words themselves without such a shell; `null` if too complex. */
function unwrapShell(words: readonly string[]): readonly string[] | null {
  const [program = "", flag, command, ...more] = words;
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (!SHELLS.includes(name)) return words;
  if (flag !== "-c" || command === undefined || more.length > 0) return null;
  const inner = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  // Only the shell knows the values of variables.
  if (/\$/.test(command)) return null;
  return inner.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

/** Removes redirections to /dev/null, which change nothing in the exit status. */
function withoutSilencing(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (/^[12&]?>>?$/.test(words[i]!) && words[i + 1] === "/dev/null") i++;
    else if (!/^(?:[12&]?>>?\/dev\/null|2>&1|1>&2)$/.test(words[i]!)) kept.push(words[i]!);
  }
  return kept;
}

/** bash's `</dev/tcp/HOST/PORT`. */
function bashSocket(words: readonly string[]): RecognisedProbe | null {
  const text = words.join(" ").replace(/^(?:exec\s+\d*|:\s*|true\s*|echo\s*)(?=[<>])/, "");
  const parts = /^[<>]{1,2}\s*\/dev\/tcp\/([^/\s]+)\/(\d+)$/.exec(text);
  return parts && tcp(parts[1]!, parts[2]!);
}

function tcp(host: string, port: string): RecognisedProbe | null {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return readHostPort(address).ok ? { probe: { type: "tcp", address } } : null;
}

function namedProcess(
  words: readonly string[],
  harmless: readonly string[],
): RecognisedProbe | null {
  const names = words.filter((word) => !harmless.includes(word));
  const name = names[0]?.replace(/^.*\//, "");
  if (names.length !== 1 || name === undefined || name.startsWith("-")) return null;
  return readProcessName(name).ok ? { probe: { type: "process", process: name } } : null;
}

/** `-0`, which only asks whether a process exists. */
function signalZero(words: readonly string[]): boolean {
  return words.includes("-0") || words.join(" ").includes("-s 0");
}

function withoutSignal(words: readonly string[]): string[] {
  return words.filter((word, index) =>
    word !== "-0" && word !== "-s" && !(word === "0" && words[index - 1] === "-s")
  );
}

function pgrep(words: readonly string[]): RecognisedProbe | null {
  const exact = words.includes("-x");
  const rest = words.filter((word) => word !== "-x");
  const anchored = rest.map((word) => word.replace(/^\^(\w+)\$$/, "$1"));
  const process = namedProcess(anchored, ["-c", "-l", "--count"]);
  if (process?.probe.type !== "process" || !/^[\w-]+$/.test(process.probe.process)) return null;
  if (exact || anchored.join() !== rest.join()) return process;
  return { ...process, difference: "pgrep also finds longer names that contain this one" };
}

function systemctl(words: readonly string[]): RecognisedProbe | null {
  const [command, ...units] = words.filter((word) => word !== "--quiet" && word !== "-q");
  if (units.length !== 1 || (command !== "is-active" && command !== "status")) return null;
  return service(units[0]!);
}

/** Services whose process has the service's name. */
const SAME_NAME = ["nginx", "haproxy", "httpd", "apache2", "varnishd", "envoy"];

function service(unit: string): RecognisedProbe | null {
  const name = unit.replace(/\.service$/, "");
  if (!SAME_NAME.includes(name)) return null;
  const difference =
    "the check looks for the process, not for what the service manager thinks of it";
  return { probe: { type: "process", process: name }, difference };
}

/** The options of `curl` and `wget` that matter to a check. */
interface WebRequest {
  url?: string;
  failsOnStatus: boolean;
  host?: string;
  timeoutS?: number;
  differences: string[];
}

/** Options without effect on the exit status. */
const CURL_QUIET =
  /^-[sSfvIikLN4]+$|^--(?:silent|show-error|fail|verbose|head|include|location|no-buffer|ipv4|insecure)$/;

function curl(words: readonly string[]): RecognisedProbe | null {
  const request: WebRequest = { failsOnStatus: false, differences: [] };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const joined = /^(-[omwH])(.+)$/.exec(word) ?? /^(--[a-z-]+)=(.*)$/.exec(word);
    const [option, value] = joined ? [joined[1]!, joined[2]!] : [word, words[i + 1] ?? ""];
    if (curlOption(option, value, request)) i += joined ? 0 : 1;
    else if (CURL_QUIET.test(word)) curlFlags(word, request);
    else if (word.startsWith("-") || request.url !== undefined) return null;
    else request.url = word;
  }
  return webProbe(request);
}

/** True if the option has a value, and does not change too much. */
function curlOption(option: string, value: string, request: WebRequest): boolean {
  switch (option) {
    case "-o":
    case "--output":
      return value === "/dev/null";
    case "-m":
    case "--max-time":
      request.timeoutS = Number(value);
      return Number.isFinite(request.timeoutS);
    case "--connect-timeout":
      return true;
    case "-H":
    case "--header": {
      const host = /^host:\s*(\S+)$/i.exec(value)?.[1];
      if (host === undefined || request.host !== undefined) return false;
      request.host = host;
      return true;
    }
    default:
      return false;
  }
}

function curlFlags(word: string, request: WebRequest): void {
  const short = word.startsWith("--") ? "" : word;
  if (short.includes("f") || word === "--fail") request.failsOnStatus = true;
  if (short.includes("I") || word === "--head") {
    request.differences.push("the check asks with GET instead of HEAD");
  }
  if (short.includes("L") || word === "--location") {
    request.differences.push("a redirect passes and is not followed");
  }
  if (short.includes("k") || word === "--insecure") {
    request.differences.push("the server's certificate is looked at");
  }
}

function wget(words: readonly string[]): RecognisedProbe | null {
  const request: WebRequest = { failsOnStatus: true, differences: [] };
  request.differences.push("a redirect passes and is not followed");
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const timeout = /^(?:-T|--timeout=)(\d+)$/.exec(word)?.[1];
    if (timeout !== undefined) request.timeoutS = Number(timeout);
    else if (word === "-T" && /^\d+$/.test(words[i + 1] ?? "")) {
      request.timeoutS = Number(words[++i]);
    } else if (word === "-O" && ["/dev/null", "-"].includes(words[i + 1] ?? "")) i++;
    else if (
      /^-(?:q?O-|q?O\/dev\/null|q)$|^--(?:quiet|spider|output-document=(?:-|\/dev\/null))$/.test(
        word,
      )
    ) continue;
    else if (word === "-qO" && ["/dev/null", "-"].includes(words[i + 1] ?? "")) i++;
    else if (/^(?:-t|--tries=)\d+$/.test(word)) continue;
    else if (word.startsWith("-") || request.url !== undefined) return null;
    else request.url = word;
  }
  return webProbe(request);
}

function webProbe(request: WebRequest): RecognisedProbe | null {
  if (request.url === undefined) return null;
  const written = /^[a-z]+:\/\//i.test(request.url) ? request.url : `http://${request.url}`;
  const url = readHttpUrl(written);
  if (!url.ok) return null;
  return {
    probe: {
      type: "http",
      url: url.value,
      // Without --fail, curl accepts any answer.
      ...(request.failsOnStatus ? {} : { status: "100-599" }),
      ...(request.host === undefined ? {} : { host: request.host }),
    },
    ...(request.timeoutS ? { timeoutS: request.timeoutS } : {}),
    ...(request.differences.length > 0 ? { difference: request.differences.join("; ") } : {}),
  };
}

function netcat(words: readonly string[]): RecognisedProbe | null {
  const rest: string[] = [];
  let scan = false;
  let timeoutS: number | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const wait = /^-([zvnq46]*)w(\d*)$/.exec(word);
    if (wait) {
      if (wait[1]!.includes("z")) scan = true;
      timeoutS = Number(wait[2] || words[++i]);
      if (!Number.isFinite(timeoutS)) return null;
    } else if (/^-[zvn46]+$/.test(word)) scan ||= word.includes("z");
    else if (word.startsWith("-")) return null;
    else rest.push(word);
  }
  if (!scan || rest.length !== 2) return null;
  const found = tcp(rest[0]!, rest[1]!);
  return found && { ...found, ...(timeoutS ? { timeoutS } : {}) };
}
