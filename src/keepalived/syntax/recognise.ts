/**
 * Recognizes the kind of a configuration file.
 *
 * @module
 */

/** The blocks that only keepalived's files have; a YAML key has a colon. */
const BLOCK =
  /^[ \t]*(?:@\^?\S+[ \t]+)?(?:global_defs|vrrp_instance|vrrp_sync_group|vrrp_script)\b[^:\n]*$/m;

/** The key that every configuration of vipd has. */
const YAML = /^instances[ \t]*:/m;

/** True if `text` is a keepalived.conf: by its blocks, or by its name if it has none of either kind. */
export function isKeepalived(path: string, text: string): boolean {
  if (YAML.test(text)) return false;
  return BLOCK.test(text) || (path.endsWith(".conf") && text.trim() !== "");
}
