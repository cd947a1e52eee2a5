/**
 * Rooms without a clock, a timer, randomness, a console or a runtime: everything comes in as a value, and what their tests
 * say does not depend on the machine. `tests/architecture_test.ts` holds them to it, `deno task mutants` breaks them.
 *
 * @module
 */

export const PURE_ROOMS = [
  ...[
    "wire",
    "nginx",
    "firewall",
    "rehearsal",
    "vip",
    "vrrp",
    "keepalived",
    "host",
    "status",
    "monitor",
  ],
  ...["doctor", "node", "recording", "codes"],
] as const;
