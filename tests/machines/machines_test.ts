/**
 * vipd on two whole machines: Debian with systemd as the first process, the package, users, sockets, limits and boots.
 * What is watched is what comes of it, not how long it takes: the processors are emulated. Needs root.
 *
 * @module
 */

import type { Step } from "../at_once.ts";
import * as ends from "./ends.ts";
import {
  assertNothingRuns,
  assertOwnUnits,
  followReadme,
  installPackage,
  patiently,
  protectedPair,
  replaceExecutable,
} from "./installing.ts";
import * as leaving from "./leaving.ts";
import * as order from "./order.ts";
import * as outages from "./outages.ts";
import { makePackages, type Packages } from "./packages.ts";
import { Pair } from "./pair.ts";
import { type StepResult, writeResult } from "./result.ts";
import * as rights from "./rights.ts";
import * as versions from "./versions.ts";

/** What the guests are, in a line. */
const DESCRIBE = `. /etc/os-release
echo "$PRETTY_NAME, Linux $(uname -r), systemd $(systemctl --version | sed -n '1s/systemd //p')"`;

Deno.test({
  name: "two machines with systemd",
  ignore: Deno.uid() !== 0,
}, async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "vipd-packages-" });
  try {
    const packages = await makePackages(folder);
    await using pair = await Pair.open((line) => say(line));
    const guest = await pair.nodes.lb01.run(DESCRIBE);
    const results: StepResult[] = [];
    for (const [name, run] of steps(pair, packages)) {
      const startMs = performance.now();
      const ok = await t.step(name, run);
      if (!ok) say(await pair.account());
      results.push({ name, ok, tookMs: performance.now() - startMs });
      // What comes after a failure would fail of it.
      if (!ok) break;
    }
    await writeResult(results, guest.trim());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function steps(pair: Pair, packages: Packages): readonly Step[] {
  const { lb01, lb02 } = pair.nodes;
  return [
    ["the version before comes as a package, and starts nothing", async () => {
      await pair.both(async (node) => {
        await installPackage(node, packages.previous);
        await assertNothingRuns(node);
      });
    }],
    ["the README's steps make a pair", () => followReadme(pair, ["lb01", "lb02"])],
    ["an upgrade under load loses no request", () => versions.upgrade(pair, packages)],
    ["each process has its user, its groups and its capabilities", () => rights.confined(lb01)],
    ["the front's user may do nothing to the engine", () => rights.refused(lb01)],
    ["a stop ends the engine first, a start begins both", () => order.stopAndStart(lb02)],
    ["the front may be there before the engine", () => order.frontBeforeEngine(lb02)],
    ["the engine goes on without a front", () => order.engineWithoutFront(lb02)],
    ["the front restarts alone", () => order.frontRestarts(lb02)],
    ["a restart of vipd is one of both", () => order.bothRestart(lb02)],
    ["both are stopped, started and restarted together", () => order.bothNamed(lb02)],
    ["a reload ends neither process", () => order.reload(lb02)],
    ["a killed front comes back, and no request is lost", () => ends.frontKilled(pair, lb01)],
    ["a front that hangs is ended, and no request is lost", () => ends.frontHung(pair, lb01)],
    ["a killed engine comes back", () => ends.engineKilled(pair, lb01)],
    ["its death is forgotten", () => ends.forgetDeaths(lb01)],
    [
      "an engine that dies says goodbye",
      () => patiently(pair, () => ends.goodbyeSaid(pair, lb01, lb02)),
    ],
    ["one of the portable executable, too", () =>
      patiently(pair, async () => {
        await replaceExecutable(lb01, packages.portable);
        await ends.goodbyeSaid(pair, lb01, lb02);
        await replaceExecutable(lb01, packages.executable);
      })],
    ["a front out of memory ends alone", () => ends.frontOutOfMemory(pair, lb01)],
    ["a check's program out of memory ends alone", () => ends.programOutOfMemory(lb01)],
    ["the address outlives a restart of the network", () => outages.networkRestarts(pair, lb01)],
    ["an override outlives a reboot", () => outages.reboots(pair, lb01, lb02)],
    ["journal and override outlive a power cut", () => outages.powerCut(pair, lb02, lb01)],
    ["a downgrade under load loses no request", () => versions.downgrade(pair, packages)],
    ["an upgrade of the backup brings the front again", () => versions.backAlone(lb02, packages)],
    ["a removal leaves the configuration alone", () => leaving.remove(lb02)],
    ["a purge leaves nothing", () => leaving.purge(lb02)],
    ["nothing is left of the other node either", async () => {
      await versions.backAlone(lb01, packages);
      await leaving.remove(lb01);
      await leaving.purge(lb01);
    }],
    [
      "the README's steps with the present package make a protected pair of fresh machines",
      () => protectedPair(pair, packages.present),
    ],
    ["nothing is left of a node of that pair", async () => {
      await leaving.remove(lb02);
      await leaving.purge(lb02);
    }],
    ["the README's steps with the executable alone bring both units", async () => {
      await followReadme(pair, ["lb02"], { executable: packages.executable });
      await assertOwnUnits(lb02);
    }],
  ];
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
