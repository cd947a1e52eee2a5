/** When a node rehearses, and what it forgets: beside an nginx that a test pretends to be. */

import assert from "node:assert/strict";
import type { RehearseConfig } from "../../../src/config/model.ts";
import { NginxWatch } from "../../../src/front/rehearsal/nginx_watch.ts";
import { Rehearser } from "../../../src/front/rehearsal/rehearser.ts";
import { REHEARSAL_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { waitFor } from "../../../lab/wait.ts";
import { procFilesOf } from "./proc_files.ts";

/** Beyond the ids that Linux gives. */
const [MASTER, WORKER] = [5_000_001, 5_000_002];

/** A machine with an nginx of these workers; `null`: without one. */
function machine(config: string, workers: readonly number[] | null): Record<string, string> {
  if (workers === null) return { "/proc/1/cmdline": "init" };
  return {
    "/proc/1/cmdline": "init",
    [`/proc/${MASTER}/cmdline`]: `nginx: master process nginx -c ${config}\0`,
    [`/proc/${MASTER}/task/${MASTER}/children`]: workers.join(" "),
    ...Object.fromEntries(workers.map((pid) => [`/proc/${pid}/cmdline`, "nginx: worker process"])),
  };
}

Deno.test("a start, a reload and an end of nginx are each seen once, and what is alike is not", async () => {
  let files = machine("/none.conf", null);
  let changes = 0;
  const proc = {
    read: (path: string) => procFilesOf(files).read(path),
    processes: () => procFilesOf(files).processes(),
  };
  const watch = new NginxWatch(proc, () => changes++);
  watch.start();
  const steps: readonly (readonly number[] | null)[] = [[WORKER], [WORKER + 1], null, [WORKER]];
  for (const [index, workers] of steps.entries()) {
    files = machine("/none.conf", workers);
    await waitFor(`change ${index}`, () => Promise.resolve(changes > index), {
      timeoutMs: 7000,
      everyMs: 20,
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(changes, steps.length);
  assert.equal(watch.look().config, "/none.conf");
  watch.stop();
});

const BY_SELF: RehearseConfig = {
  names: [],
  except: [],
  paths: ["/"],
  warnBeforeMs: 0,
  everyMs: 900_000,
};

Deno.test("files that change are known within seconds, and nginx is not asked again for that", async () => {
  const folder = await Deno.makeTempDir();
  const config = `${folder}/nginx.conf`;
  await Deno.mkdir(`${folder}/sites`);
  await Deno.writeTextFile(`${folder}/sites/a`, "server { listen 9; server_name a.test; }");
  await Deno.writeTextFile(config, "http { include sites/*; }");
  const uptime = () => Deno.readTextFileSync("/proc/uptime");
  // A moment after the files.
  const ticks = Math.round((parseFloat(uptime()) + 0.2) * 100);
  const nginx = procFilesOf({
    ...machine(config, [WORKER]),
    [`/proc/${WORKER}/stat`]: `${WORKER} (nginx) S ${"0 ".repeat(18)}${ticks} 0`,
  });
  const rehearser = new Rehearser({
    user: "vipd-front",
    proc: { ...nginx, read: (path) => path === "/proc/uptime" ? uptime() : nginx.read(path) },
    shutDown: () => {},
    virtual: () => Promise.resolve(["127.0.0.77"]),
  });
  rehearser.follow("lb01", BY_SELF, []);
  const fresh = await rehearser.rehearse();
  const until = (what: string, is: () => boolean) =>
    waitFor(what, () => Promise.resolve(is()), { timeoutMs: 5000, everyMs: 20 });
  assert.equal(fresh.nginx.stale, null);
  // The first one by itself comes two seconds after the start.
  await until("another rehearsal", () => rehearser.last!.at !== fresh.at);
  const before = rehearser.last!;
  await Deno.writeTextFile(`${folder}/sites/x`, "server { listen 9; server_name x.test;");
  await until("a file that came", () => rehearser.last!.nginx.stale !== null);
  const { at, results, nginx: { stale, unloadable } } = rehearser.last!;
  assert.equal(stale?.replace(/ is of .*/, ""), `${folder}/sites/x`);
  assert.equal(unloadable, `${folder}/sites/x: line 1: "}" is missing at the end`);
  assert.deepEqual(results, before.results);
  assert(at > before.at, "peers fetch it again");
  await Deno.remove(`${folder}/sites/x`);
  await until("a file that went", () => rehearser.last!.nginx.stale === null);
  rehearser.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a node that is to rehearse no more forgets its last rehearsal, and a removed peer's", async () => {
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, "http { }");
  const rehearser = new Rehearser({
    user: "vipd-front",
    proc: procFilesOf(machine(config, [WORKER])),
    shutDown: () => {},
    virtual: () => Promise.resolve(["127.0.0.77"]),
  });
  rehearser.follow("lb01", BY_SELF, ["lb02"]);
  assert.equal(rehearser.reasons("lb02"), undefined);
  const { nginx, results } = await rehearser.rehearse();
  assert.deepEqual([nginx.config, nginx.running, results], [config, true, []]);
  assert.equal(rehearser.reasons("lb02"), undefined);
  rehearser.peerRehearsed("lb02", { ...REHEARSAL_EXAMPLE, results: [] });
  assert.deepEqual(rehearser.reasons("lb02"), []);

  rehearser.follow("lb01", BY_SELF, []);
  assert.equal(rehearser.reasons("lb02"), undefined);
  rehearser.peerRehearsed("lb02", { ...REHEARSAL_EXAMPLE, results: [] });
  rehearser.follow("lb01", { ...BY_SELF, everyMs: 0 }, ["lb02"]);
  assert.deepEqual([rehearser.last, rehearser.reasons("lb02")], [null, undefined]);
  await rehearser.rehearse();
  assert.deepEqual(rehearser.reasons("lb02"), [], "a person still may");

  // All who ask while one is under way get the next one, which begins after they asked.
  const [first, second, third] = [1, 2, 3].map(() => rehearser.rehearse());
  assert.notEqual(first, second);
  assert.equal(second, third);
  const times = [await first!, await second!].map(({ at, took_ms }) => [Date.parse(at), took_ms]);
  assert(times[1]![0]! - times[1]![1]! >= times[0]![0]! - 1, JSON.stringify(times));
  rehearser.close();
  await Deno.remove(config);
});

/** A node beside an nginx of so many names, which has a 204 for each question. */
async function withNames(count: number, asked = () => {}) {
  const names = Array.from({ length: count }, (_, index) => `n${index}.test`);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked();
    return new Response(null, { status: 204 });
  });
  const config = await Deno.makeTempFile();
  const { port } = server.addr;
  await Deno.writeTextFile(
    config,
    `http { server { listen ${port}; server_name ${names.join(" ")}; } }`,
  );
  const rehearser = new Rehearser({
    user: "vipd-front",
    proc: procFilesOf(machine(config, [WORKER])),
    shutDown: () => {},
    virtual: () => Promise.resolve(["127.0.0.77"]),
  });
  return {
    rehearser,
    async [Symbol.asyncDispose]() {
      rehearser.close();
      await server.shutdown();
      await Deno.remove(config);
    },
  };
}

Deno.test("while names get no answer the node rehearses by itself, with pauses that grow", async () => {
  const config = await Deno.makeTempFile();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  await Deno.writeTextFile(config, `http { server { listen ${port}; } }`);
  const againMs = [300, 900];
  const rehearser = new Rehearser({
    user: "vipd-front",
    proc: procFilesOf(machine(config, [WORKER])),
    shutDown: () => {},
    virtual: () => Promise.resolve(["127.0.0.77"]),
    againMs,
  });
  const next = async () => {
    const before = rehearser.last;
    const beganMs = performance.now();
    await waitFor("the next rehearsal", () => Promise.resolve(rehearser.last !== before), {
      timeoutMs: 5000,
      everyMs: 5,
    });
    const { took_ms, results } = rehearser.last!;
    return { pauseMs: performance.now() - beganMs - took_ms, error: results[0]!.error };
  };
  const stays = async (ms: number) => {
    const before = rehearser.last;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return rehearser.last === before;
  };
  rehearser.follow("lb01", BY_SELF, []);
  assert.equal((await next()).error, "connection refused");
  for (const pauseMs of againMs) {
    const again = await next();
    assert.equal(again.error, "connection refused");
    assert(again.pauseMs > pauseMs - 50 && again.pauseMs < pauseMs + 500, `${again.pauseMs} ms`);
  }
  assert(await stays(2500), "the usual turn is soon enough");
  // A person has looked: the pauses begin with the shortest one.
  await rehearser.rehearse();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    () => new Response(null, { status: 204 }),
  );
  assert.equal((await next()).error, null);
  assert(await stays(1500), "all names have an answer");
  await server.shutdown();
  await rehearser.rehearse();
  rehearser.follow("lb01", { ...BY_SELF, everyMs: 0 }, []);
  assert(await stays(1500), "it is to rehearse no more by itself");
  rehearser.close();
  await Deno.remove(config);
});

