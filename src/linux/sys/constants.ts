/**
 * Numbers of Linux's C headers, equal on x86-64 and aarch64.
 *
 * @module
 */

/** socket(2), bits/socket.h */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

/** shutdown(2) */
export const SHUT_RDWR = 2;

/** send(2), recv(2) */
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;

/** socket(7), asm-generic/socket.h */
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_PRIORITY = 12;
/** Before all other traffic in the interface's queue (tc-prio(8)). */
export const TC_PRIO_CONTROL = 7;
export const SO_PEERCRED = 17;
export const SO_RCVTIMEO = 20;
export const SO_BINDTODEVICE = 25;
export const SO_ATTACH_FILTER = 26;
export const SO_ACCEPTCONN = 30;
export const SO_RCVBUFFORCE = 33;
export const SO_MEMINFO = 55;
export const SO_COOKIE = 57;

/** ip(7), linux/in.h */
export const IPPROTO_IP = 0;
export const IP_HDRINCL = 3;
export const IP_RECVERR = 11;
export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_LOOP = 34;
export const IP_ADD_MEMBERSHIP = 35;
export const IP_MULTICAST_ALL = 49;
/** Of datagrams whose header the sender writes: the socket itself gets none, raw(7). */
export const IPPROTO_RAW = 255;

/** ipv6(7), linux/in6.h */
export const IPPROTO_IPV6 = 41;
export const IPV6_MULTICAST_IF = 17;
export const IPV6_MULTICAST_LOOP = 19;
export const IPV6_JOIN_GROUP = 20;
export const IPV6_RECVERR = 25;
export const IPV6_HDRINCL = 36;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;

/** netlink(7), linux/netlink.h */
export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
export const SOL_NETLINK = 270;
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;

/** epoll_ctl(2), sys/epoll.h */
export const EPOLL_CLOEXEC = SOCK_CLOEXEC;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLLIN = 1;

/** open(2) */
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_NOCTTY = 0o400;
export const O_NONBLOCK = SOCK_NONBLOCK;
export const O_CLOEXEC = SOCK_CLOEXEC;
export const O_NOFOLLOW = Deno.build.arch === "aarch64" ? 0o100000 : 0o400000;

/** fcntl(2) */
export const F_SETFD = 2;
export const F_SETFL = 4;
export const F_GETPIPE_SZ = 1032;
export const FD_CLOEXEC = 1;

/** eventfd(2), timerfd_create(2) */
export const EFD_NONBLOCK = SOCK_NONBLOCK;
export const EFD_CLOEXEC = SOCK_CLOEXEC;
export const TFD_NONBLOCK = SOCK_NONBLOCK;
export const TFD_CLOEXEC = SOCK_CLOEXEC;
export const CLOCK_MONOTONIC = 1;

/** prctl(2) */
export const PR_SET_PDEATHSIG = 1;
export const PR_SET_DUMPABLE = 4;
export const PR_SET_NO_NEW_PRIVS = 38;
export const PR_CAP_AMBIENT = 47;
export const PR_CAP_AMBIENT_CLEAR_ALL = 4;

/** sched_setscheduler(2), linux/sched.h */
export const SCHED_OTHER = 0;
export const SCHED_RR = 2;
export const SCHED_RESET_ON_FORK = 0x40000000;

/** setpriority(2), sys/resource.h: one thread, in spite of its name */
export const PRIO_PROCESS = 0;

/** signal(7) */
export const SIGKILL = 9;
