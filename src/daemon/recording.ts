/**
 * `vipd run --record FILE`: a load balancer whose life is written down, to be replayed in a test.
 *
 * @module
 */

import { NO_SECRETS, RECORDING_FORMAT } from "../recording/line.ts";
import { Recorder } from "../recording/recorder.ts";
import { RecordingNode } from "../recording/recording_node.ts";
import { VERSION } from "../version.ts";
import { RECORDING_OCTETS, RecordingFile, recordingRemedy } from "./files/recording_file.ts";
import type { NodeMaker } from "./machine.ts";

/** The last lines wait no longer for the disk, in milliseconds. */
const CLOSE_LIMIT_MS = 1000;

/** Makes nodes that are recorded in the file of this path. */
export function recordedNode(path: string): NodeMaker {
  return (config, host, options) => {
    const file = new RecordingFile(path, {
      seal: () => recorder.seal(),
      ended: (end) => {
        const severity = end.kind === "full" ? "notice" : "warning";
        const message = `nothing more is recorded: ${recordingRemedy(path, end)}`;
        node.journal.record(severity, "recording_ended", message);
      },
    });
    const head = {
      format: RECORDING_FORMAT,
      version: 1,
      secrets: NO_SECRETS,
      vipd: VERSION,
    } as const;
    const recorder = new Recorder(host, head, (line) => file.add(line));
    const node = new RecordingNode(config, host, options, recorder);
    const message = `what vipd hears is recorded in ${path}, up to ` +
      `${RECORDING_OCTETS / 1024 / 1024} MiB; no password, key or token is`;
    node.journal.record("notice", "recording_started", message);
    return { node, close: () => file.close(CLOSE_LIMIT_MS) };
  };
}
