/**
 * Which of the two kinds a configuration file is of.
 *
 * @module
 */

/** The blocks that make a file keepalived's; a YAML key has a colon. */
const BLOCK =
  /^[ \t]*(?:@\^?\S+[ \t]+)?(?:global_defs|vrrp_instance|vrrp_sync_group|vrrp_script)\b[^:\n]*$/m;

/** The key that no configuration of vipd is without. */
const YAML = /^instances[ \t]*:/m;

/** True when `text` is a keepalived.conf: by its blocks, or by its name where it has none of either kind. */
export function isKeepalived(path: string, text: string): boolean {
  if (YAML.test(text)) return false;
  return BLOCK.test(text) || (path.endsWith(".conf") && text.trim() !== "");
}
