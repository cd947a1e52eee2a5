/**
 * The parts of a load balancer: builds its parts, and says which of them asks or calls which.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { Host } from "../host/host.ts";
import type { StateStore } from "../host/state_store.ts";
import type { Journal } from "../status/journal.ts";
import type { PlacedAddress } from "../vip/addresses.ts";
import { AdvertDemux } from "./advert_demux.ts";
import { Checks } from "./checks/checks.ts";
import { HostWatch } from "./host_watch.ts";
import { OutwardQuestions } from "./instance/adverts/outward_questions.ts";
import { SendMarks } from "./instance/adverts/send_marks.ts";
import type { Instance, InstanceContext } from "./instance/instance.ts";
import { ThirdRouters } from "./instance/third_routers.ts";
import { InstanceManager, type ManagedInstance } from "./instance_manager.ts";
import { Alarms } from "./journal/alarms.ts";
import { GatewayNetworks } from "./links/gateway_networks.ts";
import { LinkStates } from "./links/link_states.ts";
import { OverrideOrigins } from "./overrides/override_origins.ts";
import { OverrideStore } from "./overrides/override_store.ts";
import { ClientChecks } from "./pair/client_checks.ts";
import { DroppingRules } from "./pair/dropping_rules.ts";
import { PairWatch } from "./pair/pair_watch.ts";
import { ReplayMarkStore } from "./instance/adverts/replay_mark_store.ts";
import { AcceptMode } from "./resources/accept_mode.ts";
import { ResourceOwners } from "./resources/resource_owners.ts";
import { StaleResources } from "./resources/stale_resources.ts";
import { ConflictDetection } from "./split_brain/conflict_detection.ts";
import { Peers } from "./pair/peers.ts";
import { StrayAddresses } from "./split_brain/stray_addresses.ts";

/** The traces of earlier runs, and the places in which this one leaves its own. */
export interface NodeStores {
  /** The place in which the overrides outlive the run. */
  readonly store: StateStore;
  /** The place in which it outlives the run who gave them, and why; nowhere without it. */
  readonly origins?: StateStore;
  /** Whether an earlier run of this engine has added an address, as its record says; without it all count as such. */
  readonly isOwn?: (address: PlacedAddress) => boolean;
  /** The place in which the third routers that were heard outlive the run; nowhere without it. */
  readonly thirdRouters?: StateStore;
  /** The place in which the numbers of signed adverts outlive the run; without it they begin with the wall clock. */
  readonly marks?: StateStore;
  /** The place in which the marks of `replay: monotonic` outlive the run; without it they do not. */
  readonly replayMarks?: StateStore;
}

/** The load balancer as its parts need it. */
export interface NodeContext {
  readonly host: Host;
  readonly journal: Journal;
  readonly stores: NodeStores;
  /** Monotonic milliseconds: before that, no instance takes part in an election. */
  readonly electionsFromMs: number;
  /** An instance has released everything. */
  readonly departed: (member: ManagedInstance) => void;
}

export class NodeParts {
  readonly alarms: Alarms;
  readonly rules: DroppingRules;
  readonly conflicts: ConflictDetection;
  readonly strays: StrayAddresses;
  readonly peers: Peers;
  readonly clients: ClientChecks;
  readonly pair: PairWatch;
  readonly outward: OutwardQuestions;
  readonly links: LinkStates;
  readonly networks: GatewayNetworks;
  readonly demux: AdvertDemux;
  readonly watch: HostWatch;
  readonly checks: Checks;
  readonly acceptMode: AcceptMode;
  readonly owners: ResourceOwners;
  readonly stale: StaleResources;
  readonly overrideStore: OverrideStore;
  readonly marks: SendMarks;
  readonly replayMarks: ReplayMarkStore | null;
  readonly manager: InstanceManager;

