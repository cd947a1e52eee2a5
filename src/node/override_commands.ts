/**
 * Gives a person's command to the instance that it names, or to its whole sync group, and waits until the change is on the
 * disk.
 *
 * @module
 */

import type { CommandClient } from "../status/schemas/command_origin.ts";
import type { CommandResult, InstanceCommand } from "../status/commands/commands.ts";
import type { Instance } from "./instance/instance.ts";
import type { KnownOfInstance } from "./instance/instance_status.ts";
import type { InstanceManager, ManagedInstance } from "./instance_manager.ts";
import { GroupOverrides } from "./overrides/group_overrides.ts";
import type { OverrideStore } from "./overrides/override_store.ts";
import type { OverrideResult, Overrides } from "./overrides/overrides.ts";

/** The overrides of an instance, or of all instances of its sync group. */
type OverrideTarget = Overrides | GroupOverrides;

export class OverrideCommands {
  readonly #manager: InstanceManager;
  readonly #store: OverrideStore;
  readonly #known: (instance: Instance) => KnownOfInstance;

  /** `known`: what the instance does not know itself. */
  constructor(
    manager: InstanceManager,
    store: OverrideStore,
    known: (instance: Instance) => KnownOfInstance,
  ) {
    this.#manager = manager;
    this.#store = store;
    this.#known = known;
  }

  async give(command: InstanceCommand, by: CommandClient): Promise<CommandResult> {
    const { instance: name } = command;
    this.#manager.checkLeases();
    const managed = this.#manager.get(name);
    if (managed) {
      const result = await carryOut(command, by, this.#targetOf(managed));
      const notKept = await this.#store.kept();
      if (!result.ok) return result;
      const instance = { ...result.instance, ...this.#known(managed.instance) };
      return { ...result, instance, ...(notKept && { notKept: notKept.message }) };
    }
    if (this.#manager.isPending(name)) {
      const message = `${name} hands over for the new configuration; try again in a moment`;
      return { ok: false, code: "instance_not_ready", message };
    }
    const known = this.#manager.configs.map((config) => config.name).join(", ");
    const message = `there is no instance "${name}"; there is: ${known}`;
    return { ok: false, code: "instance_unknown", message };
  }

  #targetOf({ instance: { group }, overrides }: ManagedInstance): OverrideTarget {
    if (!group) return overrides;
    const members = this.#manager.managed.filter(({ instance }) => instance.group === group);
    return new GroupOverrides(overrides, members.map((member) => member.overrides));
  }
}

function carryOut(
  command: InstanceCommand,
  by: CommandClient,
  target: OverrideTarget,
): OverrideResult | Promise<OverrideResult> {
  const origin = { by, reason: command.reason };
  switch (command.kind) {
    case "promote":
      return target.promote({ forMs: command.forMs, ...origin });
    case "demote":
      return target.demote({ forMs: command.forMs, ...origin });
    case "release":
      return target.release(origin);
    case "set_priority":
      return target.setPriority(command.priority, origin);
    case "clear_priority":
      return target.clearPriority(origin);
  }
}
