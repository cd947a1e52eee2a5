import { formatDuration, parseDuration } from "../../../src/config/values/durations.ts";
import type { Result } from "../../../src/config/values/result.ts";
import {
  readAbsolutePath,
  readHostPort,
  readHttpUrl,
  readInterfaceName,
  readListenAddress,
  readName,
  readPassword,
  readProcessName,
  readStatusRange,
} from "../../../src/config/values/values.ts";
import { readHostAddress, readVirtualAddress } from "../../../src/config/values/virtual_address.ts";
import { canonicalIp, compareIp, parseIp } from "../../../src/wire/address.ts";
import { mutateText } from "../mutate_text.ts";
import { fuzzTarget, must } from "../target.ts";

const CORPUS = [
  "192.168.31.5/24",
  "10.0.0.1",
  "2001:db8::5/64",
  "fe80::1",
  "::ffff:192.0.2.1",
  "1:2:3:4:5:6:7:8",
  "1m30s",
  "250ms",
  "1.5s",
  "0.5",
  "unix:/run/vipd/api.sock",
  "127.0.0.1:9112",
  "[::1]:9112",
  "http://127.0.0.1:8080/health?x=1",
  "200-399",
  "eth1.100",
  "/usr/bin/true",
  "nginx",
];
const PIECES = [
  "::",
  ":",
  ".",
  "/",
  "/33",
  "255",
  "256",
  "00",
  "1h",
  "ms",
  "e5",
  "%eth0",
  "http://",
];

const READERS: Readonly<Record<string, (text: string) => Result<unknown>>> = {
  readAbsolutePath,
  readHostAddress,
  readHostPort,
  readHttpUrl,
  readInterfaceName,
  readListenAddress,
  readName,
  readPassword,
  readProcessName,
  readStatusRange,
  readVirtualAddress,
};

export const VALUES = fuzzTarget<string>({
  name: "values",
  title: "addresses, durations, URLs, names: a value, or a refusal that says what to write",
  reaches: ["IPv4", "IPv6", "duration", "value", "refused"],
  make: (random) => mutateText(CORPUS, PIECES, random).slice(0, 300),
  check(text) {
    const address = canonicalIp(text);
    if (address !== null) {
      must(canonicalIp(address) === address, "a canonical address is its own canonical form");
      must(compareIp(address, text) === 0, "it is the same address");
    }
    const durationMs = parseDuration(text);
    if (durationMs !== null) {
      must(Number.isSafeInteger(durationMs) && durationMs >= 0, `${durationMs} is no duration`);
      must(parseDuration(formatDuration(durationMs)) === durationMs, "a duration is written alike");
    }
    let accepted = 0;
    for (const [name, read] of Object.entries(READERS)) {
      const outcome = read(text);
      if (outcome.ok) accepted++;
      else must(outcome.problem.message !== "", `${name} says what is wrong`);
    }
    if (address !== null) return parseIp(address)!.length === 4 ? "IPv4" : "IPv6";
    if (durationMs !== null) return "duration";
    return accepted > 0 ? "value" : "refused";
  },
  show: (text) => JSON.stringify(text),
});