Deno.test("a rehearsal that somebody wants takes the place of one that the node began", async () => {
  let asked = 0;
  await using served = await withNames(60, () => {
    asked++;
  });
  const { rehearser } = served;
  rehearser.follow("lb01", BY_SELF, []);
  await waitFor("the first questions", () => asked > 0, { timeoutMs: 10_000, everyMs: 1 });
  const [first, second] = await Promise.all([rehearser.rehearse(), rehearser.rehearse()]);
  assert.equal(first, second);
  assert.equal(rehearser.last, first, "what was abandoned is no result");
  assert.equal(first!.results.filter(({ status }) => status === 204).length, first!.results.length);
  assert(asked < 1.5 * first!.results.length, `the other one asked on: ${asked} in all`);
});

Deno.test("rehearsals that follow each other ask no more than 50 questions a second together", async () => {
  await using served = await withNames(27);
  const { rehearser } = served;
  rehearser.follow("lb01", { ...BY_SELF, everyMs: 0 }, []);
  const beganMs = performance.now();
  const asked = await Promise.all([rehearser.rehearse(), rehearser.rehearse()]);
  const tookMs = performance.now() - beganMs;
  const statuses = asked.flatMap(({ results }) => results.map(({ status }) => status));
  assert.deepEqual(statuses, Array(56).fill(204));
  // The 51st one comes that long after the first; each rehearsal alone takes a third of it.
  assert(tookMs >= 1050, `${tookMs} ms`);
});

