/**
 * How vipd ends: its exit codes, and the error that has one.
 *
 * @module
 */

/** How vipd ends: one number for each kind of outcome, for scripts. Shown in `vipd help`. */
export const EXIT = {
  /** It worked. */
  ok: 0,
  /** It failed at run time; `diff`: there is a difference. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration is not valid. */
  configInvalid: 3,
  /** A permission, a capability or the right token is missing. */
  notPermitted: 4,
  /** No vipd answers. */
  unreachable: 5,
  /** The running vipd refused the command. */
  refused: 6,
  /** `status --exit-code`: nobody knows whether the service survives the loss of a node. */
  unverified: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The meaning of each exit code. */
export const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [EXIT.ok, "it worked"],
  [
    EXIT.failure,
    "it failed; diff: a difference; status --exit-code: unprotected or worse",
  ],
  [EXIT.usage, "the command line is wrong"],
  [EXIT.configInvalid, "the configuration is not valid"],
  [EXIT.notPermitted, "a permission, a capability or the right token is missing"],
  [EXIT.unreachable, "no vipd answers"],
  [EXIT.refused, "the running vipd refused the command"],
  [EXIT.unverified, "of status --exit-code: unverified"],
];

/** Something the user can act on; the message has the remedy. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
