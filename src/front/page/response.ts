/**
 * The status page as vipd serves it: one document that needs nothing else and may load nothing else.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { PAGE_HTML, PAGE_SCRIPT, PAGE_STYLE } from "./assets.ts";

/** CSP Level 3 section 8.4: a hash names the one inline script and the one inline style that may run. */
function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

const POLICY = [
  "default-src 'none'",
  `script-src ${hashSource(PAGE_SCRIPT)}`,
  `style-src ${hashSource(PAGE_STYLE)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

// Functions, because replace() gives some characters of a replacement text a special meaning.
const DOCUMENT = PAGE_HTML
  .replace("<!-- style -->", () => `<style>${PAGE_STYLE}</style>`)
  .replace("<!-- script -->", () => `<script type="module">${PAGE_SCRIPT}</script>`);

export function pageResponse(): Response {
  return new Response(DOCUMENT, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "referrer-policy": "no-referrer",
    },
  });
}
