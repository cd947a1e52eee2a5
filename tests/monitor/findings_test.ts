import assert from "node:assert/strict";
import {
  authenticationText,
  type ComparedSender,
  findingsOf,
  type MonitoredAuthentication,
} from "../../src/monitor/findings.ts";

const BACKUP: ComparedSender = {
  address: "10.0.0.1",
  role: "yielded",
  version: 2,
  priority: 100,
  intervalMs: 1000,
  addresses: ["10.0.0.5"],
  checksumForm: "message",
  authentication: null,
  hmacKey: null,
  destination: "224.0.0.18",
  adverts: 1,
  advertsPerSecond: null,
  lastHeardMs: 0,
  passwordHex: "",
};
const SECOND: ComparedSender = { ...BACKUP, address: "10.0.0.2" };
const V3 = { version: 3 } as const;
const PASSWORD = { type: 1, printable: true, password: null } as const;
const MASTER = { role: "master" } as const;

/** What the two senders have in common with nobody, the masters of other pairs, and what is found. */
const CASES: readonly [
  first: Partial<ComparedSender>,
  second: Partial<ComparedSender>,
  want: string[],
  others?: ComparedSender[],
][] = [
  [{}, {}, []],
  [MASTER, {}, []],
  [MASTER, MASTER, [
    "two_masters: 10.0.0.1 (priority 100) and 10.0.0.2 (priority 100) are master at the same time: " +
    "they do not hear each other, or refuse each other's adverts",
  ]],
  [MASTER, {}, [
    "vrid_in_use: 10.0.0.1 (10.0.0.5) and 10.0.0.3 (10.0.0.7) are of different pairs with the same VRID: " +
    "choose another one for one of them",
  ], [{ ...BACKUP, address: "10.0.0.3", addresses: ["10.0.0.7"] }]],
  [{}, {}, [], [{ ...BACKUP, address: "10.0.0.3" }]],
  [{ priority: 255 }, {}, []],
  [{ priority: 254 }, { priority: 254 }, []],
  [{ priority: 255 }, { priority: 255 }, [
    "two_owners: 10.0.0.1 and 10.0.0.2 both say that they own the addresses (priority 255)",
  ]],
  [{}, V3, [
    "version_differs: 10.0.0.1 (version 2) and 10.0.0.2 (version 3): each ignores the other's adverts",
  ]],
  [{}, { intervalMs: 2500 }, [
    "interval_differs: 10.0.0.1 (1 s) and 10.0.0.2 (2.5 s): version 2 refuses adverts of another interval",
  ]],
  [V3, { ...V3, intervalMs: 2500 }, [
    "interval_differs: 10.0.0.1 (1 s) and 10.0.0.2 (2.5 s): backups follow the master's interval",
  ]],
  [{}, { addresses: [] }, [
    "addresses_differ: 10.0.0.1 (10.0.0.5) and 10.0.0.2 (none): addresses come and go with the master",
  ]],
  [{ addresses: ["10.0.0.5", "10.0.0.6"] }, { addresses: ["10.0.0.6", "10.0.0.5"] }, []],
  [{}, { authentication: PASSWORD }, [
    "authentication_differs: 10.0.0.1 (none) and 10.0.0.2 (PASS, printable): each refuses the other's adverts",
  ]],
  [
    { authentication: PASSWORD, passwordHex: "31" },
    { authentication: PASSWORD, passwordHex: "32" },
    ["password_differs: 10.0.0.1 and 10.0.0.2 use different passwords"],
  ],
  [{ ...V3, authentication: PASSWORD }, V3, []],
  [{ hmacKey: 7 }, {}, [
    "signature_differs: 10.0.0.1 (hmac key 7) and 10.0.0.2 (not signed): " +
    "who does not sign is refused where signatures are enforced",
  ]],
  [{ hmacKey: 7 }, { hmacKey: 8 }, []],
  [V3, { ...V3, checksumForm: "pseudo_header" }, [
    "checksum_form_differs: 10.0.0.1 (checksum of the message alone (RFC 9568)) and " +
    "10.0.0.2 (checksum with pseudo-header (RFC 5798)): many routers accept their own form only",
  ]],
  [{}, { checksumForm: "pseudo_header" }, []],
];

Deno.test("each difference of two senders is found alone, in a sentence that names both", () => {
  for (const [first, second, want, others] of CASES) {
    const found = findingsOf([{ ...BACKUP, ...first }, { ...SECOND, ...second }], others);
    assert.deepEqual(found.map(({ code, message }) => `${code}: ${message}`), want);
  }
});

Deno.test("the IPv6 sender whose first address is unfit is named, and of three each", () => {
  const fit = { ...BACKUP, ...V3, addresses: ["fe80::5", "2001:db8::5"] };
  const unfit = { ...SECOND, ...V3, addresses: ["2001:db8::5", "fe80::5"] };
  assert.deepEqual(findingsOf([fit, unfit]), [{
    code: "ipv6_first_address",
    message: "10.0.0.2 (2001:db8::5): the first IPv6 address is to be a link-local one, and many " +
      "routers discard such adverts",
  }]);
  const owners = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    .map((address) => ({ ...BACKUP, address, priority: 255 }));
  assert.match(findingsOf(owners)[0]!.message, /^10\.0\.0\.1, 10\.0\.0\.2 and 10\.0\.0\.3 both/);
});

Deno.test("an authentication is named by its kind", () => {
  const cases: [MonitoredAuthentication | null, number | null, string][] = [
    [null, null, "none"],
    [{ type: 0, printable: null, password: null }, null, "none"],
    [{ type: 1, printable: true, password: null }, null, "PASS, printable"],
    [{ type: 1, printable: false, password: null }, null, "PASS, not printable"],
    [{ type: 1, printable: true, password: "a b" }, null, 'PASS "a b"'],
    [{ type: 2, printable: null, password: null }, null, "IP AH"],
    [{ type: 3, printable: null, password: null }, null, "type 3"],
    [null, 1, "hmac key 1"],
    [{ type: 2, printable: null, password: null }, 1, "IP AH, hmac key 1"],
  ];
  for (const [authentication, hmacKey, want] of cases) {
    assert.equal(authenticationText({ ...BACKUP, authentication, hmacKey }), want);
  }
});
