import type { ComponentChildren } from "preact";
import { presentReason } from "../../../status/pair/present_reason.ts";
import { overrideText } from "../../../status/text/override_text.ts";
import { age } from "../../../status/text/span.ts";
import type {
  ClientCheckStatus,
  InstanceStatus,
  NodeStatus,
  PeerStatus,
  PriorityStatus,
} from "../../../status/status.ts";
import type { CommandName } from "../api/commands.ts";
import { offersOf, peersThatServe } from "../pair/offers.ts";
import { clock, duration, signed } from "./format.ts";
import { Reasons } from "./lead.tsx";
import { Picture } from "./picture.tsx";

interface InstanceProps {
  readonly instance: InstanceStatus;
  readonly status: NodeStatus;
  readonly nowMs: number;
  /** Whether a command could reach vipd. */
  readonly connected: boolean;
  /** Whether the page shows its picture and reasons already. */
  readonly pictured: boolean;
  readonly ask: (command: CommandName) => void;
}

/** All about one instance: the inside of its row. */
export function Instance(props: InstanceProps) {
  const { instance, status, nowMs, pictured } = props;
  const { state, faults, override } = instance;
  return (
    <div class="inside">
      {!pictured && <Picture instance={instance} status={status} />}
      {!pictured && <Reasons instance={instance} nowMs={nowMs} />}
      <p class="reason">
        {state.toUpperCase()} here: {presentReason(instance, status, (time) => clock(time, nowMs))}
        <span class="muted">, for {age(instance.since, nowMs)}</span>
      </p>
      {faults.length > 0 && (
        <ul class="faults">{faults.map((fault) => <li key={fault}>{fault}</li>)}</ul>
      )}
      <Actions {...props} />
      <Addresses instance={instance} />
      <dl>
        <Priority priority={instance.priority} />
        {override && <Fact name="Override">{overrideText(override, nowMs)}</Fact>}
        <Fact name="Master">{masterText(instance, status.peers)}</Fact>
        {instance.client_check && (
          <Fact name="As a client">{clientText(instance.client_check, nowMs)}</Fact>
        )}
        <Fact name="Last event">{instance.reason.message}</Fact>
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
    </div>
  );
}

/** The commands that can work, each with what it does; at most one is highlighted. */
function Actions({ instance, status, nowMs, connected, ask }: InstanceProps) {
  if (!connected) {
    return <p class="withheld">Disconnected: no command can reach {status.node} from here.</p>;
  }
  const { offered, highlighted, withheld } = offersOf(instance, status, nowMs);
  return (
    <>
      <div class="actions">
        {offered.map(({ command, effect }) => (
          <button
            key={command}
            type="button"
            class={command === highlighted ? "primary" : ""}
            onClick={() => ask(command)}
          >
            {command[0]!.toUpperCase()}
            {command.slice(1)}
            <span class="unseen">{` ${instance.name}`}</span>
            <small>{effect}</small>
          </button>
        ))}
      </div>
      {withheld !== null && <p class="withheld">{withheld}</p>}
    </>
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

function masterText(instance: InstanceStatus, peers: readonly PeerStatus[]): string {
  const { state, master } = instance;
  if (state === "master") return master ? `this node, ${master.address}` : "this node";
  if (master !== null) return `${master.address} with priority ${master.priority}`;
  const [peer] = peersThatServe(instance, peers);
  return peer === undefined ? "none heard" : `${peer}, as its API says; no advert is heard here`;
}

function clientText({ target, ok, at, detail }: ClientCheckStatus, nowMs: number): string {
  return `${ok ? "✓" : "✕"} ${target}, ${age(at, nowMs)} ago: ${detail}`;
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