  /** Listens for masters from now on. */
  constructor(config: Config, context: NodeContext) {
    const { host, journal, stores } = context;
    const managed = () => this.manager.instances;
    const all = () => this.manager.allInstances;
    this.alarms = new Alarms(host, journal);
    this.rules = new DroppingRules(host, this.alarms);
    this.conflicts = new ConflictDetection(
      host,
      journal,
      this.alarms,
      () => this.peers,
      (instance) => this.rules.of(instance),
    );
    this.strays = new StrayAddresses(
      host,
      this.alarms,
      managed,
      (address) => this.owners.haveElsewhere(address),
    );
    this.peers = new Peers(
      config,
      host,
      this.alarms,
      managed,
      (instance) => this.rules.of(instance),
    );
    this.clients = new ClientChecks(
      config,
      host,
      managed,
      (instance) => this.strays.isHere(instance),
      (instance) => this.strays.hiddenOf(instance),
    );
    this.pair = new PairWatch({
      ...{ clock: host, journal, alarms: this.alarms, instances: managed },
      node: () => this.peers.node,
      peers: () => this.peers.status(),
      restartedMs: () => this.peers.restartedMs,
      peerAt: (address) => this.peers.nameOf(address),
      stray: (instance) => this.strays.of(instance),
      droppedBy: (instance) => this.rules.of(instance),
      clientCheck: (instance) => this.clients.status(instance),
      clientUnknown: (instance) => this.clients.unknown(instance),
    });
    this.outward = new OutwardQuestions(host, managed);
    this.links = new LinkStates(
      config.interfaces,
      host,
      (name) => this.watch.instancesOn(name),
    );
    this.networks = new GatewayNetworks(config.instances, host);
    this.demux = new AdvertDemux(config.instances, host, journal);
    this.watch = new HostWatch(host, journal, {
      instances: all,
      interfaceChanged: (name) => this.#interfaceChanged(name),
    });
    this.checks = new Checks(
      config.checks,
      host,
      journal,
      this.alarms,
      (name) => this.#checkTurned(name),
    );
    this.acceptMode = new AcceptMode(host, this.alarms, () => this.manager.evaluateAll());
    this.owners = new ResourceOwners(host, {
      changed: () => this.manager.evaluateAll(),
      freed: () => this.stale.removeConfigured(this.manager.configs),
    });
    this.stale = new StaleResources({
      ...{ host, journal, owners: this.owners },
      isHeld: (address) =>
        this.manager.all.some(({ instance }) => instance.resources.addresses.has(address)),
      isOwn: stores.isOwn ?? (() => true),
    });
    this.overrideStore = new OverrideStore(
      stores.store,
      new OverrideOrigins(stores.origins ?? null),
      host,
      this.alarms,
      () => this.manager.standingOverrides,
    );
    this.marks = new SendMarks(stores.marks ?? null);
    this.replayMarks = stores.replayMarks === undefined ? null : new ReplayMarkStore({
      ...{ store: stores.replayMarks, host, journal },
      marks: () => this.manager.replayMarks,
      restore: (marks) => this.manager.restoreReplayMarks(marks),
    });
    this.manager = new InstanceManager(config, {
      context: this.#instanceContext(context),
      peers: this.peers,
      overridesChanged: () => this.overrideStore.changed(),
      starts: (pending) => this.stale.removeConfigured([pending]),
      departed: context.departed,
    });
  }

  /** No timer runs, no port is open and nothing is watched any more. */
  close(): void {
    this.watch.close();
    this.pair.stop();
    this.outward.stop();
    this.demux.close();
    this.links.close();
    this.acceptMode.stop();
    this.owners.stop();
    this.stale.close();
    this.conflicts.close();
    this.strays.close();
    this.peers.close();
    this.alarms.close();
  }

  #instanceContext(
    { host, journal, stores, electionsFromMs }: NodeContext,
  ): Omit<InstanceContext, "isVirtual" | "hostsOwn" | "instances"> {
    return {
      ...{ host, journal, electionsFromMs },
      alarms: this.alarms,
      ports: this.demux.ports,
      links: this.links,
      networks: this.networks,
      checks: this.checks,
      acceptMode: this.acceptMode,
      owners: this.owners,
      marks: this.marks,
      droppedBy: (instance) => this.rules.of(instance),
      isPeer: (address) => this.peers.haveAddress(address),
      nodes: () => this.peers.nodes,
      dropping: (instance) => this.peers.dropping(instance),
      others: (instance) => ({
        noneAble: this.peers.noneAble(instance) !== null,
        better: this.peers.haveBetter(instance),
        heldBack: this.peers.heldBack(instance),
      }),
      thirdRouters: new ThirdRouters(stores.thirdRouters ?? null),
      masterElsewhere: (instance) =>
        this.peers.counterparts(instance).find(({ state }) => state === "master")?.peer ?? null,
      stateChanged: (instance) => this.#stateChanged(instance),
    };
  }

  #stateChanged(instance: Instance): void {
    this.conflicts.stateChanged(instance);
    this.strays.changed();
    this.peers.stateChanged(instance);
    this.clients.stateChanged(instance);
    this.pair.changed(instance);
  }

  #interfaceChanged(name: string): void {
    this.demux.ports.interfaceChanged(name);
    this.conflicts.interfaceChanged(name);
    this.strays.changed();
    this.links.interfaceChanged(name);
    this.networks.interfaceChanged(name);
  }

  #checkTurned(name: string): void {
    for (const { instance } of this.manager.managed) {
      const { track } = instance.config;
      if (track.some((tracked) => tracked.kind === "check" && tracked.check === name)) {
        instance.evaluate();
      }
    }
  }
}
