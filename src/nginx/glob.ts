/**
 * Masks of file names, glob(7), as nginx's `include` takes them.
 *
 * @module
 */

const SPECIAL = /[*?[]/;

/** Whether the text is a mask and not one name. */
export function isMask(text: string): boolean {
  return SPECIAL.test(text);
}

/** Whether a name fits the mask of one folder's names. A leading dot is matched by a dot only. */
export function maskTest(mask: string): (name: string) => boolean {
  let source = "";
  for (let at = 0; at < mask.length; at++) {
    const char = mask[at]!;
    if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (char === "\\" && at + 1 < mask.length) source += escape(mask[++at]!);
    else if (char === "[") {
      const set = /^\[([!^]?)(\]?[^\]]*)\]/.exec(mask.slice(at));
      if (set === null) source += "\\[";
      else {
        source += `[${set[1] ? "^" : ""}${set[2]!.replace(/[\\\]^[]/g, "\\$&")}]`;
        at += set[0].length - 1;
      }
    } else source += escape(char);
  }
  const pattern = compile(source);
  return (name) => (mask.startsWith(".") || !name.startsWith(".")) && pattern.test(name);
}

function escape(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

/** A range in the wrong order, `[z-a]`, fits nothing. */
function compile(source: string): RegExp {
  try {
    return new RegExp(`^${source}$`, "s");
  } catch {
    return /(?!)/;
  }
}
