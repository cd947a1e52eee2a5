import { useEffect, useState } from "preact/hooks";
import { clockOf } from "../../status/span.ts";
import type { InstanceStatus, NodeStatus } from "../../status/status.ts";
import type { CommandName } from "./api/commands.ts";
import { type Live, LiveNode, NOTHING_YET } from "./api/live.ts";
import { knownToken } from "./api/token.ts";
import { CommandDialog } from "./dialogs/command_dialog.tsx";
import { TokenDialog } from "./dialogs/token_dialog.tsx";
import { Alarms } from "./parts/alarms.tsx";
import { Checks } from "./parts/checks.tsx";
import { Header } from "./parts/header.tsx";
import { Instance } from "./parts/instance.tsx";
import { Notifications } from "./parts/notifications.tsx";
import { Peers } from "./parts/peers.tsx";
import { Processes } from "./parts/processes.tsx";
import { Staleness } from "./parts/staleness.tsx";
import { Timeline } from "./parts/timeline.tsx";

interface Asked {
  readonly order: CommandName;
  readonly instance: string;
}

export function Page() {
  const [live, setLive] = useState<Live>(NOTHING_YET);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [tokenPutOff, setTokenPutOff] = useState(false);
  const browserMs = useTick();
  const [node] = useState(() => new LiveNode(setLive));
  useEffect(() => {
    node.start();
    return () => node.stop();
  }, []);
  const { status, connection } = live;
  const locked = connection === "locked";
  // If the user has closed the dialog, it opens again when vipd asks again.
  useEffect(() => setTokenPutOff(false), [locked]);
  useEffect(() => {
    document.title = status ? `${headline(status)} · vipd` : "vipd";
  }, [status]);
  // The node's own clock, so that ages are right if the browser's differs.
  const nowMs = status ? clockOf(status) + (browserMs - live.statusAtMs) : browserMs;
  const stale = status !== null && (locked || connection === "lost");
  const instance = status?.instances.find(({ name }) => name === asked?.instance);
  return (
    <>
      <Header live={live} browserMs={browserMs} askToken={() => setTokenPutOff(false)} />
      <main class={stale ? "stale" : ""}>
        {status === null
          ? (
            <p class="empty">
              {locked ? "Nothing is shown without a token." : "Waiting for vipd…"}
            </p>
          )
          : (
            <>
              {stale && <Staleness ageMs={browserMs - live.statusAtMs} />}
              <Alarms status={status} nowMs={nowMs} />
              <section aria-labelledby="instances">
                <h2 id="instances">Instances</h2>
                <div class="cards">
                  {status.instances.map((shown) => (
                    <Instance
                      key={shown.name}
                      instance={shown}
                      nowMs={nowMs}
                      ask={(order) => setAsked({ order, instance: shown.name })}
                    />
                  ))}
                </div>
              </section>
              <Peers status={status} nowMs={nowMs} />
              <Checks checks={status.checks} nowMs={nowMs} />
              <Notifications notifications={status.notifications} nowMs={nowMs} />
              <Timeline entries={live.entries} nowMs={nowMs} />
            </>
          )}
      </main>
      {status && <Processes status={status} nowMs={nowMs} />}
      <Announcer live={live} nowMs={nowMs} />
      {asked && instance && status && (
        <CommandDialog
          order={asked.order}
          instance={instance}
          node={status.node}
          peers={status.peers}
          nowMs={nowMs}
          close={() => {
            setAsked(null);
            // With the token of the command, if it was accepted.
            if (knownToken() !== null) node.resume();
          }}
        />
      )}
      {locked && asked === null && !tokenPutOff && (
        <TokenDialog
          reason={live.reason}
          unlock={(token) => node.unlock(token)}
          close={() => setTokenPutOff(true)}
        />
      )}
    </>
  );
}

/** Older entries were there before, in milliseconds. */
const NEWS_MS = 10_000;

/** Announces changes to a screen reader, once each; not those that happened before. */
function Announcer({ live, nowMs }: { live: Live; nowMs: number }) {
  const last = live.entries.findLast(({ code, time }) =>
    (code === "state_changed" || code === "alarm_raised") && nowMs - Date.parse(time) < NEWS_MS
  );
  return <p class="unseen" aria-live="polite">{last?.message ?? ""}</p>;
}

/** The states in a few words, for the title of the tab. */
function headline({ node, instances }: NodeStatus): string {
  const words = new Set(instances.map(({ state }: InstanceStatus) => state.toUpperCase()));
  return `${node} ${[...words].join("/")}`;
}

/** The browser's time, once a second. */
function useTick(): number {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
