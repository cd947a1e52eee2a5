/**
 * `vipd init` on a terminal: one question after the other, each again until its answer can be right.
 *
 * @module
 */

import { CliError, EXIT } from "../../../exit.ts";
import type { CliContext } from "../../context.ts";
import {
  defaultVrid,
  QUESTIONS,
  type Read,
  readAddresses,
  readPeers,
  readRole,
  readVrid,
  readYesOrNo,
} from "./answers.ts";
import {
  type Answers,
  carrierOf,
  interfaceLines,
  type Machine,
  ownAddressProblem,
  ownPeers,
} from "./config.ts";

/** The terminal of a dialogue. */
export type Terminal = Pick<CliContext, "output"> & {
  readonly ask: NonNullable<CliContext["ask"]>;
};

export class Dialogue {
  readonly #terminal: Terminal;
  readonly #machine: Machine;
  /** From the options; these are not asked for. */
  readonly #given: Partial<Answers>;

  constructor(terminal: Terminal, machine: Machine, given: Partial<Answers>) {
    this.#terminal = terminal;
    this.#machine = machine;
    this.#given = given;
  }

  /** True if other answers are possible when these cannot be used. */
  get asksForAddress(): boolean {
    return this.#given.addresses === undefined || this.#given.vrid === undefined;
  }

  /** Shows what the questions are about. */
  begin(): void {
    this.#say(`Interfaces of this machine:\n${interfaceLines(this.#machine.interfaces)}`);
    this.#say("Enter takes the answer in [brackets]; Ctrl-D ends, and nothing is written.");
  }

  /** Asks for what was not given; `before` has the answers of an earlier round, to be taken again with Enter. */
  answers(before: Partial<Answers> = {}): Answers {
    const given = this.#given;
    const addresses = given.addresses ??
      this.#asked(
        QUESTIONS.address,
        before.addresses?.join(" ") ?? "",
        (text) => this.#addresses(text),
      );
    const named = given.interface ?? this.#interface(addresses[0]!);
    const vrid = given.vrid ??
      this.#asked(QUESTIONS.vrid, String(before.vrid ?? defaultVrid(addresses)), readVrid);
    const role = given.role ?? this.#asked(QUESTIONS.role, before.role ?? "", readRole);
    const peers = given.peers ??
      this.#asked(QUESTIONS.peer, before.peers?.join(" ") || "none", (text) => this.#peers(text));
    return { addresses, interface: named, vrid, role, peers };
  }

  /** Asks a question of yes and no. */
  confirms(question: string, byDefault: "yes" | "no"): boolean {
    return this.#asked(question, byDefault, readYesOrNo);
  }

  #interface(address: string): string {
    const { interfaces } = this.#machine;
    const found = carrierOf(address, interfaces)?.name;
    if (found === undefined) this.#say(`No interface has an address in the network of ${address}.`);
    return this.#asked(
      QUESTIONS.interface,
      found ?? "",
      (text) =>
        interfaces.some(({ name }) => name === text)
          ? { ok: true, value: text }
          : { ok: false, problem: `there is no interface ${JSON.stringify(text)}` },
    );
  }

  #addresses(text: string): Read<readonly string[]> {
    const read = readAddresses(text);
    if (!read.ok) return read;
    const { interfaces } = this.#machine;
    const carrier = this.#given.interface ?? carrierOf(read.value[0]!, interfaces)?.name ?? "";
    const problem = ownAddressProblem(read.value, carrier, this.#machine);
    return problem === null ? read : { ok: false, problem };
  }

  #peers(text: string): Read<Answers["peers"]> {
    const read = readPeers(text);
    if (!read.ok) return read;
    const [own] = ownPeers(read.value, this.#machine.interfaces);
    return own === undefined ? read : { ok: false, problem: `${own} is this node's own address` };
  }

  #asked<T>(question: string, byDefault: string, read: (text: string) => Read<T>): T {
    for (;;) {
      const text = this.#terminal.ask(question, byDefault);
      if (text === null) throw new CliError(EXIT.failure, "ended; nothing is written");
      const answer = text === ""
        ? { ok: false, problem: "an answer is needed" } as const
        : read(text);
      if (answer.ok) return answer.value;
      this.#say(`  ${answer.problem}`);
    }
  }

  #say(text: string): void {
    this.#terminal.output.err(`${text}\n`);
  }
}
