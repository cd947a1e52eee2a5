import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { clockOf } from "../../status/text/span.ts";
import type { NodeStatus } from "../../status/status.ts";
import type { CommandName } from "./api/commands.ts";
import { type Live, LiveNode, NOTHING_YET } from "./api/live.ts";
import { knownToken } from "./api/token.ts";
import { CommandDialog } from "./dialogs/command_dialog.tsx";
import { TokenDialog } from "./dialogs/token_dialog.tsx";
import { summaryOf } from "./pair/summary.ts";
import { Alarms } from "./parts/alarms.tsx";
import { Checks } from "./parts/checks.tsx";
import { Header, Staleness } from "./parts/header.tsx";
import { Instances } from "./parts/instances.tsx";
import { Lead, Reasons } from "./parts/lead.tsx";
import { Notifications } from "./parts/notifications.tsx";
import { Peers } from "./parts/peers.tsx";
import { Picture } from "./parts/picture.tsx";
import { Processes } from "./parts/processes.tsx";
import { Timeline } from "./parts/timeline.tsx";

interface Asked {
  readonly command: CommandName;
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
  // With what is shown: other effects wait for the next frame, which a page in the background may not get.
  useLayoutEffect(() => {
    document.title = titleOf(live);
  }, [status, connection]);
  // The node's own clock, so that ages are right if the browser's differs.
  const nowMs = status ? clockOf(status) + (browserMs - live.statusAtMs) : browserMs;
  const stale = status !== null && (locked || connection === "lost");
  const instance = status?.instances.find(({ name }) => name === asked?.instance);
  return (
    <>
      <Header live={live} browserMs={browserMs} askToken={() => setTokenPutOff(false)} />
      <main class={stale ? "stale" : ""}>
        {status === null ? <Nothing connection={connection} /> : (
          <>
            {stale && <Staleness ageMs={browserMs - live.statusAtMs} locked={locked} />}
            <Pair
              status={status}
              nowMs={nowMs}
              connected={connection !== "lost"}
              ask={(command, name) => setAsked({ command, instance: name })}
            />
            <Peers status={status} nowMs={nowMs} />
            <Checks checks={status.checks} nowMs={nowMs} />
            <Notifications notifications={status.notifications} nowMs={nowMs} />
            <Timeline live={live} status={status} nowMs={nowMs} />
          </>
        )}
      </main>
      {status && <Processes status={status} nowMs={nowMs} />}
      <Announcer live={live} nowMs={nowMs} />
      {asked && instance && status && (
        <CommandDialog
          command={asked.command}
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

/** The page before it has a status. */
function Nothing({ connection }: Pick<Live, "connection">) {
  const locked = connection === "locked";
  const lost = connection === "lost";
  return (
    <p class={`lead ${locked ? "locked" : lost ? "lost" : "unknown"}`}>
      {locked
        ? "Locked: Nothing is shown without a token."
        : lost
        ? "Disconnected: vipd does not answer."
        : "Waiting for vipd…"}
    </p>
  );
}

interface PairProps {
  readonly status: NodeStatus;
  readonly nowMs: number;
  readonly connected: boolean;
  readonly ask: (command: CommandName, instance: string) => void;
}

/** The verdict, the picture of the gravest instance with its reasons, and all instances. */
function Pair(props: PairProps) {
  const { status, nowMs } = props;
  const summary = summaryOf(status);
  const { gravest } = summary;
  return (
    <>
      <Lead summary={summary} nowMs={nowMs} />
      <div class="pair">
        <div class="scene">
          {gravest && <Picture instance={gravest} status={status} />}
          {gravest && <Reasons instance={gravest} nowMs={nowMs} />}
          <Alarms status={status} nowMs={nowMs} explained={gravest} />
        </div>
        <Instances {...props} />
      </div>
    </>
  );
}

/** Older entries were there before, in milliseconds. */
const NEWS_MS = 10_000;

/** Announces changes to a screen reader, each of them once, also those that come together; not those before. */
function Announcer({ live, nowMs }: { live: Live; nowMs: number }) {
  const news = live.entries.filter(({ code, time }) =>
    (code === "state_changed" || code === "alarm_raised") && nowMs - Date.parse(time) < NEWS_MS
  );
  return (
    <div class="unseen" aria-live="polite">
      {news.map(({ id, message }) => <p key={id}>{message}</p>)}
    </div>
  );
}

/** The verdict and this node's states, for the tab. */
function titleOf({ connection, status }: Live): string {
  const off = connection === "locked" ? ["locked"] : connection === "lost" ? ["disconnected"] : [];
  if (status === null) return [...off, "vipd"].join(" · ");
  const { verdict } = summaryOf(status);
  const states = new Set(status.instances.map(({ state }) => state.toUpperCase()));
  const node = `${status.node} ${[...states].join("/")}`;
  return [...off, ...(verdict === null ? [] : [verdict]), node, "vipd"].join(" · ");
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
