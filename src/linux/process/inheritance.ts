/**
 * What programs get of vipd's that vipd itself was started with: nothing.
 *
 * @module
 */

import { F_SETFD, FD_CLOEXEC, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL } from "../sys/constants.ts";
import { numbersIn } from "../sys/kernel_files.ts";
import type { Libc } from "../sys/libc.ts";

/** Standard input, output and error: those of each program are its own. */
const STANDARD_ERROR = 2;

/**
 * Checks and notifications start programs, which need none of vipd's powers: without ambient and inheritable capabilities
 * execve(2) takes them away, from every user but root, who has all that the bounding set leaves (capabilities(7)). And a
 * descriptor that was open where vipd was started would stay open in all of them.
 *
 * To be called in the thread that starts programs, before it does.
 */
export function passNothingOn(libc: Libc): void {
  // Kernels before 4.3 have no ambient capabilities and say EINVAL.
  libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  libc.dropInheritableCapabilities();
  for (const fd of numbersIn(libc, "/proc/self/fd")) {
    // One that is closed by now, as the one of this list, is an error that does not matter.
    if (fd > STANDARD_ERROR) libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}
