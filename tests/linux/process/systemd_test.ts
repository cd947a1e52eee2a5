import { strictEqual } from "node:assert/strict";
import { notifySystemd } from "../../../src/linux/process/systemd.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../../../src/linux/sys/constants.ts";
import { must } from "../../../src/linux/sys/errors.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";

const STATE = "READY=1\nSTATUS=backup on VI_1";

/** What arrives at a datagram socket bound to `path`, when it is notified as `notifyPath`. */
function notified(libc: Libc, path: string, notifyPath: string): string {
  const fd = must("listen", "socket", libc.socket(AF_UNIX, SOCK_DGRAM, 0));
  const name = new TextEncoder().encode(path);
  must("listen", "bind", libc.bind(fd, Uint8Array.of(AF_UNIX, 0, ...name)));
  strictEqual(notifySystemd(libc, notifyPath, STATE), null);
  const octets = new Uint8Array(100);
  const length = libc.recv(fd, octets, MSG_DONTWAIT);
  libc.closeFd(fd);
  return new TextDecoder().decode(octets.subarray(0, Math.max(0, length)));
}

Deno.test("the service manager is reached at a path and at an abstract name", () => {
  const libc = Libc.open();
  const folder = Deno.makeTempDirSync();
  strictEqual(notified(libc, `${folder}/notify`, `${folder}/notify`), STATE);
  const name = `vipd-test-${Deno.pid}`;
  strictEqual(notified(libc, `\0${name}`, `@${name}`), STATE);
  Deno.removeSync(folder, { recursive: true });
  libc.close();
});

Deno.test("a service manager that does not read holds nobody up", () => {
  const libc = Libc.open();
  const name = `vipd-test-full-${Deno.pid}`;
  const fd = must("listen", "socket", libc.socket(AF_UNIX, SOCK_DGRAM, 0));
  const address = Uint8Array.of(AF_UNIX, 0, ...new TextEncoder().encode(`\0${name}`));
  must("listen", "bind", libc.bind(fd, address));
  // net.unix.max_dgram_qlen is 512 at most by default.
  const codes = Array.from({ length: 1000 }, () => notifySystemd(libc, `@${name}`, STATE)?.code);
  strictEqual(codes[0], undefined);
  strictEqual(codes.at(-1), "EAGAIN");
  libc.closeFd(fd);
  libc.close();
});

Deno.test("without a service manager nothing is done; one that cannot be reached is reported", () => {
  const libc = Libc.open();
  strictEqual(notifySystemd(libc, undefined, STATE), null);
  strictEqual(notifySystemd(libc, "", STATE), null);
  strictEqual(notifySystemd(libc, "/nonexistent/notify", STATE)?.code, "ENOENT");
  strictEqual(notifySystemd(libc, "vsock:2:1234", STATE)?.code, "unsupported");
  strictEqual(notifySystemd(libc, `/${"x".repeat(200)}`, STATE)?.code, "unsupported");
  libc.close();
});
