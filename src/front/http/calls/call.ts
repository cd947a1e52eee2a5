/**
 * A call of the API: what the server knows of the request, and the handlers of a path.
 *
 * @module
 */

import type { Context } from "hono";
import type { ListenAddress } from "../../../config/model.ts";
import type { Right } from "../../../tokens/token_judge.ts";

/** The server's information about each request. */
export interface ApiBindings {
  /** The listener that took the request. */
  readonly listener: ListenAddress;
  /** The client's address; absent if it has none, as on a unix socket. */
  readonly client?: string;
  /** The user at the other end of a unix socket; absent if it is not known. */
  readonly uid?: number;
  /** Whether the client has closed its side and waits for no answer; absent if the server cannot find out. */
  readonly hasGone?: () => Promise<boolean>;
  /**
   * The app calls this when the request has shown a valid token: the server then keeps its connection when places are
   * few.
   */
  readonly trusted?: () => void;
}

export type ApiContext = Context<{ Bindings: ApiBindings }>;

/** `right`: the right of the requester, if the call needs no more than reading. */
export type Handler = (context: ApiContext, right: Right) => Response | Promise<Response>;

/**
 * The handlers of one path by method. Every method except GET changes something and needs the token; see `OPEN_PATHS`
 * in auth.ts.
 */
export type Methods = Readonly<Partial<Record<"GET" | "POST" | "PUT" | "DELETE", Handler>>>;

/** The handlers of some calls, by path. */
export type Calls = Readonly<Record<string, Methods>>;
