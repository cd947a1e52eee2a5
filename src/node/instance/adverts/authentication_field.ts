/**
 * The authentication field of an instance's adverts.
 *
 * @module
 */

import type { InstanceConfig } from "../../../config/model.ts";
import { type AuthenticationField, passwordOctets } from "../../../wire/vrrp.ts";

/** The octets that version 2 carries in its authentication field (RFC 3768 section 5.3.6, RFC 2338 section 5.3.6.2). */
export function authenticationField(config: InstanceConfig): AuthenticationField {
  return config.authentication.type === "pass"
    ? { type: 1, data: passwordOctets(config.authentication.password) }
    : { type: 0, data: new Uint8Array(8) };
}
