import assert from "node:assert/strict";
import {
  CLIENT_EVERY_MS,
  CLIENT_GAP_MS,
  CLIENT_RETRY_MS,
  CLIENT_TIMEOUT_MS,
} from "../../../src/status/reports/client_report.ts";

Deno.test("a client asks as docs/verdict.md says", () => {
  assert.deepEqual(
    { CLIENT_EVERY_MS, CLIENT_RETRY_MS, CLIENT_TIMEOUT_MS, CLIENT_GAP_MS },
    { CLIENT_EVERY_MS: 2000, CLIENT_RETRY_MS: 500, CLIENT_TIMEOUT_MS: 1500, CLIENT_GAP_MS: 20 },
  );
});
