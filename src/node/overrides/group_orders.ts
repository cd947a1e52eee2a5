/**
 * Orders for an instance that belongs to a sync group: they move all of its members or, where one cannot
 * move, none.
 *
 * @module
 */

import type { CommandResult, OrderOptions } from "../../status/commands.ts";
import type { Orders } from "./orders.ts";

export class GroupOrders {
  /** The member that was named by whoever ordered: the answer is about it. */
  readonly #named: Orders;
  /** The others first, so that the answer is given when all have moved. */
  readonly #all: readonly Orders[];

  constructor(named: Orders, members: readonly Orders[]) {
    this.#named = named;
    this.#all = [...members.filter((member) => member !== named), named];
  }

  promote(options: OrderOptions): CommandResult {
    for (const orders of this.#all) {
      const obstacle = orders.promoteObstacle();
      if (obstacle) return obstacle;
    }
    // One that is held back holds all of them: the first advert of any is to be that of a promoted one.
    for (const orders of this.#all) orders.endHold();
    return this.#each((orders) => orders.promote(options));
  }

  async demote(options: OrderOptions): Promise<CommandResult> {
    for (const orders of this.#all) {
      const obstacle = orders.demoteObstacle();
      if (obstacle) return obstacle;
    }
    const startedMs = this.#named.nowMs();
    const refusals = await Promise.all(this.#all.map((orders) => orders.handOver()));
    const refusal = refusals.find((each) => each !== null);
    if (refusal) {
      for (const orders of this.#all) orders.takeBack();
      return refusal;
    }
    return this.#each((orders) => orders.standDemoted(options, startedMs));
  }

  release(): CommandResult {
    return this.#each((orders) => orders.release());
  }

  setPriority(priority: number): CommandResult {
    return this.#each((orders) => orders.setPriority(priority));
  }

  clearPriority(): CommandResult {
    return this.#each((orders) => orders.clearPriority());
  }

  /** The first refusal, or what came of it for the member that was named. */
  #each(order: (orders: Orders) => CommandResult): CommandResult {
    const results = this.#all.map(order);
    return results.find(({ ok }) => !ok) ?? results.at(-1)!;
  }
}