Deno.test("a node that becomes master rehearses once, after the last of several takeovers", async () => {
  await using served = await withNames(1);
  const { rehearser } = served;
  rehearser.follow("lb01", BY_SELF, []);
  const first = await rehearser.rehearse();
  assert.equal(first.by_itself, true);
  // The first one by itself comes two seconds after the start.
  await waitFor("the first one by itself", () => rehearser.last !== first, {
    timeoutMs: 5000,
    everyMs: 10,
  });
  const before = rehearser.last!;
  rehearser.becameMaster(Date.parse(before.began_at!) - 1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(rehearser.last, before, "it began after that takeover");

  rehearser.becameMaster(Date.now());
  await new Promise((resolve) => setTimeout(resolve, 100));
  const takenOverMs = Date.now();
  rehearser.becameMaster(takenOverMs);
  await waitFor("another one", () => rehearser.last !== before, { timeoutMs: 2000, everyMs: 10 });
  const after = rehearser.last!;
  assert(Date.parse(after.began_at!) >= takenOverMs, `${after.began_at}`);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(rehearser.last, after, "there is one for both");
});

Deno.test("a takeover during a rehearsal brings another one after it, unless a node is not to rehearse", async () => {
  let asked = 0;
  await using served = await withNames(20, () => {
    asked++;
  });
  const { rehearser } = served;
  rehearser.follow("lb01", BY_SELF, []);
  const running = rehearser.rehearse();
  await waitFor("the first question", () => asked > 0, { timeoutMs: 5000, everyMs: 1 });
  const takenOverMs = Date.now();
  rehearser.becameMaster(takenOverMs);
  const first = await running;
  assert(Date.parse(first.began_at!) < takenOverMs);
  const isLater = () => Date.parse(rehearser.last!.began_at!) >= takenOverMs;
  await waitFor("another one", isLater, { timeoutMs: 5000, everyMs: 10 });

  rehearser.follow("lb01", { ...BY_SELF, everyMs: 0 }, []);
  const last = await rehearser.rehearse();
  assert.equal(last.by_itself, false);
  rehearser.becameMaster(Date.now());
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(rehearser.last, last);
});

Deno.test("it is known when a peer's rehearsal began, if that peer would begin another as master", async () => {
  await using served = await withNames(1);
  const { rehearser } = served;
  const began_at = "2026-03-01T10:06:59.000Z";
  const cases = [
    [{}, undefined],
    [{ began_at, by_itself: false }, undefined],
    [{ began_at, by_itself: true }, began_at],
  ] as const;
  rehearser.follow("lb01", { ...BY_SELF, everyMs: 0 }, ["lb02"]);
  for (const [more, began] of cases) {
    const { began_at: _, by_itself: __, ...older } = REHEARSAL_EXAMPLE;
    rehearser.peerRehearsed("lb02", { ...older, ...more });
    assert.equal(rehearser.peerBegan("lb02"), began);
  }
});

Deno.test("a file that can be read at last is rehearsed within seconds", async () => {
  const folder = await Deno.makeTempDir();
  const config = `${folder}/nginx.conf`;
  // Not read for another reason than its rights, which the user of a test may have all.
  await Deno.symlink("/dev/null", `${folder}/site.conf`);
  await Deno.writeTextFile(config, "http { include site.conf; }");
  const uptime = await Deno.readTextFile("/proc/uptime");
  const ticks = Math.round((parseFloat(uptime) + 1000) * 100);
  const rehearser = new Rehearser({
    user: "vipd-front",
    proc: procFilesOf({
      ...machine(config, [WORKER]),
      "/proc/uptime": uptime,
      [`/proc/${WORKER}/stat`]: `${WORKER} (nginx) S ${"0 ".repeat(18)}${ticks} 0`,
    }),
    shutDown: () => {},
    virtual: () => Promise.resolve(["127.0.0.77"]),
  });
  rehearser.follow("lb01", BY_SELF, []);
  const { nginx } = await rehearser.rehearse();
  assert.deepEqual(nginx.unread.map(({ path }) => path), [`${folder}/site.conf`]);
  const until = (what: string, is: () => boolean) =>
    waitFor(what, () => Promise.resolve(is()), { timeoutMs: 6000, everyMs: 20 });
  // The first one by itself comes two seconds after the start.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  // What it includes is no new file: nginx may have loaded it before.
  await Deno.writeTextFile(`${folder}/new`, "include a.conf;");
  await Deno.writeTextFile(`${folder}/a.conf`, "server { listen 9; server_name a.test; }");
  await Deno.rename(`${folder}/new`, `${folder}/site.conf`);
  const names = () => rehearser.last!.results.map(({ name }) => name);
  await until("its names", () => names().includes("a.test"));
  assert.deepEqual([rehearser.last!.nginx.unread, rehearser.last!.nginx.stale], [[], null]);
  rehearser.close();
  await Deno.remove(folder, { recursive: true });
});
