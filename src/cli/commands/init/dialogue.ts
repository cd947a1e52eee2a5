/**
 * `vipd init` on a terminal: one question after the other, each again until its answer can be right.
 *
 * @module
 */

import { CliError, EXIT } from "../../../exit.ts";
import type { CliContext } from "../../context.ts";
import {
  addressParts,
  defaultVrid,
  QUESTIONS,
  type Read,
  readAddresses,
  readPeers,
  readRole,
  readVrid,
  readYesOrNo,
} from "./answers.ts";
import { interfaceLines } from "./config.ts";
import type { Answers, MachineFacts } from "./model.ts";
import { addressSlip, interfaceSlip, linksOf, peerSlip, type Slip } from "./slips.ts";

/** The terminal of a dialogue. */
export type Terminal = Pick<CliContext, "output"> & {
  readonly ask: NonNullable<CliContext["ask"]>;
};

/** An answer that cannot stay, and the one to propose instead. */
export interface Reconsidered {
  readonly answer: keyof Answers;
  readonly proposal?: string;
}

export class Dialogue {
  readonly #terminal: Terminal;
  readonly #machine: MachineFacts;
  /** From the options; these are not asked for, unless they cannot be right. */
  #given: Partial<Answers>;
  /** Enter takes these in the next round. */
  readonly #proposals = new Map<keyof Answers, string>();
  /** Question and answer: a person who insists gets these. */
  readonly #doubted = new Set<string>();

  constructor(terminal: Terminal, machine: MachineFacts, given: Partial<Answers>) {
    this.#terminal = terminal;
    this.#machine = machine;
    this.#given = given;
  }

  /** Shows what the questions are about. */
  begin(): void {
    this.#say(`Interfaces of this machine:\n${interfaceLines(this.#machine.interfaces)}`);
    this.#say("Enter takes the answer in [brackets]; Ctrl-D ends, and nothing is written.");
  }

  /** These are asked for in the next round, whether they were given or not. */
  reconsider(reconsidered: readonly Reconsidered[]): void {
    for (const { answer, proposal = "" } of reconsidered) {
      const { [answer]: _, ...given } = this.#given;
      this.#given = given;
      this.#proposals.set(answer, proposal);
    }
  }

  /** Asks for what was not given; `before` has the answers of an earlier round, to be taken again with Enter. */
  answers(before: Partial<Answers> = {}): Answers {
    const addresses = this.#answer(
      "addresses",
      QUESTIONS.address,
      before.addresses?.join(" ") ?? "",
      (text) => this.#addresses(text),
    );
    const named = this.#interface(addresses, before.interface);
    const vrid = this.#answer(
      "vrid",
      QUESTIONS.vrid,
      String(before.vrid ?? defaultVrid(addresses)),
      readVrid,
    );
    const role = this.#answer("role", QUESTIONS.role, before.role ?? "", readRole);
    const peers = this.#answer(
      "peers",
      QUESTIONS.peer,
      before.peers?.join(" ") || "none",
      (text) =>
        doubting(readPeers(text), (read) => {
          return peerSlip(read, { addresses, interface: named }, this.#machine);
        }),
    );
    return { addresses, interface: named, vrid, role, peers };
  }

  /** Asks a question of yes and no. */
  confirms(question: string, byDefault: "yes" | "no"): boolean {
    return this.#asked(question, byDefault, readYesOrNo);
  }

  #interface(addresses: Answers["addresses"], before = ""): string {
    const { interfaces } = this.#machine;
    const [link] = linksOf(addresses[0]!.split("/")[0]!, interfaces);
    // The only one, if it is none of its networks.
    const only = interfaces.length === 1 ? interfaces[0]!.name : "";
    return this.#answer(
      "interface",
      QUESTIONS.interface,
      before || (link?.device ?? only),
      (text) =>
        doubting({ ok: true, value: text }, () => interfaceSlip(text, addresses, this.#machine)),
    );
  }

  #addresses(text: string): Read<readonly string[]> {
    const named = this.#given.interface ?? "";
    const read = readAddresses(text);
    if (!read.ok && read.proposal === undefined) {
      // The networks of this machine may show what is meant.
      const { proposal } = addressSlip(addressParts(text), named, this.#machine) ?? {};
      return proposal === undefined ? read : { ...read, proposal };
    }
    return doubting(read, (texts) => addressSlip(texts, named, this.#machine));
  }

  /** Reads a given answer as if it were typed. */
  #answer<Name extends keyof Answers>(
    name: Name,
    question: string,
    byDefault: string,
    read: (text: string) => Read<Answers[Name]>,
  ): Answers[Name] {
    const given = this.#given[name];
    const text = Array.isArray(given) ? given.join(" ") || "none" : given?.toString();
    const proposal = this.#proposals.get(name);
    this.#proposals.delete(name);
    return this.#asked(question, proposal ?? byDefault, read, text);
  }

  #asked<T>(
    question: string,
    byDefault: string,
    read: (text: string) => Read<T>,
    given?: string,
  ): T {
    let offered = byDefault;
    let first = given;
    for (;;) {
      const text = first ?? this.#terminal.ask(question, offered);
      if (text === null) throw new CliError(EXIT.failure, "ended; nothing is written");
      const answer = text === ""
        ? { ok: false, problem: "an answer is needed" } as const
        : read(text);
      if (answer.ok) return answer.value;
      const { problem, proposal, doubted } = answer as Exclude<Read<T>, { readonly ok: true }>;
      const key = `${question} ${text}`;
      if (doubted !== undefined && this.#doubted.has(key)) return doubted;
      const given = first === undefined ? "" : `${text}: `;
      const insist = doubted === undefined ? "" : "; to use it all the same, type it again";
      this.#say(`  ${given}${problem}${insist}`);
      if (doubted !== undefined) this.#doubted.add(key);
      // A wrong answer is not to be taken with Enter.
      offered = proposal ?? (text === offered ? "" : offered);
      first = undefined;
    }
  }

  #say(text: string): void {
    this.#terminal.output.err(`${text}\n`);
  }
}

/** A value that was read, unless this machine has something against it. */
function doubting<T>(read: Read<T>, slipOf: (value: T) => Slip | null): Read<T> {
  if (!read.ok) return read;
  const slip = slipOf(read.value);
  if (slip === null) return read;
  const { problem, proposal, isDoubt } = slip;
  return {
    ...{ ok: false, problem },
    ...proposal !== undefined && { proposal },
    ...isDoubt && { doubted: read.value },
  };
}
