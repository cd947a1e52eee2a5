/**
 * A recording has stand-ins instead of secrets: the same stand-in for the same secret everywhere, so that what fits
 * together in the field fits together in a replay.
 *
 * @module
 */

import type { Config, InstanceConfig, PeerConfig } from "../config/model.ts";
import type { ProbeResult } from "../health/check.ts";
import type { CheckConfig, ProgramConfig } from "../health/check_config.ts";
import type { ClientReport } from "../status/reports/client_report.ts";
import type { PeerReport } from "../status/reports/peer_answer.ts";
import { passwordOctets } from "../wire/vrrp.ts";
import type { HmacKey } from "../wire/vrrp_trailer.ts";
import { maskedPayload } from "./masked_payload.ts";

export class StandIns {
  readonly #texts = new Map<string, string>();
  /** By the octets of the secret, in hex. */
  readonly #passwords = new Map<string, string>();
  readonly #keys = new Map<string, { readonly real: HmacKey; readonly standIn: Uint8Array }>();

  /** Of any text that may hold a secret. */
  text(text: string): string {
    return numbered(this.#texts, text, (number) => `masked-${number}`);
  }

  /** Of the eight octets in which version 2 carries a password; zeros are none. */
  password(octets: Uint8Array): Uint8Array<ArrayBuffer> {
    return octets.every((octet) => octet === 0)
      ? new Uint8Array(octets)
      : passwordOctets(this.#passwordText(octets));
  }

  /** As long as the key; of keys with different ids it differs. */
  key(key: HmacKey): Uint8Array {
    const identity = `${key.id} ${key.key.toHex()}`;
    const known = this.#keys.get(identity);
    if (known) return known.standIn;
    const standIn = new Uint8Array(key.key.length).fill(this.#keys.size + 1);
    this.#keys.set(identity, { real: key, standIn });
    return standIn;
  }

  /** A datagram's payload: see {@link maskedPayload}. */
  payload(
    payload: Uint8Array,
    envelope: { readonly source: string; readonly destination: string },
  ): Uint8Array {
    return maskedPayload(payload, envelope, {
      password: (octets) => this.password(octets),
      keys: Array.from(this.#keys.values()),
    });
  }

  /** The part of a configuration that a load balancer needs: without the targets of `notify` and the addresses of the API. */
  config(config: Config): Config {
    return {
      ...config,
      api: { listen: [], hosts: [], tokenFile: "", localReading: "open" },
      checks: config.checks.map((check) => this.#check(check)),
      instances: config.instances.map((instance) => this.#instance(instance)),
      notify: [],
      peers: config.peers.map((peer) => this.#peer(peer)),
    };
  }

  /** Without its words, which may quote a server or a program. */
  result({ detail: _, ...result }: ProbeResult): ProbeResult {
    return { ...result, detail: outcome(result.ok) };
  }

  report(report: PeerReport): PeerReport {
    const { rehearsal, rehearsed } = report;
    const findings = { ...(rehearsal && { rehearsal }), ...(rehearsed && { rehearsed }) };
    if (!report.ok) {
      const { cause } = report;
      return { ok: false, error: "it did not answer", ...(cause && { cause }), ...findings };
    }
    const instances = report.answer.instances.map((instance) => {
      const { client_check: check, client_check_unknown: unknown } = instance;
      return {
        ...instance,
        ...(check && {
          client_check: {
            ok: check.ok,
            target: this.text(check.target),
            detail: outcome(check.ok),
          },
        }),
        ...(unknown !== undefined && { client_check_unknown: this.text(unknown) }),
      };
    });
    return { ok: true, answer: { ...report.answer, instances }, ...findings };
  }

  clientReport({ instance, target, ok }: ClientReport): ClientReport {
    return { instance, target: this.text(target), ok, detail: outcome(ok) };
  }

  command({ command: [program, ...words] }: ProgramConfig): [string, ...string[]] {
    return [program, ...words.map((word) => this.text(word))];
  }

  #instance(config: InstanceConfig): InstanceConfig {
    const instance = { ...config, clientCheck: this.#question(config.clientCheck) };
    const { authentication } = instance;
    switch (authentication.type) {
      case "none":
        return instance;
      case "pass": {
        const password = this.#passwordText(passwordOctets(authentication.password));
        return { ...instance, authentication: { type: "pass", password } };
      }
      case "hmac": {
        const keys = authentication.keys.map((key) => ({ id: key.id, key: this.key(key) }));
        return { ...instance, authentication: { ...authentication, keys } };
      }
    }
  }

  #question(question: InstanceConfig["clientCheck"]): InstanceConfig["clientCheck"] {
    if (typeof question !== "object") return question;
    const { type, port, path, host } = question;
    return {
      type,
      port,
      path: this.text(path),
      ...(host !== undefined && { host: this.text(host) }),
    };
  }

  #check(check: CheckConfig): CheckConfig {
    const { onFail } = check;
    const recovery = onFail && { onFail: { ...onFail, command: this.command(onFail) } };
    switch (check.type) {
      case "http": {
        const { bodyContains, hostHeader, ca } = check;
        return {
          ...{ ...check, ...recovery, url: this.text(check.url) },
          ...(bodyContains !== undefined && { bodyContains: this.text(bodyContains) }),
          ...(hostHeader !== undefined && { hostHeader: this.text(hostHeader) }),
          ...(ca !== undefined && { ca: this.text(ca) }),
        };
      }
      case "exec":
        return { ...check, ...recovery, command: this.command(check) };
      default:
        return { ...check, ...recovery };
    }
  }

  /** Of the URL the host counts, by which the node knows the peer's addresses. */
  #peer({ name, url }: PeerConfig): PeerConfig {
    if (url.startsWith("unix:")) return { name, url };
    const { protocol, host } = new URL(url);
    return { name, url: `${protocol}//${host}` };
  }

  #passwordText(octets: Uint8Array): string {
    return numbered(
      this.#passwords,
      octets.toHex(),
      (number) => `masked${String(number).padStart(2, "0")}`,
    );
  }
}

function outcome(ok: boolean): string {
  return ok ? "succeeded" : "failed";
}

function numbered(
  known: Map<string, string>,
  secret: string,
  name: (number: number) => string,
): string {
  const standIn = known.get(secret) ?? name(known.size + 1);
  known.set(secret, standIn);
  return standIn;
}
