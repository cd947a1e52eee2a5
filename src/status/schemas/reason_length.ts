/**
 * How long the reason for a command may be. The page needs it without the schemas.
 *
 * @module
 */

/** In UTF-16 units: it stands in one line of the journal. */
export const REASON_MAX_LENGTH = 200;
