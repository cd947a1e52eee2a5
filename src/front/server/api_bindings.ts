/**
 * The knowledge of the server about each request, for the calls of the API.
 *
 * @module
 */

import type { ListenAddress } from "../../config/model.ts";

/** The server's information about each request. */
export interface ApiBindings {
  /** The listener that took the request. */
  readonly listener: ListenAddress;
  /** The client's address; absent if it has none, as on a unix socket. */
  readonly client?: string;
  /** The user at the other end of a unix socket; absent if it is not known. */
  readonly uid?: number;
  /** True for root and for vipd's user on a unix socket: places are reserved for them without a token. */
  readonly isOwner?: true;
  /** Whether the client has closed its side and waits for no answer; absent if the server cannot find out. */
  readonly hasGone?: () => Promise<boolean>;
  /**
   * The app calls this when the request has shown a valid token: the server then keeps its connection when places are
   * few.
   */
  readonly trusted?: () => void;
}
