/** The file of `vipd run --record`: its own, bounded, and nobody waits for it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type RecordingEnd,
  RecordingFile,
  recordingRemedy,
} from "../../../src/daemon/files/recording_file.ts";
import { inFolder } from "../../cli/captured_context.ts";

const HEAD = `{"format":"vipd-recording","version":1}`;

/** Records these lines; why it ended early. */
async function record(
  path: string,
  lines: readonly string[],
  limitOctets?: number,
): Promise<RecordingEnd[]> {
  const ends: RecordingEnd[] = [];
  const file = new RecordingFile(path, {
    ...{ seal: () => {}, ended: (end) => ends.push(end), everyMs: 1 },
    ...(limitOctets !== undefined && { limitOctets }),
  });
  for (const line of lines) {
    file.add(line);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await file.close(2000);
  return ends;
}

Deno.test("a recording is its owner's alone, and a later run goes on behind it", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "recording.jsonl");
    assert.deepEqual(await record(path, [HEAD, "1", "2"]), []);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    await Deno.chmod(path, 0o644);
    assert.deepEqual(await record(path, [HEAD, "3"]), []);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    assert.equal(await Deno.readTextFile(path), `${HEAD}\n1\n2\n\n${HEAD}\n3\n`);
  });
});

Deno.test("it ends at its bound with a whole line, and says so once", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "recording.jsonl");
    const ends = await record(path, [HEAD, "x".repeat(50), "y".repeat(50), "z".repeat(50)], 100);
    assert.deepEqual(ends, [{ kind: "full", octets: 100 }]);
    assert.equal(await Deno.readTextFile(path), `${HEAD}\n${"x".repeat(50)}\n`);
    assert.match(recordingRemedy(path, ends[0]!), /bound .* MiB: move it away/);
  });
});

Deno.test("what cannot be written ends the recording, with the cause and what helps", async (t) => {
  await inFolder(async (folder) => {
    const foreign = join(folder, "passwd");
    await Deno.writeTextFile(foreign, "root:x:0:0\n");
    const link = join(folder, "link");
    await Deno.symlink(foreign, link);
    for (
      const [name, path, remedy] of [
        ["no folder", join(folder, "none", "recording.jsonl"), /name a file in a folder/],
        ["another file", foreign, /is no recording: name a file that is not there yet/],
        ["a link", link, /is a link/],
        ["a device", "/dev/full", /\/dev\/full is a device/],
      ] as const
    ) {
      await t.step(name, async () => {
        const [end, ...more] = await record(path, [HEAD, "1", "2"]);
        assert.deepEqual([end!.kind, more], ["refused", []]);
        assert.match(recordingRemedy(path, end!), remedy);
      });
    }
    assert.equal(await Deno.readTextFile(foreign), "root:x:0:0\n");
  });
  const error = { code: "ENOSPC", message: "no space left" };
  assert.match(recordingRemedy("/a/b", { kind: "refused", error }), /make room on the disk of \/a/);
});

Deno.test("what waits for a disk that does not answer is bounded: then the recording ends", () => {
  const ends: RecordingEnd[] = [];
  const file = new RecordingFile("/nowhere", { seal: () => {}, ended: (end) => ends.push(end) });
  const line = "x".repeat(1024 * 1024 - 1);
  for (let count = 0; count < 8; count++) file.add(line);
  assert.equal(ends.length, 0);
  file.add(line);
  file.add(line);
  assert.deepEqual(ends.map((end) => end.kind === "refused" && end.error.code), ["ETIMEDOUT"]);
});
