/**
 * A call of the API, and the handlers of a path.
 *
 * @module
 */

import type { Context } from "hono";
import type { ApiBindings } from "../../server/api_bindings.ts";
import type { Right } from "../../../tokens/token_judge.ts";

export type ApiContext = Context<{ Bindings: ApiBindings }>;

/** `right`: the right of the requester, if the call needs no more than reading. */
export type Handler = (context: ApiContext, right: Right) => Response | Promise<Response>;

/**
 * The handlers of one path by method. Every method except GET changes something and needs the token; see `OPEN_PATHS`
 * in openapi/requests.ts.
 */
export type Methods = Readonly<Partial<Record<"GET" | "POST" | "PUT" | "DELETE", Handler>>>;

/** The handlers of some calls, by path. */
export type Calls = Readonly<Record<string, Methods>>;
