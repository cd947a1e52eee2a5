/**
 * Programs that vipd starts inherit nothing that vipd itself was started with.
 *
 * @module
 */

import { F_SETFD, FD_CLOEXEC, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL } from "../sys/constants.ts";
import { numbersIn } from "../sys/kernel_files.ts";
import type { Libc } from "../sys/libc.ts";

/** Standard input, output and error: each program has its own. */
const STANDARD_ERROR = 2;

/**
 * Checks and notifications start programs, which need none of vipd's privileges. Without ambient and inheritable
 * capabilities execve(2) removes them, for every user except root, who has all that the bounding set allows
 * (capabilities(7)). And a descriptor that was open when vipd started would stay open in all of them.
 *
 * The caller calls this in the thread that starts programs, before it starts any.
 */
export function passNothingOn(libc: Libc): void {
  // Kernels before 4.3 have no ambient capabilities and return EINVAL.
  libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  libc.dropInheritableCapabilities();
  for (const fd of numbersIn(libc, "/proc/self/fd")) {
    // An error is harmless if the descriptor is closed by now, such as the one of this list.
    if (fd > STANDARD_ERROR) libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}
