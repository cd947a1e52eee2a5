import { comparePeers, type Comparison, peerWords } from "../../../status/peer/comparison.ts";
import type { NodeStatus } from "../../../status/status.ts";

/** The comparison of both nodes; nothing if no peers are configured. */
export function Peers({ status, nowMs }: { status: NodeStatus; nowMs: number }) {
  const { peers } = status;
  if (peers.length === 0) return null;
  return (
    <section aria-labelledby="peers">
      <h2 id="peers">Peer comparison</h2>
      <ul class="peers">
        {peers.map((peer) => (
          <li key={peer.name} class={peer.reachable ? "" : "lost"}>
            <span aria-hidden="true">{peer.reachable ? "●" : "✕"}</span>{" "}
            <strong>{peer.name}</strong> {peerWords(peer, nowMs)}
          </li>
        ))}
      </ul>
      {comparePeers(status).map((comparison) => (
        <Table key={comparison.instance} comparison={comparison} />
      ))}
    </section>
  );
}

function Table({ comparison: { instance, nodes, rows } }: { comparison: Comparison }) {
  return (
    // Wide tables scroll by themselves, with the keyboard too.
    <div class="compared" tabIndex={0} role="region" aria-label={`${instance} on all nodes`}>
      <table>
        <caption class="unseen">{instance} on all nodes</caption>
        <thead>
          <tr>
            <th scope="col">{instance}</th>
            {nodes.map((node) => <th scope="col" key={node}>{node}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ what, values, odd }) => (
            <tr key={what} class={odd === null ? "" : "odd"}>
              <th scope="row">
                {what}
                {odd !== null && <strong>{` ≠ ${odd}`}</strong>}
              </th>
              {values.map((value, index) => <td key={nodes[index]}>{value}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
