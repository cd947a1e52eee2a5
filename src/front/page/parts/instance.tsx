import type { ComponentChildren } from "preact";
import { age, span } from "../../../status/span.ts";
import type { InstanceStatus, OverrideStatus, PriorityStatus } from "../../../status/status.ts";
import type { CommandName } from "../api/commands.ts";
import { duration, signed } from "./format.ts";
import { StateBadge } from "./state_badge.tsx";

interface InstanceProps {
  readonly instance: InstanceStatus;
  readonly nowMs: number;
  readonly ask: (order: CommandName) => void;
}

export function Instance({ instance, nowMs, ask }: InstanceProps) {
  const { name, state, faults, override } = instance;
  const note = instance.handing_over ? { note: "handing over" } : {};
  return (
    <article class={`card ${state}`} aria-labelledby={`instance-${name}`}>
      <div class="title">
        <h3 id={`instance-${name}`}>{name}</h3>
        <StateBadge state={state} {...note} />
      </div>
      <p class="reason">
        {instance.reason.message}
        <span class="muted">, {age(instance.since, nowMs)} ago</span>
      </p>
      {faults.length > 0 && (
        <ul class="faults">{faults.map((fault) => <li key={fault}>{fault}</li>)}</ul>
      )}
      <Addresses instance={instance} />
      <dl>
        <Priority priority={instance.priority} />
        {override && <Fact name="Order">{overrideText(override, nowMs)}</Fact>}
        <Fact name="Master">{masterText(instance)}</Fact>
        <Fact name="Link">
          {instance.interface}, VRID {instance.vrid}, VRRP version {instance.version}
        </Fact>
        {instance.lease && (
          <Fact name="Lease">
            the kernel takes the addresses away {instance.lease.seconds} s after vipd dies or hangs
          </Fact>
        )}
        {instance.sync_group !== null && <Fact name="Sync group">{instance.sync_group}</Fact>}
        {instance.virtual_mac && (
          <Fact name="Virtual MAC">
            {instance.virtual_mac.mac} on {instance.virtual_mac.interface}
          </Fact>
        )}
        <Fact name="Timers">
          adverts every{" "}
          {duration(instance.timers.advert_interval_ms)}; a silent master counts as gone after{" "}
          {duration(instance.timers.master_down_interval_ms)}
        </Fact>
      </dl>
      <Counters instance={instance} />
      <div class="actions">
        <button
          type="button"
          class={state === "master" ? "" : "primary"}
          onClick={() => ask("promote")}
        >
          Promote<span class="unseen">{` ${name}`}</span>
        </button>
        <button type="button" onClick={() => ask("demote")}>
          Demote<span class="unseen">{` ${name}`}</span>
        </button>
        {override && (
          <button type="button" onClick={() => ask("release")}>
            Release<span class="unseen">{` ${name}`}</span>
          </button>
        )}
      </div>
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Addresses({ instance }: { instance: InstanceStatus }) {
  const held = (here: boolean) => (
    <span class={here ? "held" : "muted"}>
      <span aria-hidden="true">{here ? "●" : "○"}</span> {here ? "held here" : "not here"}
    </span>
  );
  return (
    <ul class="addresses">
      {instance.addresses.map(({ address, prefix_length, device, label, held: here }) => (
        <li key={`${address} ${device}`}>
          <span>
            <strong>{address}</strong>
            <span class="muted">/{prefix_length} on {label ?? device}</span>
          </span>
          {held(here)}
        </li>
      ))}
      {instance.routing.map(({ entry, held: here }) => (
        <li key={entry}>
          <span>{entry}</span>
          {held(here)}
        </li>
      ))}
    </ul>
  );
}

/** The effective priority, and how it results. */
function Priority({ priority }: { priority: PriorityStatus }) {
  const { configured, effective, reasons } = priority;
  return (
    <Fact name="Priority">
      <strong class="number">{effective}</strong>{" "}
      <span class="muted">
        = {configured} configured{reasons.map(({ what, change }) => ` ${signed(change)} ${what}`)}
      </span>
    </Fact>
  );
}

function overrideText({ kind, priority, since, until }: OverrideStatus, nowMs: number): string {
  const what = kind === "priority" ? `priority ${priority}` : kind;
  const end = until === null ? "until released" : `for another ${span(Date.parse(until) - nowMs)}`;
  return `${what} by hand ${age(since, nowMs)} ago, ${end}`;
}

function masterText({ state, master }: InstanceStatus): string {
  if (state === "master") return master ? `this node, ${master.address}` : "this node";
  return master === null ? "none heard" : `${master.address} with priority ${master.priority}`;
}

function Counters({ instance }: { instance: InstanceStatus }) {
  const { counters } = instance;
  const dropped = Object.entries(counters.dropped);
  return (
    <details>
      <summary>Counters</summary>
      <dl>
        <Fact name="Adverts">
          {counters.advertisements_sent} sent, {counters.advertisements_received} received
        </Fact>
        <Fact name="Priority 0">
          {counters.priority_zero_sent} sent, {counters.priority_zero_received} received
        </Fact>
        <Fact name="Became master">{counters.became_master} times</Fact>
        <Fact name="Discarded">
          {dropped.length === 0
            ? "nothing"
            : dropped.map(([reason, count]) => `${count} ${reason}`).join(", ")}
        </Fact>
      </dl>
    </details>
  );
}
