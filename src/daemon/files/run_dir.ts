/**
 * What lies in a run directory.
 *
 * @module
 */

/** Held for as long as the engine runs; when it was written last is the engine's last sign of life. */
export const LOCK_FILE = "lock";
/** Where the engine listens for its front. */
export const ENGINE_SOCKET = "engine.sock";
/** The sockets of a front that the engine has started. */
export const FRONT_FOLDER = "front";
/** Leads to the front's own socket: the local command line talks to it. */
export const API_SOCKET = "api.sock";
/** The last status, for when the API does not answer. */
export const STATUS_FILE = "status.json";
/** What the engine has on the machine, for the goodbye after its death. */
export const HELD_FILE = "held.json";
