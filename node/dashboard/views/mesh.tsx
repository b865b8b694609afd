/** The mesh as this node sees it: whom it is connected to, and what goes over the lines. */
import type { VNode } from "preact";
import { readPeers, readTraffic } from "../answers.ts";
import type { Flow, Peer } from "../answers.ts";
import type { LiveState } from "../live.ts";
import { placePeers } from "../mesh-map.ts";
import { Bars } from "../parts/index.ts";
import { useAnswer } from "../use-answer.ts";
import { ago, many, number, octets } from "../words.ts";

const HALF = 230;
const LETTERS_OF_PEER = 6;
/** More names would stand on each other. */
const NAMED_PEERS = 24;

export function Mesh({ live }: { readonly live: LiveState }): VNode {
  const { value: peers, problem } = useAnswer("/v1/peers", readPeers, live.beat);
  const { value: flows } = useAnswer("/v1/traffic", readTraffic, live.beat);
  return (
    <>
      <div class="lead">
        <h1>{peers === null ? "Mesh" : many(peers.length, "connection")}</h1>
        <p>
          Nodes pass on what builders sign. None of them has to be trusted: whatever they hand over is checked
          by who gets it.
        </p>
      </div>
      {problem !== null && <p class="problem">{problem}</p>}
      {peers !== null && <MapCard peers={peers} />}
      {flows !== null && <TrafficCard flows={flows} />}
      {peers !== null && peers.length > 0 && <PeersCard peers={peers} />}
    </>
  );
}

function MapCard({ peers }: { readonly peers: readonly Peer[] }): VNode {
  const places = placePeers(peers.length);
  const dialled = peers.filter(({ direction }) => direction === "out").length;
  return (
    <section class="card" aria-labelledby="map">
      <header>
        <h2 id="map">Connections</h2>
        <p>
          Filled, with a whole line: this node dialled it. Hollow, with a broken line: it dialled this node.
        </p>
      </header>
      {peers.length === 0 ? (
        <p class="empty">
          No peer is connected. Give the node one to begin with (--bootstrap), or let others dial it.
        </p>
      ) : (
        <svg
          class="map"
          viewBox={`${-HALF - 60} ${-HALF - 20} ${2 * HALF + 120} ${2 * HALF + 50}`}
          role="img"
          aria-label={`This node and ${many(peers.length, "peer")}: ${dialled} dialled by it, ${peers.length - dialled} by them`}
        >
          {peers.map(({ peer, direction }, at) => (
            <line
              key={peer}
              class={`edge ${direction}`}
              x1={0}
              y1={0}
              x2={HALF * (places[at]?.x ?? 0)}
              y2={HALF * (places[at]?.y ?? 0)}
            />
          ))}
          {peers.map(({ peer, direction }, at) => (
            <PeerDot
              key={peer}
              peer={peer}
              direction={direction}
              x={HALF * (places[at]?.x ?? 0)}
              y={HALF * (places[at]?.y ?? 0)}
              isNamed={peers.length <= NAMED_PEERS}
            />
          ))}
          <circle class="self" r={34} />
          <text class="self-text" y={4}>
            this node
          </text>
        </svg>
      )}
    </section>
  );
}

interface DotProps {
  readonly peer: string;
  readonly direction: string;
  readonly x: number;
  readonly y: number;
  readonly isNamed: boolean;
}

function PeerDot({ peer, direction, x, y, isNamed }: DotProps): VNode {
  return (
    <g>
      <circle class={`peer ${direction}`} cx={x} cy={y} r={9}>
        <title>{peer}</title>
      </circle>
      {isNamed && (
        <text x={x} y={y + (y < 0 ? -15 : 25)}>
          …{peer.slice(-LETTERS_OF_PEER)}
        </text>
      )}
    </g>
  );
}

function TrafficCard({ flows }: { readonly flows: readonly Flow[] }): VNode {
  const total = ({ asked, answered }: Flow): number => asked + answered;
  const busy = flows.filter(({ questions }) => questions > 0).toSorted((a, b) => total(b) - total(a));
  return (
    <section class="card" aria-labelledby="traffic">
      <header>
        <h2 id="traffic">Traffic</h2>
        <p>What questions and their answers carried since the node started, in octets.</p>
      </header>
      {busy.length === 0 ? (
        <p class="empty">Nobody has asked anything yet.</p>
      ) : (
        <Bars
          most={Math.max(...busy.map(total))}
          bars={busy.map((flow) => ({
            name: `${flow.stream}, asked by ${flow.asker === "self" ? "this node" : "others"}`,
            parts: [
              { name: "questions", count: flow.asked, fill: "quiet" },
              { name: "answers", count: flow.answered, fill: "good" },
            ],
            value: `${octets(total(flow))} · ${many(flow.questions, "question")}`,
          }))}
        />
      )}
    </section>
  );
}

function PeersCard({ peers }: { readonly peers: readonly Peer[] }): VNode {
  return (
    <section class="card" aria-labelledby="peers">
      <header>
        <h2 id="peers">Peers</h2>
        <p>{number(peers.length)} connected now.</p>
      </header>
      <div class="scroll" tabIndex={0} role="group" aria-label="Table, may be wider than the page">
        <table class="says">
          <thead>
            <tr>
              <th scope="col">Peer</th>
              <th scope="col">Dialled by</th>
              <th scope="col">Connected</th>
              <th scope="col">Addresses</th>
            </tr>
          </thead>
          <tbody>
            {peers.map(({ peer, direction, since, addresses }) => (
              <tr key={peer}>
                <td class="mono">{peer}</td>
                <td>{direction === "out" ? "this node" : "the peer"}</td>
                <td>{ago(since, Date.now())}</td>
                <td class="mono">{addresses.join(" ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
