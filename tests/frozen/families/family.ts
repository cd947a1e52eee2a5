/**
 * What is frozen together: how it is asked, and where the questions come from.
 *
 * @module
 */

import type { AskedVipd } from "../asked.ts";
import type { Json } from "../json.ts";

/** A question with its name, unique in the family. */
export type Question<Input extends Json> = readonly [name: string, input: Input];

/** The questions of a family; only the recorder needs them, because the data have them with the answers. */
export type Questions<Input extends Json> =
  | Iterable<Question<Input>>
  | AsyncIterable<Question<Input>>;

/** A family whose questions are asked one by one. */
export interface AskedFamily<Input extends Json> {
  readonly name: string;
  /** As in the head of the data. */
  readonly origin: string;
  /** What a vipd says, without what only one run has. */
  answer(input: Input, vipd: AskedVipd): Promise<Json>;
}
