/**
 * A named pipe among nginx's files: a program that opens it waits for a writer, so nginx ends neither a start, nor a
 * reload, nor a test of its files.
 *
 * @module
 */

/** Whether the reason why a file is not read says so. */
export function isPipe(reason: string): boolean {
  return reason.endsWith("it is a named pipe, not a file");
}
