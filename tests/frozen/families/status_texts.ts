/**
 * What `vipd status` makes of a daemon's answer: for people, for people who compare both nodes, and for programs.
 *
 * @module
 */

import { CLI } from "./cli.ts";
import type { AskedFamily } from "./family.ts";
import type { Part } from "./situation.ts";

export const STATUS_TEXTS: AskedFamily<Part> = {
  name: "status",
  origin: "executable",
  answer: async (status, vipd) => {
    const text = `${JSON.stringify(status, null, 2)}\n`;
    const replies = { "GET /v1/status": { status: 200, type: "application/json", text } };
    const shown = (...options: string[]) =>
      CLI.answer({ argv: ["status", "--api", "{api}", ...options], replies }, vipd);
    return { plain: await shown(), all: await shown("--all"), json: await shown("--json") };
  },
};
