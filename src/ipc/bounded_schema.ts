/**
 * How the engine reads a part of the status model from the front: the same keys as the model, so that none can be lost
 * between them, but bounded, and without those that a later version may have.
 *
 * @module
 */

import * as z from "zod";

/** Longest text and longest list that it takes. The length of the frame bounds all of them together. */
const MAX_CHARS = 4096;
const MAX_ELEMENTS = 4096;

/** The schema with bounds for all texts and lists; it ignores unknown keys. */
export function boundedSchema<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return bounded(schema) as z.ZodType<T>;
}

function bounded(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return bounded(schema.unwrap()).optional();
  if (schema instanceof z.ZodNullable) return bounded(schema.unwrap()).nullable();
  if (schema instanceof z.ZodArray) return z.array(bounded(schema.element)).max(MAX_ELEMENTS);
  if (schema instanceof z.ZodString || schema instanceof z.ZodISODateTime) {
    return schema.max(MAX_CHARS);
  }
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries<z.core.$ZodType>(schema.shape);
    return z.object(Object.fromEntries(fields.map(([key, field]) => [key, bounded(field)])));
  }
  const isBounded = schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral ||
    schema instanceof z.ZodNumber || schema instanceof z.ZodBoolean;
  if (!isBounded) throw new TypeError("a kind of schema of which no bound is known");
  return schema;
}
