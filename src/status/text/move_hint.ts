/**
 * The end of a remedy: the move to a node that would serve more. A comparison of rehearsals knows of no override; a verdict,
 * which does, puts the command in its place that works. Names are nginx's, so that all instances move; without `--all` a
 * node with several would ask which.
 *
 * @module
 */

/** `command`: @default {for a node `better` that takes over when the other one demotes} */
export function moveHint(
  better: string,
  serving: string,
  command = `vipd demote --all on ${serving}`,
): string {
  return `; until then ${better} would serve more: ${command}`;
}
