/**
 * The outcome of a command as an instance knows it.
 *
 * @module
 */

import type { CommandResult, CommandSuccess } from "../../status/commands/commands.ts";
import type { OwnStatus } from "../instance/instance_status.ts";

export type OverrideResult =
  | Exclude<CommandResult, CommandSuccess>
  | (Omit<CommandSuccess, "instance"> & { readonly instance: OwnStatus });
