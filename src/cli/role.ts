/**
 * The role that a node is set up for, as the command line takes it.
 *
 * @module
 */

export type Role = "master" | "backup";
export const ROLES: readonly Role[] = ["master", "backup"];
