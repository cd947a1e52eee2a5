/** vipd's version, the one place that knows it. */
export const VERSION = "0.1.0";

/** How this program was made; the executables are told when they are built. */
export interface Build {
  /** `source`: run by deno; `compiled`: by `deno compile`; `portable`: unpacks the runtime that it carries. */
  readonly kind: "source" | "compiled" | "portable";
  /** The git commit, with `-dirty` behind it when files were changed; `null` when nothing was recorded. */
  readonly commit: string | null;
  /** With what a portable one has its runtime run it. */
  readonly runOptions?: readonly string[];
}

export const SOURCE_BUILD: Build = { kind: "source", commit: null };
