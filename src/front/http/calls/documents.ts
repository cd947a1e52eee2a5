/**
 * The calls that answer with a document of this vipd, whatever its node does.
 *
 * @module
 */

import { jsonTextResponse } from "../../../api/problem.ts";
import { entityTag, tagged } from "../entity_tag.ts";
import type { Calls } from "./call.ts";

/** Each document is imported when it is first asked for. */
export const DOCUMENT_CALLS: Calls = {
  "/": { GET: async () => (await import("../../page/response.ts")).pageResponse() },
  "/openapi.json": {
    GET: async ({ req }) => {
      const text = (await import("../../openapi/document.ts")).openApiText();
      return tagged(jsonTextResponse(text), entityTag(text), req.header("if-none-match"));
    },
  },
  "/v1/codes/:code": {
    GET: async ({ req }) => {
      const { codeResponse } = await import("../codes.ts");
      const code = req.param("code") ?? "";
      return codeResponse(code, req.header("accept"), req.header("if-none-match"));
    },
  },
};
