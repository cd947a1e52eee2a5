/** nginx among the processes of a machine. */

import assert from "node:assert/strict";
import { listeningSockets } from "../../../src/front/rehearsal/listening.ts";
import {
  findNginx,
  nginxAt,
  seesProcesses,
  startOf,
} from "../../../src/front/rehearsal/nginx_process.ts";
import { ownAddresses } from "../../../src/front/rehearsal/own_addresses.ts";
import { procFilesOf } from "./proc_files.ts";

const MASTER =
  "nginx: master process /usr/sbin/nginx -g daemon on; -c conf/main.conf -p /srv/nginx/";
/** Ids that no machine has: beyond PID_MAX_LIMIT of Linux. */
const [FIRST, OTHER, WORKER, NEXT, ENDING, CACHE] = [
  ...[5_000_001, 5_000_002, 5_000_003, 5_000_004, 5_000_005, 5_000_006],
] as const;
const MACHINE = procFilesOf({
  "/proc/1/cmdline": "/sbin/init\0splash\0",
  [`/proc/${FIRST}/cmdline`]: `${MASTER}\0\0\0`,
  [`/proc/${FIRST}/task/${FIRST}/children`]: `${NEXT} ${WORKER} ${ENDING} ${CACHE} 5000009 `,
  [`/proc/${OTHER}/cmdline`]: "nginx: master process nginx\0",
  [`/proc/${WORKER}/cmdline`]: "nginx: worker process\0",
  [`/proc/${NEXT}/cmdline`]: "nginx: worker process\0",
  [`/proc/${ENDING}/cmdline`]: "nginx: worker process is shutting down\0",
  [`/proc/${CACHE}/cmdline`]: "nginx: cache manager process\0",
});

Deno.test("nginx is its master process, with the file that it was started with and the workers that serve", () => {
  const first = {
    pid: FIRST,
    config: "/srv/nginx/conf/main.conf",
    workers: [WORKER, NEXT],
    ownRoot: false,
  };
  assert.deepEqual(findNginx(MACHINE), first);
  assert.deepEqual(nginxAt(MACHINE, FIRST), first);
  assert.deepEqual(nginxAt(MACHINE, OTHER), {
    ...{ pid: OTHER, config: "/etc/nginx/nginx.conf", workers: [], ownRoot: false },
  });
  for (const pid of [WORKER, ENDING, CACHE, 1, 5_000_009]) {
    assert.equal(nginxAt(MACHINE, pid), null);
  }
});

Deno.test("the main file of an nginx is where its program and its arguments say", () => {
  const cases: readonly (readonly [words: string, config: string])[] = [
    ["/usr/sbin/nginx -g daemon on; master_process on;", "/etc/nginx/nginx.conf"],
    ["/usr/local/sbin/nginx", "/etc/nginx/nginx.conf"],
    ["nginx -c /a/b.conf -p /srv", "/a/b.conf"],
    ["nginx -c sites.conf", "/usr/share/nginx/sites.conf"],
    ["/usr/local/nginx/sbin/nginx", "/usr/local/nginx/conf/nginx.conf"],
    ["/opt/nginx/sbin/nginx -c conf/a.conf", "/opt/nginx/conf/a.conf"],
    ["/opt/nginx/sbin/nginx -p /srv/web/", "/srv/web/conf/nginx.conf"],
  ];
  for (const [words, config] of cases) {
    const machine = procFilesOf({ [`/proc/${FIRST}/cmdline`]: `nginx: master process ${words}\0` });
    assert.equal(nginxAt(machine, FIRST)!.config, config, words);
  }
});

Deno.test("the files of an nginx that has changed its root are not those of the same names here", () => {
  const ROOT = "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
  const cases: readonly (readonly [its: string | undefined, ownRoot: boolean])[] = [
    [ROOT, false],
    // systemd's ProtectSystem= gives a service mounts of its own.
    [`90 89 8:1 / / ro - ext4 /dev/sda1 rw\n91 90 0:5 / /dev rw - devtmpfs none rw\n`, false],
    // chroot(2) into a folder, with /dev in it; into a mount point.
    ["33 21 0:5 / /dev rw - devtmpfs none rw\n", true],
    ["33 21 8:1 /srv/jail / rw - ext4 /dev/sda1 rw\n", true],
    ["", true],
    [undefined, false],
  ];
  for (const [its, ownRoot] of cases) {
    const machine = procFilesOf({
      [`/proc/${FIRST}/cmdline`]: `${MASTER}\0`,
      "/proc/self/mountinfo": ROOT,
      ...(its !== undefined && { [`/proc/${FIRST}/mountinfo`]: its }),
    });
    assert.equal(nginxAt(machine, FIRST)!.ownRoot, ownRoot, its);
  }
});

Deno.test("an nginx in a container is none of this machine, which may have its own", () => {
  const contained = procFilesOf({
    [`/proc/${FIRST}/cmdline`]: `${MASTER}\0`,
    [`/proc/${FIRST}/status`]: `Name:\tnginx\nNSpid:\t${FIRST}\t7\n`,
    [`/proc/${OTHER}/cmdline`]: "nginx: master process nginx\0",
    [`/proc/${OTHER}/status`]: `Name:\tnginx\nNSpid:\t${OTHER}\nNSpgid:\t${OTHER}\n`,
  });
  assert.equal(findNginx(contained)?.pid, OTHER);
});

Deno.test("a machine without nginx, and one that hides its processes, differ", () => {
  const without = procFilesOf({ "/proc/1/cmdline": "/sbin/init\0" });
  const hidden = procFilesOf({});
  for (const machine of [without, hidden]) assert.equal(findNginx(machine), null);
  assert.deepEqual([without, hidden].map(seesProcesses), [true, false]);
});

Deno.test("the start of a process is in ticks since the machine's, whatever its name is", () => {
  const ticks = Math.round((Deno.osUptime() - 3600) * 100);
  const machine = procFilesOf({
    [`/proc/${WORKER}/stat`]: `7 (a b) (c)) S ${"0 ".repeat(18)}${ticks} 0 0\n`,
  });
  assert(Math.abs(startOf(machine, WORKER)! - (Date.now() - 3_600_000)) < 1500);
  assert.equal(startOf(machine, NEXT), null);
});

Deno.test("addresses and sockets are those of the machine's files", () => {
  const machine = procFilesOf({
    "/proc/self/net/fib_trie": "Local:\n  |-- 192.168.31.11\n     /32 host LOCAL\n",
    "/proc/self/net/if_inet6": "20010db8000000000000000000000005 02 40 00 80 eth0\n",
    "/proc/self/net/tcp": "sl local\n 0: 051FA8C0:01BB 00000000:0000 0A 0\n",
  });
  assert.deepEqual(ownAddresses(machine), ["192.168.31.11", "2001:db8::5"]);
  assert.deepEqual(listeningSockets(machine), new Set(["192.168.31.5 443"]));
  assert.equal(listeningSockets(procFilesOf({})), null);
  assert.deepEqual(ownAddresses(procFilesOf({})), []);
});
