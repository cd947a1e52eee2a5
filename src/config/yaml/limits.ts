/**
 * The limits to which both readers of YAML hold a text. They are two because one is quick and the other knows places:
 *
 * - `plain_yaml.ts` decides nothing but that a text is plain: then its data are those that `source.ts` would give. It gives
 *   up, without a reason, if there is an alias, a fault, or anything of which the two libraries could think differently.
 * - `source.ts` decides what is wrong with a text, and where, and what the data of every other text are.
 *
 * Both read YAML 1.2 with the core schema: `no` and `08:30` are texts.
 *
 * @module
 */

/**
 * Lists and mappings in each other, at most; deeper is no configuration, and its data would take all memory. The quick
 * reader counts what they hold, too, and so gives up a level or two earlier.
 */
export const MAX_DEPTH = 100;

/** How much aliases may multiply what they stand for, as the library of `source.ts` counts. The quick reader takes none. */
export const MAX_ALIAS_COUNT = 100;
