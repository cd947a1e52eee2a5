import assert from "node:assert/strict";
import { parse } from "yaml";
import { editForPair } from "../../../src/config/yaml/pair_edit.ts";

const PEER = {
  name: "lb02",
  url: "https://192.168.31.12:9112",
  ca: "/var/lib/vipd/pair/peer-lb02.pem",
  token_file: "/var/lib/vipd/pair/peer-lb02.token",
};
const EDIT = {
  listen: ["127.0.0.1:9112", "192.168.31.11:9112"],
  tls: { cert: "/var/lib/vipd/pair/api.pem", key: "/var/lib/vipd/pair/api.key" },
  readTokenFile: "/var/lib/vipd/pair/read.token",
  localReading: "open" as const,
  peer: PEER,
};
const API = {
  listen: EDIT.listen,
  tls: EDIT.tls,
  read_token_file: EDIT.readTokenFile,
  local_reading: EDIT.localReading,
};
const REST = `instances:   # spaced as it is
  - { name: VI_1,   interface: eth1 } # by hand
  # the last comment
`;

/** Texts, what stays of them byte by byte, and what `peers` holds. */
const CASES = [
  ["without either key", `node: lb01\n${REST}`, [`node: lb01\n${REST}`], [PEER]],
  ["without a last line feed", `node: lb01\n${REST}`.trimEnd(), [REST.trimEnd()], [PEER]],
  [
    "with an api of its own",
    `# top\napi:\n  # why\n  listen: 127.0.0.1:9112 # local\n\n# below\n${REST}`,
    [
      "# top\napi:\n  # why\n",
      `\n\n# below\n${REST}`,
    ],
    [PEER],
  ],
  ["with an empty api and a comment", `api: # later\n${REST}`, ["  # later\n"], [PEER]],
  ["with an empty api", `api:\n${REST}`, [REST], [PEER]],
  ["with an api in braces", `api: { listen: "127.0.0.1:9112" } # one line\n${REST}`, [
    ` # one line\n${REST}`,
  ], [PEER]],
  ["with other peers", `peers:\n  - { name: lb03, url: "https://lb03:9112" } # third\n${REST}`, [
    REST,
  ], [
    { name: "lb03", url: "https://lb03:9112" },
    PEER,
  ]],
  ["with the peer as it was", `${REST}peers:\n  - name: lb02\n    url: http://old:9112\n`, [REST], [
    PEER,
  ]],
  ["with Windows' line ends", `node: lb01\r\ninstances: [] # none\r\n`, ["instances: [] # none"], [
    PEER,
  ]],
  [
    "with the peer in braces and a comment",
    `peers: # both\n  # the other\n  - { name: lb02, url: "http://old:9112" } # old\n${REST}`,
    ["# both\n", "  # the other\n  - { name: lb02,", " } # old\n", REST],
    [PEER],
  ],
  [
    "with the peer in lines with comments",
    `peers:\n  # first\n  - name: lb02 # other\n    # where\n    url: http://old:9112 # old\n  # between\n` +
    `  - name: lb03\n    url: http://lb03:9112 # third\n${REST}`,
    [
      "  # first\n  - name: lb02 # other\n    # where\n    url: https://192.168.31.12:9112 # old\n",
      REST,
    ],
    [PEER, { name: "lb03", url: "http://lb03:9112" }],
  ],
  [
    "with the peer and a key that goes",
    `peers:\n  - name: lb02\n    url: http://old:9112\n    insecure: true # for now\n${REST}`,
    ["# for now\npeers:\n  - name: lb02\n", REST],
    [PEER],
  ],
  [
    "with peers in brackets and comments",
    `peers: [\n  { name: lb02, url: "http://old:9112" }, # old\n  # last\n  ]\n${REST}`,
    ["# old\n# last\npeers: [ { name: lb02,", REST],
    [PEER],
  ],
  ["with empty peers and a comment", `peers: # later\n${REST}`, ["  # later\n  - { name", REST], [
    PEER,
  ]],
  [
    "with a list to listen at and comments",
    `api:\n  listen: # here\n    # only\n    - 127.0.0.1:9112 # local\n    # end\n${REST}`,
    [
      "# here\n    # only\n    - 127.0.0.1:9112 # local\n    - 192.168.31.11:9112\n    # end\n",
      REST,
    ],
    [PEER],
  ],
  [
    "with a list to listen at in brackets and comments",
    `api:\n  listen: [ # here\n    127.0.0.1:9112, # local\n    # end\n  ] # all\n${REST}`,
    ["# here\n", "# local\n", "# end\n", "# all\n", REST],
    [PEER],
  ],
  [
    "with other addresses to listen at and comments",
    `api:\n  # why\n  listen:\n    - 127.0.0.3:9112 # third\n${REST}`,
    ["# third\napi:\n  # why\n  listen: [ 127.0.0.1:9112,", REST],
    [PEER],
  ],
  [
    "with tls and comments",
    `api:\n  tls: # ours\n    # first\n    cert: /a.pem # c\n    # second\n    key: /a.key # k\n${REST}`,
    [
      "    # ours\n    # first\n    cert: /var/lib/vipd/pair/api.pem # c\n    # second\n" +
      "    key: /var/lib/vipd/pair/api.key # k\n",
      REST,
    ],
    [PEER],
  ],
  ["in braces", `{ node: lb01, instances: [] } # all of it\n`, ["# all of it"], [PEER]],
] as const;

