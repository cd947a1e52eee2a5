/**
 * The meaning of a code, for programs as JSON and for a person's browser as text: `vipd explain`, where there is no shell.
 *
 * @module
 */

import { jsonResponse, Problem } from "../../api/problem.ts";
import { explain, explanationText, unknownCode } from "../../codes/explanation.ts";

/** `accept`: the request's header, which decides the form (RFC 9110 section 12.5.1). */
export function codeResponse(code: string, accept: string | undefined): Response {
  const explanation = explain(code);
  if (explanation === null) throw new Problem("code_unknown", unknownCode(code));
  const varying = { vary: "accept" };
  if (!/\btext\/(?:html|plain)\b/i.test(accept ?? "")) {
    return jsonResponse(explanation, 200, varying);
  }
  return new Response(explanationText(explanation), {
    headers: { ...varying, "content-type": "text/plain; charset=utf-8" },
  });
}
