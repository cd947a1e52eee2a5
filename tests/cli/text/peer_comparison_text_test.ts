import assert from "node:assert/strict";
import { peerComparisonText } from "../../../src/cli/text/peer_comparison_text.ts";
import { styleFor } from "../../../src/cli/text/terminal/style.ts";
import { exampleStatus } from "../../front/fake_backend.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";

const PLAIN = styleFor(false);

Deno.test("the comparison has both nodes, and what differs is marked", () => {
  const peers = [examplePeer({ state: "master", advert_interval_ms: 2000 })];
  assert.equal(
    peerComparisonText(exampleStatus({ peers }), PLAIN),
    `lb01  this node, vipd 0.1.0
lb02  reachable, vipd 0.1.0

VI_1               lb01                 lb02
  state            MASTER               MASTER           <- two masters
  priority         90 (configured 150)  80
  master seen      192.168.31.11        192.168.31.11
  interface        eth1                 eth1
  VRID             55                   55
  VRRP version     2                    2
  advert interval  1 s                  2 s              <- differs
  authentication   pass                 pass
  preempt          yes                  yes
  addresses        192.168.31.5/24      192.168.31.5/24
  faults           none                 none
`,
  );
});

Deno.test("a peer that is not reachable says why, in characters that a terminal can take", () => {
  const peer = examplePeer({}, {
    reachable: false,
    instances: [],
    error: "it answers \x1b[2J",
  });
  const text = peerComparisonText(exampleStatus({ peers: [peer] }), PLAIN);
  assert.match(text, /^lb02 {2}not reachable, last answered 0 s ago: it answers \ufffd\[2J$/m);
  assert.match(text, /^ {2}state {12}MASTER {15}-$/m);
});

Deno.test("without peers it says how to name them", () => {
  assert.match(peerComparisonText(exampleStatus(), PLAIN), /no peers are configured: .*`peers`/);
});
