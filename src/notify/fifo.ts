/**
 * Writes events into a named pipe, as the lines that programs written for keepalived's `notify_fifo` expect.
 *
 * @module
 */

import type { FifoNotifyConfig } from "../config/notify_model.ts";
import { type Account, findAccount } from "../health/programs/accounts.ts";
import { PooledOperation } from "../runtime/pooled_operation.ts";
import type { NotifyEvent } from "./event.ts";
import { type Delivery, notDelivered, type Target } from "./target.ts";

/** A named pipe, open for writing; it never waits for a reader. */
export interface Pipe {
  /** Writes a line of at most 4096 octets, whole or not at all; returns why it could not. */
  write(line: string): string | null;
  close(): void;
}

/** Opens the pipe at an absolute path. Makes it, for `owner`, if it is missing; or returns why it cannot. */
export type OpenPipe = (path: string, owner: Account | null) => Promise<Pipe | string>;

/** How long the file system may take to open the pipe. */
const OPENING_LIMIT_MS = 2000;

/** keepalived's names of states, keepalived.conf(5), where they differ from the event's own in capitals. */
const STATES: Readonly<Record<string, string>> = { reasserted: "MASTER_RX_LOWER_PRI" };

/** `INSTANCE "VI_1" MASTER 150`, keepalived.conf(5), `vrrp_notify_fifo`; other events in the same form. */
export function fifoLine({ scope, name, kind, priority }: NotifyEvent): string {
  return `${scope.toUpperCase()} "${name}" ${STATES[kind] ?? kind.toUpperCase()} ${priority}\n`;
}

/**
 * Opens the pipe at once, so that a reader finds it, and again for an event if that failed. A line that finds no room
 * is lost: the reader is too slow, or there is none.
 */
export function fifoTarget(config: FifoNotifyConfig, openPipe: OpenPipe): Target {
  let pipe: Pipe | null = null;
  let closed = false;
  const opening = new PooledOperation("file", async (): Promise<string | null> => {
    const owner = config.user === undefined ? null : await findAccount(config.user);
    if (typeof owner === "string") return owner;
    const opened = await openPipe(config.path, owner);
    if (typeof opened === "string") return opened;
    if (closed) opened.close();
    else pipe = opened;
    return null;
  });
  /** Why it is not open; `null` if it is. */
  async function open(): Promise<string | null> {
    if (pipe !== null) return null;
    const turn = await opening.run(AbortSignal.timeout(OPENING_LIMIT_MS));
    if (turn.ok) return turn.value;
    return `its file system has not answered for ${OPENING_LIMIT_MS / 1000} s`;
  }
  void open();
  return {
    batch: 1,
    gatherMs: 0,
    retryForMs: 0,
    async deliver([event]): Promise<Delivery> {
      const problem = await open() ?? pipe?.write(fifoLine(event!)) ?? null;
      if (problem === null) return { ok: true };
      return notDelivered(`${config.path}: ${problem}`, { retry: false });
    },
    close() {
      closed = true;
      pipe?.close();
      pipe = null;
    },
  };
}
