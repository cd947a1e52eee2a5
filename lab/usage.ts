/**
 * The resources of a process with all its children, from proc(5): processor time, memory, descriptors.
 *
 * @module
 */

/** sysconf(_SC_CLK_TCK) of every Linux that Deno runs on: times in /proc/PID/stat are in hundredths of a second. */
const TICK_MS = 10;

/** The resources that a process and all its descendants have and have used so far. */
export interface Usage {
  /** User and system time of all that live, in milliseconds; children that have ended count with their parent. */
  readonly cpuMs: number;
  /** Proportional set size: memory shared with others counts by its share, in octets. */
  readonly pssOctets: number;
  /** Private memory that it has written to, in octets. */
  readonly privateOctets: number;
  readonly descriptors: number;
  readonly threads: number;
}

const NOTHING: Usage = { cpuMs: 0, pssOctets: 0, privateOctets: 0, descriptors: 0, threads: 0 };

/** The usage of the process `pid`, as this program sees it, and of its descendants. */
export async function usageOf(pid: number): Promise<Usage> {
  const each = await Promise.all((await family(pid)).map(processUsage));
  return each.reduce((sum, one) => ({
    cpuMs: sum.cpuMs + one.cpuMs,
    pssOctets: sum.pssOctets + one.pssOctets,
    privateOctets: sum.privateOctets + one.privateOctets,
    descriptors: sum.descriptors + one.descriptors,
    threads: sum.threads + one.threads,
  }), NOTHING);
}

/** A process and all its descendants; empty if it has ended. */
export async function family(pid: number): Promise<number[]> {
  const threads = await names(`/proc/${pid}/task`);
  if (threads.length === 0) return [];
  const children = await Promise.all(threads.map(async (thread) => {
    const list = await read(`/proc/${pid}/task/${thread}/children`);
    return list.trim().split(/\s+/).filter((it) => it !== "").map(Number);
  }));
  const descendants = await Promise.all(children.flat().map(family));
  return [pid, ...descendants.flat()];
}

/** The usage of one process, without its living descendants; nothing if it has ended. */
async function processUsage(pid: number): Promise<Usage> {
  const field = await statFields(pid);
  const memory = await read(`/proc/${pid}/smaps_rollup`);
  const octets = (name: string) =>
    Number(new RegExp(`^${name}: *(\\d+) kB`, "m").exec(memory)?.[1] ?? 0) * 1024;
  return {
    cpuMs: cpuMs(field),
    pssOctets: octets("Pss"),
    privateOctets: octets("Private_Dirty"),
    descriptors: (await names(`/proc/${pid}/fd`)).length,
    threads: field(20),
  };
}

/** The processor time of one process and of its children that have ended, in milliseconds; 0 if it has ended itself. */
export async function processorMs(pid: number): Promise<number> {
  return cpuMs(await statFields(pid));
}

/** utime, stime, cutime and cstime. */
function cpuMs(field: (number: number) => number): number {
  return (field(14) + field(15) + field(16) + field(17)) * TICK_MS;
}

/** The fields of /proc/PID/stat by their number in proc(5), from 3 on; each is 0 if the process has ended. */
async function statFields(pid: number): Promise<(number: number) => number> {
  const stat = await read(`/proc/${pid}/stat`);
  // The name, in parentheses, may contain anything; the fields after it count from 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (number) => Number(fields[number - 3] || 0);
}

/** Empty if the process has ended meanwhile. */
async function read(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}

async function names(path: string): Promise<string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(path), (entry) => entry.name);
  } catch {
    return [];
  }
}

/**
 * The memory of one process that is no file's content, in octets; NaN if it has ended. The kernel counts it
 * continuously (RssAnon of proc(5)), so that reading it costs the process nothing.
 */
export async function anonymousOctets(pid: number): Promise<number> {
  const status = await read(`/proc/${pid}/status`);
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
}

/**
 * Begins to measure how much time a hypervisor takes from this machine. The returned function gives the share (0 to 1)
 * of the time of all processors since then in which they were ready and did not run (steal in /proc/stat, proc(5)).
 */
export async function stolenShare(): Promise<() => Promise<number>> {
  const before = await processorTimes();
  return async () => {
    const now = await processorTimes();
    return (now.stolen - before.stolen) / (now.all - before.all);
  };
}

/** user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user time. */
async function processorTimes(): Promise<{ stolen: number; all: number }> {
  const text = await read("/proc/stat");
  const times = /^cpu +(.*)$/m.exec(text)?.[1]?.split(" ").map(Number).slice(0, 8) ?? [];
  return { stolen: times[7] ?? NaN, all: times.reduce((sum, time) => sum + time, 0) };
}
