/**
 * A file system that stops as a program of it is started, or as anybody opens it: `start_gate_process.ts PROGRAM
 * start|open`. The kernel asks this process before execve(2), or open(2) too, may open the file, FAN_OPEN_EXEC_PERM and
 * FAN_OPEN_PERM of fanotify_mark(2), and gets no answer until it ends: when standard input closes, at the latest after
 * ten seconds.
 */

const FAN_CLASS_CONTENT = 0x04;
const FAN_MARK_ADD = 0x01;
const FAN_OPEN_PERM = 0x10000n;
const FAN_OPEN_EXEC_PERM = 0x40000n;
const AT_FDCWD = -100;
const AT_MOST_MS = 10_000;

const libc = Deno.dlopen("libc.so.6", {
  fanotify_init: { parameters: ["u32", "u32"], result: "i32" },
  fanotify_mark: { parameters: ["i32", "u32", "u64", "i32", "buffer"], result: "i32" },
});
const group = libc.symbols.fanotify_init(FAN_CLASS_CONTENT, 0);
const [program, held] = Deno.args;
const path = new TextEncoder().encode(`${program}\0`);
const events = held === "open" ? FAN_OPEN_PERM : FAN_OPEN_EXEC_PERM;
if (libc.symbols.fanotify_mark(group, FAN_MARK_ADD, events, AT_FDCWD, path) !== 0) {
  throw new Error("fanotify_mark(2) failed");
}
await Deno.stdout.write(new TextEncoder().encode("closed\n"));
setTimeout(() => Deno.exit(), AT_MOST_MS);
await Deno.stdin.read(new Uint8Array(1));
Deno.exit();
