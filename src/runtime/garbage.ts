/**
 * Gives memory back at moments that vipd chooses. The runtime would choose its own, seconds after work has ended, and hold
 * back adverts meanwhile: the executables turn that off (build/runtime.ts).
 *
 * @module
 */

/** How often {@link keepGarbageLow} looks, in milliseconds. */
const LOOK_MS = 10_000;
/** Growth of the memory in use that is worth a collection, in octets. */
const WORTH_OCTETS = 4 * 2 ** 20;

/** V8's own function, which `--expose-gc` brings; without that option nothing is collected. */
type Collect = (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/** Collects all garbage and returns the free memory to the kernel; everything else waits meanwhile, some 10 ms. */
export function collectGarbage(): void {
  const { gc } = globalThis as { readonly gc?: Collect };
  gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

/** The means of {@link keepGarbageLow}. */
interface Collecting {
  readonly collect: () => void;
  readonly usedOctets: () => number;
  /** Calls again and again. */
  readonly every: (look: () => void) => void;
}

const THIS_PROCESS: Collecting = {
  collect: collectGarbage,
  usedOctets: octetsInUse,
  every: (look) => void setInterval(look, LOOK_MS),
};

/** Collects the garbage whenever much has come together, in a process in which nothing is urgent, until that ends. */
export function keepGarbageLow({ collect, usedOctets, every }: Collecting = THIS_PROCESS): void {
  let kept = 0;
  every(() => {
    if (usedOctets() - kept < WORTH_OCTETS) return;
    collect();
    kept = usedOctets();
  });
}

function octetsInUse(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
