/** A simulated engine that has died, and the goodbye in its name. */

import assert from "node:assert/strict";
import type { Config } from "../../src/config/model.ts";
import type { GoodbyeHost } from "../../src/host/goodbye_host.ts";
import { type Goodbye, hasRemains, sayGoodbye } from "../../src/node/goodbye.ts";
import { SendMarks } from "../../src/node/instance/adverts/send_marks.ts";
import {
  decodeResourceRecord,
  encodeResourceRecord,
  type ResourceRecord,
} from "../../src/node/resources/resource_record.ts";
import type { SimNode } from "../../src/sim/cluster.ts";

/** The addresses of an instance, and what its machine is asked with. */
export type Surroundings = Partial<
  Pick<
    GoodbyeHost,
    | "marksAddresses"
    | "othersSpeak"
    | "markedAddresses"
    | "lockHolder"
    | "interfaceState"
    | "openVrrp"
  >
>;

/** What the engine of this node has written down. */
export function recordOf(node: SimNode): ResourceRecord {
  const text = encodeResourceRecord("boot", node.host.wallClockMs(), node.daemon!.recorded);
  const decoded = decodeResourceRecord(text);
  assert.ok(decoded.ok);
  return decoded.record;
}

/** What `vipd goodbye` does on its machine after its death. */
export function goodbye(
  node: SimNode,
  record: ResourceRecord | null,
  around: Surroundings & { readonly config?: Config; readonly marks?: SendMarks } = {},
): Goodbye[] {
  const { config = node.config, marks = new SendMarks(null), ...rest } = around;
  return sayGoodbye(config, record, machineOf(node, rest), marks);
}

/** Whether it looks further without a record. */
export function remains(node: SimNode, around: Surroundings): boolean {
  return hasRemains(node.config, machineOf(node, around));
}

function machineOf({ host }: SimNode, around: Surroundings): GoodbyeHost {
  return {
    wallClockMs: () => host.wallClockMs(),
    interfaceState: (name) => host.interfaceState(name),
    openVrrp: (...asked) => host.openVrrp(...asked),
    sendVrrpAs: (...asked) => host.sendVrrpAs(...asked),
    removeAddress: (address) => host.removeAddress(address),
    ownRouting: () => host.ownRouting(),
    removeRouting: (entry) => host.removeRouting(entry),
    ownInterfaces: () => host.ownInterfaces(),
    removeInterface: (name) => host.removeInterface(name),
    markedAddresses: () => host.markedAddresses(),
    marksAddresses: true,
    othersSpeak: false,
    lockHolder: () => null,
    ...around,
  };
}
