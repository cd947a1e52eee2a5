/**
 * The meaning of a code, for programs as JSON and for a person's browser as text: `vipd explain`, where there is no shell.
 *
 * @module
 */

import { Problem } from "../../api/problem.ts";
import { explain, explanationText, unknownCode } from "../../codes/explanation.ts";
import { entityTag, tagged, taggedJson } from "./entity_tag.ts";

/** `accept`: the request's header, which decides the form (RFC 9110 section 12.5.1). */
export function codeResponse(
  code: string,
  accept: string | undefined,
  ifNoneMatch: string | undefined,
): Response {
  const explanation = explain(code);
  if (explanation === null) throw new Problem("code_unknown", unknownCode(code));
  const text = explanationText(explanation);
  const response = /\btext\/(?:html|plain)\b/i.test(accept ?? "")
    ? tagged(
      new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } }),
      entityTag(text),
      ifNoneMatch,
    )
    : taggedJson(explanation, ifNoneMatch);
  response.headers.set("vary", "accept");
  return response;
}
