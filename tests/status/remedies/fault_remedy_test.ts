import assert from "node:assert/strict";
import { faultRemedy } from "../../../src/status/remedies/fault_remedy.ts";

const CHECK = "repair what check nginx looks at; `vipd status` on lb02 has its last result";

const CASES: readonly (readonly [fault: string, remedy: string])[] = [
  [
    "check web is down: no process nginx",
    "`systemctl start nginx` on lb02, or as it starts there",
  ],
  [
    "check web is down: no process nginx that counts: PID 7 is run by www",
    "`systemctl start nginx` on lb02, or as it starts there",
  ],
  [
    "check web is down: no process nginx (PID 7 has ended)",
    "`systemctl start nginx` on lb02, or as it starts there",
  ],
  ["check nginx is down: HTTP 502", CHECK],
  ["check nginx is up, where it must be down: running", CHECK],
  ["check nginx holds 3", CHECK],
  ["interface eth1 is down", "`ip link set eth1 up` on lb02, if it is to be there"],
  [
    "interface eth2, which is to carry a virtual address, is down",
    "`ip link set eth2 up` on lb02, if it is to be there",
  ],
  [
    "tracked interface eth2 is down or does not exist",
    "`ip link set eth2 up` on lb02, if it is to be there",
  ],
  [
    "interface eth1 has no carrier",
    "cable and switch port of eth1 on lb02: `ethtool eth1` shows whether there is a link",
  ],
  [
    "interface eth9 does not exist",
    "`ip link` on lb02 shows the interfaces that there are; make eth9, or name another one, then " +
    "vipd reload",
  ],
  [
    "interface eth1 has a carrier, but its up_delay is not over",
    "nothing: it ends by itself on lb02",
  ],
  ["sync group VG_1: VI_2 cannot serve: check nginx is down: HTTP 502", CHECK],
  [
    "eth1 has no IPv4 address",
    "remove the cause; `vipd doctor` on lb02 examines the machine",
  ],
];

for (const [fault, remedy] of CASES) {
  Deno.test(`the remedy fits: ${fault}`, () => {
    assert.equal(faultRemedy([fault], "on lb02"), remedy);
  });
}

Deno.test("a remedy that helps against two faults is given once", () => {
  assert.equal(faultRemedy(["check nginx is down: a", "check nginx is down: b"], "on lb02"), CHECK);
});
