/**
 * Commands for an instance that belongs to a sync group: they move all of its members or, where one cannot
 * move, none.
 *
 * @module
 */

import type { CommandOrigin } from "../../status/schemas/command_origin.ts";
import type { OverrideResult, Overrides, OverrideTerms } from "./overrides.ts";

export class GroupOverrides {
  /** The member that the command named: the answer is about it. */
  readonly #named: Overrides;
  /** The others first, so that the answer is given when all have moved. */
  readonly #all: readonly Overrides[];

  constructor(named: Overrides, members: readonly Overrides[]) {
    this.#named = named;
    this.#all = [...members.filter((member) => member !== named), named];
  }

  promote(options: OverrideTerms): OverrideResult {
    const obstacle = this.#refusalOf(this.#all.map((overrides) => overrides.promoteObstacle()));
    if (obstacle) return obstacle;
    // An instance that is held back holds all of them: the first advert of any is to be that of a promoted one.
    for (const overrides of this.#all) overrides.endHold();
    return this.#each((overrides) => overrides.promote(options));
  }

  async demote(options: OverrideTerms): Promise<OverrideResult> {
    const obstacle = this.#refusalOf(this.#all.map((overrides) => overrides.demoteObstacle()));
    if (obstacle) return obstacle;
    const startedMs = this.#named.nowMs();
    for (const overrides of this.#all) overrides.beginDemote(options);
    const refusal = this.#refusalOf(
      await Promise.all(this.#all.map((overrides) => overrides.handOver())),
    );
    if (refusal) {
      for (const overrides of this.#all) {
        overrides.takeBack();
        overrides.demoteFailed();
      }
      return refusal;
    }
    return this.#each((overrides) => overrides.standDemoted(options, startedMs));
  }

  release(origin: CommandOrigin): OverrideResult {
    return this.#each((overrides) => overrides.release(origin));
  }

  setPriority(priority: number, origin: CommandOrigin): OverrideResult {
    return this.#each((overrides) => overrides.setPriority(priority, origin));
  }

  clearPriority(origin: CommandOrigin): OverrideResult {
    return this.#each((overrides) => overrides.clearPriority(origin));
  }

  /** The rejection, or the outcome for the member that was named. */
  #each(override: (overrides: Overrides) => OverrideResult): OverrideResult {
    const results = this.#all.map(override);
    return this.#refusalOf(results) ?? results.at(-1)!;
  }

  /**
   * One rejection with the sentences of all members that have one, that of the named member first; `null` if none has.
   *
   * @param results in the order of all members
   */
  #refusalOf(results: readonly (OverrideResult | null)[]): OverrideResult | null {
    const named = results.slice(-1);
    const refused = [...named, ...results.slice(0, -1)].filter(isRefusal);
    // Another member's sentence says what overtook its hand-over.
    const causes = refused.filter(({ code }) => code !== "superseded");
    const [first, ...others] = causes.length > 0 ? causes : refused;
    if (first === undefined) return null;
    return { ...first, message: [first, ...others].map(({ message }) => message).join("; ") };
  }
}

function isRefusal(
  result: OverrideResult | null,
): result is OverrideResult & { readonly ok: false } {
  return result !== null && !result.ok;
}
