/**
 * The end of a remedy: the move to a node that would serve more. A comparison of rehearsals knows of no override; a verdict,
 * which does, puts the command in its place that works.
 *
 * @module
 */

/** `command`: @default {for a node `better` that takes over when the other one demotes} */
export function moveHint(
  better: string,
  serving: string,
  command = `vipd demote on ${serving}`,
): string {
  return `; until then ${better} would serve more: ${command}`;
}
