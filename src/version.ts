/** vipd's version: what the program reports and what its packages are named after. deno.json has it too. */
export const VERSION = "0.1.0";

/** How this executable was made. The build writes this into it; a run from source uses `SOURCE_BUILD`. */
export interface Build {
  /** `source`: run by deno; `compiled`: by `deno compile`; `portable`: unpacks the runtime that it carries. */
  readonly kind: "source" | "compiled" | "portable";
  /** The git commit, with the suffix `-dirty` if files were changed; `null` if the build recorded none. */
  readonly commit: string | null;
  /** The options with which the portable executable starts its runtime. */
  readonly runOptions?: readonly string[];
}

export const SOURCE_BUILD: Build = { kind: "source", commit: null };
