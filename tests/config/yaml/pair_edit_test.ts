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
