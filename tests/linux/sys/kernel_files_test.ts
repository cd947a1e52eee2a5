/** The kernel's files, as long as they are. */

import assert from "node:assert/strict";
import { numbersIn, readKernelFile } from "../../../src/linux/sys/kernel_files.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";

const SYMBOLS = "/proc/kallsyms";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test(
  "a file that the kernel gives a page at a time is read beyond a megabyte, and to a bound",
  {
    // A kernel may be built without its table of symbols.
    ignore: !exists(SYMBOLS),
  },
  () => {
    const libc = Libc.open();
    const length = readKernelFile(libc, SYMBOLS)?.length ?? 0;
    libc.close();
    assert(length > 1_000_000 && length < 4_300_000, `${length}`);
  },
);

Deno.test("a file that is not there is null, and processes are numbers", () => {
  const libc = Libc.open();
  const [nothing, processes] = [readKernelFile(libc, "/proc/nothing"), numbersIn(libc, "/proc")];
  libc.close();
  assert.equal(nothing, null);
  assert(processes.includes(Deno.pid));
});
