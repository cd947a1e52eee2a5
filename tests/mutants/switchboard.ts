/** The switches of the breaks in a process in which tests run: the broken code asks here. */

let tried = -1;
let asked = new Uint8Array(0);

/** Whether the break with this number is tried now. */
export function isBroken(number: number): boolean {
  asked[number] = 1;
  return number === tried;
}

/** Tries the break with this number, one of `count`, from now on; `null`: all the code is whole. */
export function tryBreak(number: number | null, count: number): void {
  tried = number ?? -1;
  if (asked.length !== count) asked = new Uint8Array(count);
}

/** The numbers of the breaks that the code has asked about since the last call. */
export function takeAsked(): number[] {
  const numbers = Array.from(asked.keys()).filter((number) => asked[number] === 1);
  asked.fill(0);
  return numbers;
}
