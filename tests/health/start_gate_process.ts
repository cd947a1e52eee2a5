/**
 * A file system that stops as a program of it is started: `start_gate_process.ts PROGRAM`. The kernel asks this process
 * before execve(2) may open the file, FAN_OPEN_EXEC_PERM of fanotify_mark(2), and gets no answer until it ends: when
 * standard input closes, at the latest after ten seconds. Other readers of the file do not wait.
 */

const FAN_CLASS_CONTENT = 0x04;
const FAN_MARK_ADD = 0x01;
const FAN_OPEN_EXEC_PERM = 0x40000n;
const AT_FDCWD = -100;
const AT_MOST_MS = 10_000;

const libc = Deno.dlopen("libc.so.6", {
  fanotify_init: { parameters: ["u32", "u32"], result: "i32" },
  fanotify_mark: { parameters: ["i32", "u32", "u64", "i32", "buffer"], result: "i32" },
});
const group = libc.symbols.fanotify_init(FAN_CLASS_CONTENT, 0);
const path = new TextEncoder().encode(`${Deno.args[0]}\0`);
if (libc.symbols.fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_EXEC_PERM, AT_FDCWD, path) !== 0) {
  throw new Error("fanotify_mark(2) failed");
}
await Deno.stdout.write(new TextEncoder().encode("closed\n"));
setTimeout(() => Deno.exit(), AT_MOST_MS);
await Deno.stdin.read(new Uint8Array(1));
Deno.exit();
