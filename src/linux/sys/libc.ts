/**
 * The only dlopen of the program: the system calls that Deno has no API for, from glibc.
 *
 * Every wrapper returns the kernel's result: a number that is not negative, or -errno. Results are declared `i32`, so
 * that nothing is allocated between the call and the reading of errno. Errno is read in the next expression, because
 * any failing Deno operation in between overwrites it.
 *
 * @module
 */

/** Octets that native code reads or writes; never a resizable buffer. */
export type Octets = Uint8Array<ArrayBuffer>;

const SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "i32" },
  sendmmsg_pooled: {
    name: "sendmmsg",
    parameters: ["i32", "buffer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  read_pooled: {
    name: "read",
    parameters: ["i32", "buffer", "usize"],
    result: "i32",
    nonblocking: true,
  },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  open_pooled: {
    name: "open",
    parameters: ["buffer", "i32"],
    result: "i32",
    nonblocking: true,
  },
  mkfifo_pooled: {
    name: "mkfifo",
    parameters: ["buffer", "u32"],
    result: "i32",
    nonblocking: true,
  },
  fchown: { parameters: ["i32", "u32", "u32"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  epoll_wait_pooled: {
    name: "epoll_wait",
    parameters: ["i32", "buffer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  timerfd_create: { parameters: ["i32", "i32"], result: "i32" },
  timerfd_settime: { parameters: ["i32", "i32", "buffer", "pointer"], result: "i32" },
  // pidfd_open(2) has a wrapper only since glibc 2.36, so it goes through syscall(2).
  pidfd_open: { name: "syscall", parameters: ["i64", "i64", "i64"], result: "i32" },
  // getdents64(2) has one only since glibc 2.30.
  getdents64: { name: "syscall", parameters: ["i64", "i64", "buffer", "usize"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  sched_setscheduler: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
  setgroups: { parameters: ["usize", "buffer"], result: "i32" },
  setresgid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  setresuid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  capget: { parameters: ["buffer", "buffer"], result: "i32" },
  capset: { parameters: ["buffer", "buffer"], result: "i32" },
  execv: { parameters: ["buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** capget(2) */
const LINUX_CAPABILITY_VERSION_3 = 0x20080522;

/** The same on every architecture, because the call was added after the tables were unified. */
const SYS_PIDFD_OPEN = 434n;
const SYS_GETDENTS64 = Deno.build.arch === "aarch64" ? 61n : 217n;

/** The system's C library. One per thread: errno belongs to the thread that opened it. */
export class Libc {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #errno: Int32Array;
  /** For getpeername(2), which runs for every descriptor. */
  readonly #length = new Uint32Array(1);
  readonly #lengthOctets: Octets = new Uint8Array(this.#length.buffer);
  /** Buffers that calls in other threads use at the moment. */
  readonly #lent = new Set<Octets>();

  private constructor(library: Deno.DynamicLibrary<typeof SYMBOLS>) {
    this.#library = library;
    const location = library.symbols.__errno_location();
    if (!location) throw new Error("Cannot use libc: __errno_location(3) returned null");
    this.#errno = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(location, 4));
  }

  /**
   * Loads glibc.
   *
   * @throws {Error} on a system without it.
   */
  static open(): Libc {
    try {
      return new Libc(Deno.dlopen("libc.so.6", SYMBOLS));
    } catch (cause) {
      if (cause instanceof Deno.errors.NotCapable) throw cause;
      throw new Error(
        "Cannot load libc.so.6: vipd needs Linux with glibc (Debian, Ubuntu, RHEL, SUSE and their " +
          "kin; not Alpine, which has musl)",
        { cause },
      );
    }
  }

  /** Unloads the library; no call may be pending and none may follow. */
  close(): void {
    this.#library.close();
  }

  /** socket(2) */
  socket(domain: number, type: number, protocol: number): number {
    return this.#result(this.#library.symbols.socket(domain, type, protocol));
  }

  /** bind(2) */
  bind(fd: number, address: Octets): number {
    return this.#result(this.#library.symbols.bind(fd, address, address.length));
  }

  /** connect(2), for a socket that must not wait for it */
  connect(fd: number, address: Octets): number {
    return this.#result(this.#library.symbols.connect(fd, address, address.length));
  }

  /** listen(2) */
  listen(fd: number, backlog: number): number {
    return this.#result(this.#library.symbols.listen(fd, backlog));
  }

  /** setsockopt(2) */
  setsockopt(fd: number, level: number, option: number, value: Octets): number {
    return this.#result(
      this.#library.symbols.setsockopt(fd, level, option, value, value.length),
    );
  }

  /** setsockopt(2) of an option that is an int. */
  setsockoptInt(fd: number, level: number, option: number, value: number): number {
    return this.setsockopt(fd, level, option, new Uint8Array(Int32Array.of(value).buffer));
  }

  /** getsockopt(2) into `value`, which the option must fill or not need. */
  getsockopt(fd: number, level: number, option: number, value: Octets): number {
    const length = new Uint8Array(Uint32Array.of(value.length).buffer);
    return this.#result(this.#library.symbols.getsockopt(fd, level, option, value, length));
  }

  /** getsockname(2) into `address`, a struct sockaddr of that size. */
  getsockname(fd: number, address: Octets): number {
    const length = new Uint8Array(Uint32Array.of(address.length).buffer);
    return this.#result(this.#library.symbols.getsockname(fd, address, length));
  }

  /** getpeername(2) into `address`, a struct sockaddr of that size. */
  getpeername(fd: number, address: Octets): number {
    this.#length[0] = address.length;
    return this.#result(this.#library.symbols.getpeername(fd, address, this.#lengthOctets));
  }

  /** shutdown(2) */
  shutdown(fd: number, how: number): number {
    return this.#result(this.#library.symbols.shutdown(fd, how));
  }

  /** sendto(2) */
  sendto(fd: number, octets: Octets, flags: number, address: Octets): number {
    return this.#result(
      this.#library.symbols.sendto(
        fd,
        octets,
        BigInt(octets.length),
        flags,
        address,
        address.length,
      ),
    );
  }

  /**
   * sendmmsg(2) on a thread of the runtime's pool; `headers` is an array of struct mmsghdr whose pointers the caller keeps
   * valid until the promise settles: the count of the messages that were sent, or -1.
   */
  async sendManyPooled(fd: number, headers: Octets, count: number): Promise<number> {
    return await this.#lend(headers, this.#library.symbols.sendmmsg_pooled(fd, headers, count, 0));
  }

  /** recv(2); with MSG_TRUNC the result may exceed the buffer's length. */
  recv(fd: number, octets: Octets, flags: number): number {
    return this.#result(
      this.#library.symbols.recv(fd, octets, BigInt(octets.length), flags),
    );
  }

  /** recvmsg(2); `header` is a struct msghdr whose pointers the caller keeps valid. */
  recvmsg(fd: number, header: Octets, flags: number): number {
    return this.#result(this.#library.symbols.recvmsg(fd, header, flags));
  }

  /** read(2) */
  read(fd: number, octets: Octets): number {
    return this.#result(this.#library.symbols.read(fd, octets, BigInt(octets.length)));
  }

  /** write(2) */
  write(fd: number, octets: Octets): number {
    return this.#result(this.#library.symbols.write(fd, octets, BigInt(octets.length)));
  }

  /** open(2) for reading; never to create, so it passes no mode. */
  openFile(path: string, flags: number): number {
    return this.#result(this.#library.symbols.open(new TextEncoder().encode(`${path}\0`), flags));
  }

  /**
   * open(2) like `openFile`, on a thread of the runtime's pool: -1 on an error, because that thread's errno cannot be
   * read.
   */
  async openFilePooled(path: string, flags: number): Promise<number> {
    const name = new TextEncoder().encode(`${path}\0`);
    return await this.#lend(name, this.#library.symbols.open_pooled(name, flags));
  }

  /** mkfifo(3) on a thread of the runtime's pool: -1 on an error. */
  async makePipePooled(path: string, mode: number): Promise<number> {
    const name = new TextEncoder().encode(`${path}\0`);
    return await this.#lend(name, this.#library.symbols.mkfifo_pooled(name, mode));
  }

  /** fchown(2) */
  changeOwner(fd: number, uid: number, gid: number): number {
    return this.#result(this.#library.symbols.fchown(fd, uid, gid));
  }

  /** read(2) on a thread of the runtime's pool: -1 on an error. */
  async readPooled(fd: number, octets: Octets): Promise<number> {
    const call = this.#library.symbols.read_pooled(fd, octets, BigInt(octets.length));
    return await this.#lend(octets, call);
  }

  /** readlink(2): returns the length of what it writes into `target`, cut if that is too short. */
  readLink(path: string, target: Octets): number {
    const name = new TextEncoder().encode(`${path}\0`);
    return this.#result(this.#library.symbols.readlink(name, target, BigInt(target.length)));
  }

  /** getdents64(2): fills `entries` with struct linux_dirent64; 0 at the end of the folder. */
  readFolder(fd: number, entries: Octets): number {
    const length = BigInt(entries.length);
    return this.#result(
      this.#library.symbols.getdents64(SYS_GETDENTS64, BigInt(fd), entries, length),
    );
  }

  /** fcntl(2) with a number. */
  fcntl(fd: number, operation: number, argument: number): number {
    return this.#result(this.#library.symbols.fcntl(fd, operation, argument));
  }

  /** close(2); it closes the descriptor whatever it returns. */
  closeFd(fd: number): void {
    this.#library.symbols.close(fd);
  }

  /** clock_gettime(2): struct timespec, two 64-bit numbers, into `timespec`. */
  clockGettime(clock: number, timespec: Octets): number {
    return this.#result(this.#library.symbols.clock_gettime(clock, timespec));
  }

  /** epoll_create1(2) */
  epollCreate(flags: number): number {
    return this.#result(this.#library.symbols.epoll_create1(flags));
  }

  /** epoll_ctl(2); `event` is a struct epoll_event. */
  epollControl(epollFd: number, operation: number, fd: number, event: Octets): number {
    return this.#result(this.#library.symbols.epoll_ctl(epollFd, operation, fd, event));
  }

  /** epoll_wait(2) that returns at once; `maximum` events of struct epoll_event fit into `events`. */
  epollPoll(epollFd: number, events: Octets, maximum: number): number {
    return this.#result(this.#library.symbols.epoll_wait(epollFd, events, maximum, 0));
  }

  /**
   * epoll_wait(2) without a time limit, on a thread of the runtime's pool. Shows only that something happened: that
   * thread's errno cannot be read. The caller must keep `events` until the promise settles.
   */
  async epollWait(epollFd: number, events: Octets, maximum: number): Promise<void> {
    await this.#library.symbols.epoll_wait_pooled(epollFd, events, maximum, -1);
  }

  /** eventfd(2) */
  eventfd(initial: number, flags: number): number {
    return this.#result(this.#library.symbols.eventfd(initial, flags));
  }

  /** timerfd_create(2) */
  timerfdCreate(clock: number, flags: number): number {
    return this.#result(this.#library.symbols.timerfd_create(clock, flags));
  }

  /** timerfd_settime(2), relative; `value` is a struct itimerspec. */
  timerfdSet(fd: number, value: Octets): number {
    return this.#result(this.#library.symbols.timerfd_settime(fd, 0, value, null));
  }

  /** pidfd_open(2) */
  pidfdOpen(pid: number): number {
    return this.#result(
      this.#library.symbols.pidfd_open(SYS_PIDFD_OPEN, BigInt(pid), 0n),
    );
  }

  /** prctl(2) */
  prctl(operation: number, argument: number): number {
    return this.#result(this.#library.symbols.prctl(operation, BigInt(argument), 0n, 0n, 0n));
  }

  /** sched_setscheduler(2) of one thread; `priority` is the only field of struct sched_param. */
  schedSetscheduler(threadId: number, policy: number, priority: number): number {
    const parameter = new Uint8Array(Int32Array.of(priority).buffer);
    return this.#result(this.#library.symbols.sched_setscheduler(threadId, policy, parameter));
  }

  /** setpriority(2) */
  setpriority(which: number, who: number, nice: number): number {
    return this.#result(this.#library.symbols.setpriority(which, who, nice));
  }

  /** setgroups(2), of all threads, to none. */
  dropGroups(): number {
    return this.#result(this.#library.symbols.setgroups(0n, new Uint8Array(4)));
  }

  /** setresgid(2), of all threads: the real, effective and saved group. */
  setGroup(gid: number): number {
    return this.#result(this.#library.symbols.setresgid(gid, gid, gid));
  }

  /** setresuid(2), of all threads: the real, effective and saved user. The kernel then takes root's capabilities. */
  setUser(uid: number): number {
    return this.#result(this.#library.symbols.setresuid(uid, uid, uid));
  }

  /** capset(2) of the calling thread: it has no capability any more. */
  dropCapabilities(): number {
    const header = new Uint8Array(Int32Array.of(LINUX_CAPABILITY_VERSION_3, 0).buffer);
    // struct __user_cap_data_struct { __u32 effective, permitted, inheritable; } [2]
    return this.#result(this.#library.symbols.capset(header, new Uint8Array(24)));
  }

  /** capset(2) of the calling thread: it passes on none of its capabilities by execve(2). */
  dropInheritableCapabilities(): number {
    const header = new Uint8Array(Int32Array.of(LINUX_CAPABILITY_VERSION_3, 0).buffer);
    const sets = new Uint32Array(6);
    const octets = new Uint8Array(sets.buffer);
    const got = this.#result(this.#library.symbols.capget(header, octets));
    if (got < 0) return got;
    // struct __user_cap_data_struct { __u32 effective, permitted, inheritable; } [2]
    sets[2] = 0;
    sets[5] = 0;
    return this.#result(this.#library.symbols.capset(header, octets));
  }

  /** execv(3): another program in this process, with the same environment. Returns only if it fails. */
  execute(path: string, words: readonly string[]): number {
    const encoder = new TextEncoder();
    const texts = words.map((word) => encoder.encode(`${word}\0`));
    const addresses = texts.map((text) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(text)));
    const vector = new Uint8Array(BigUint64Array.of(...addresses.map(BigInt), 0n).buffer);
    return this.#result(this.#library.symbols.execv(encoder.encode(`${path}\0`), vector));
  }

  /** Keeps octets alive for as long as a call in another thread may use them. */
  async #lend(octets: Octets, call: Promise<number>): Promise<number> {
    this.#lent.add(octets);
    try {
      return await call;
    } finally {
      this.#lent.delete(octets);
    }
  }

  #result(returned: number): number {
    return returned < 0 ? -this.#errno[0]! : returned;
  }
}
