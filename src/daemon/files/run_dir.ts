/**
 * The files of a run directory.
 *
 * @module
 */

/** Locked for as long as the engine runs; its modification time is the engine's last sign of life. */
export const LOCK_FILE = "lock";
/** The socket on which the engine listens for its front. */
export const ENGINE_SOCKET = "engine.sock";
/** The sockets of a front that the engine has started. */
export const FRONT_FOLDER = "front";
/** A link to the front's own socket, for the local command line. */
export const API_SOCKET = "api.sock";
/** The last status, for when the API does not answer. */
export const STATUS_FILE = "status.json";
/** The engine's resources on the machine, for the goodbye after its death. */
export const HELD_FILE = "held.json";
