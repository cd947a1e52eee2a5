import assert from "node:assert/strict";
import { giveBackStartPages, unchangedMappings } from "../../../src/linux/process/start_pages.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";

const PROGRAM = "/usr/bin/vipd 2";

/** A mapping as smaps has it, with the values that count among others. */
function mapping(range: string, rights: string, file: string, anonymous: number, swap = 0) {
  return [
    `${range} ${rights} 00001000 fe:00 1234      ${file}`,
    "Size:              65536 kB",
    "Rss:               32768 kB",
    `Anonymous:         ${`${anonymous}`.padStart(6)} kB`,
    `Swap:              ${`${swap}`.padStart(6)} kB`,
    "SwapPss:               0 kB",
    "ProtectionKey:         0",
    "VmFlags: rd ex mr mw me sd",
    "",
  ].join("\n");
}

Deno.test("the pages of the executable that are as in the file, and no others", () => {
  const smaps = [
    mapping("5581a0000000-5581a1000000", "r--p", PROGRAM, 0),
    mapping("5581a1000000-5581a4000000", "r-xp", PROGRAM, 0),
    // The loader has written to these.
    mapping("5581a4000000-5581a5000000", "r--p", PROGRAM, 1800),
    mapping("5581a5000000-5581a6000000", "r-xp", PROGRAM, 4),
    mapping("5581a8000000-5581a9000000", "r--p", PROGRAM, 0, 4),
    mapping("5581a6000000-5581a7000000", "rw-p", PROGRAM, 0),
    mapping("5581a7000000-5581a8000000", "r-xs", PROGRAM, 0),
    mapping("7f0000000000-7f0000001000", "r-xp", "/usr/lib/libc.so.6", 0),
    mapping("7f0000001000-7f0000002000", "r-xp", `${PROGRAM} (deleted)`, 0),
    mapping("7f0000002000-7f0000003000", "r-xp", "", 0),
    mapping("ffffffffff600000-ffffffffff601000", "r-xp", PROGRAM, 0),
  ].join("");
  assert.deepEqual(unchangedMappings(smaps, PROGRAM), [
    { start: 0x5581a0000000n, end: 0x5581a1000000n },
    { start: 0x5581a1000000n, end: 0x5581a4000000n },
    { start: 0xffffffffff600000n, end: 0xffffffffff601000n },
  ]);
  assert.deepEqual(unchangedMappings("", PROGRAM), []);
});

/** So much of the executable is in this process's memory, in KiB. */
function residentKibibytes(): number {
  const smaps = Deno.readTextFileSync("/proc/self/smaps");
  const own = smaps.split(/^(?=[0-9a-f]+-)/m).filter((part) =>
    part.split("\n", 1)[0]!.endsWith(` ${Deno.execPath()}`)
  );
  return own.reduce((sum, part) => sum + Number(/^Rss: +(\d+) kB$/m.exec(part)![1]), 0);
}

Deno.test("a process keeps less than half of its executable in memory, and runs on", () => {
  const libc = Libc.open();
  const before = residentKibibytes();
  giveBackStartPages(libc);
  libc.close();
  assert.ok(residentKibibytes() < before / 2);
});