for (const [what, text, kept, peers] of CASES) {
  Deno.test(`a pairing edits a file ${what} and leaves the rest as it is`, () => {
    const edited = editForPair(text, EDIT);
    for (const part of kept) assert.ok(edited.includes(part), edited);
    const before = parse(text) as Record<string, unknown>;
    assert.deepEqual(parse(edited), {
      ...before,
      api: { ...before.api as object, ...API },
      peers,
    });
    // Again, it changes nothing.
    assert.equal(editForPair(edited, EDIT), edited);
  });
}

Deno.test("a pairing writes the line ends that the file has", () => {
  const lines = `node: lb01\napi:\n  listen: 127.0.0.1:9112 # local\n${REST}`;
  const edited = editForPair(lines.replaceAll("\n", "\r\n"), EDIT);
  assert.equal(edited, editForPair(lines, EDIT).replaceAll("\n", "\r\n"));
  const mixed = editForPair(`node: lb01\r\n${REST}`, EDIT);
  assert.ok(mixed.startsWith(`node: lb01\r\n${REST}`), mixed);
});

Deno.test("what vipd init and the examples write keeps every line", async () => {
  const text = await Deno.readTextFile(new URL("../../../config/lb01.yaml", import.meta.url));
  const edited = editForPair(text, { peer: PEER });
  const lines = new Set(edited.split("\n"));
  const lost = text.split("\n").filter((line) => !lines.has(line));
  assert.deepEqual(lost.filter((line) => !/^(api|peers| {2}listen|#)/.test(line)), []);
});

Deno.test("a pairing leaves lists and mappings in brackets that it does not change as they are laid out", () => {
  const api = "api:\n  hosts: [lb01.example.com]\n  listen: 127.0.0.1:9112\n";
  const peers = `peers:\n  - {name: lb03,   url: "https://lb03:9112"}\n`;
  const edited = editForPair(`node: lb01\n${peers}${api}`, EDIT);
  assert.ok(edited.includes("  hosts: [lb01.example.com]\n"), edited);
  assert.ok(edited.includes(`  - {name: lb03,   url: "https://lb03:9112"}\n`), edited);
  const again = edited.replaceAll("[ ", "[").replaceAll(" ]", "]").replaceAll("{ ", "{");
  assert.notEqual(again, edited);
  assert.equal(editForPair(again, EDIT), again, "what changes nothing is no edit");
});

Deno.test("a pairing refuses a file in which aliases depend on what it writes, and says where", () => {
  const aliased = [
    ["api:\n  read_token_file: &token /a\n  hosts: [*token]\n", "api in line 2"],
    [
      "api:\n  tls: { cert: &own /a, key: /b }\npeers:\n  - { name: *own, url: http://x }\n",
      "api in line 2 and peers in line 4",
    ],
  ];
  for (const [text, place] of aliased) {
    assert.throws(() => editForPair(`node: lb01\n${text}`, EDIT), {
      message:
        `the layout of ${place} is too unusual; write it there without anchors (&), aliases (*) and tags (!), ` +
        "one key a line, then run vipd pair again",
    });
  }
});

Deno.test("a pairing changes nothing elsewhere that is written with an anchor", () => {
  const anchored =
    "hosts: &own lb02\nthird: &third lb03\npeers:\n  - { name: *own, url: http://old } # old\n" +
    "  - { name: *third, url: http://x }\n";
  const edited = editForPair(anchored, { peer: PEER });
  const others = { hosts: "lb02", third: "lb03" };
  const peers = [PEER, { name: "lb03", url: "http://x" }];
  assert.deepEqual(parse(edited), { ...others, peers });
  assert.match(edited, / # old$/m);
});
