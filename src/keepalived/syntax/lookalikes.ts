/**
 * Characters that look like others. Pasted from web pages, they make a keyword unknown and a value wrong.
 *
 * @module
 */

const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ...pairs("асеорхуіѕјкмтнвԁһ", "aceopxyisjkmtnbdh"),
  ...pairs("АВСЕНІКМОРТХ", "ABCEHIKMOPTX"),
  ...pairs("αοριντυκ", "aopivtuk"),
  ...pairs("“”„«»", '"""""'),
  ...pairs("‘’‚", "'''"),
  ...pairs("‐‑‒–—−", "------"),
  ...pairs("\u00a0\u2007\u202f\u3000", "    "),
  ...pairs("\u200b\u200c\u200d\ufeff\u00ad", "     "),
]);

function pairs(foreign: string, plain: string): [string, string][] {
  return Array.from(foreign, (character, index) => [character, plain[index]!]);
}

/** The intended text: every look-alike replaced, invisible characters removed. */
export function withoutLookalikes(text: string): string {
  const replaced = Array.from(text, (character) => {
    const plain = LOOKALIKES.get(character);
    return plain === " " ? "" : plain ?? asciiForm(character) ?? character;
  });
  return replaced.join("");
}

/** `"р" (U+0440), which looks like "p"` for the first look-alike in the text; `null` if there is none. */
export function describeLookalike(text: string): string | null {
  for (const character of text) {
    if (character <= "\u007f") continue;
    const plain = LOOKALIKES.get(character) ?? asciiForm(character);
    if (plain === null) continue;
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return plain === " "
      ? `the character U+${code}, which looks like a blank or like nothing`
      : `"${character}" (U+${code}), which looks like ${plain === '"' ? "'\"'" : `"${plain}"`}`;
  }
  return null;
}

/** Full-width letters and digits have a plain form. */
function asciiForm(character: string): string | null {
  const normal = character.normalize("NFKC");
  return normal.length === 1 && normal < "\u0080" ? normal : null;
}
