import type { InstanceStatus, NodeStatus } from "../../../status/status.ts";
import {
  type PicturedLink,
  type PicturedNode,
  pictureOf,
  pictureText,
  ROLE_WORDS,
} from "../pair/picture.ts";

// The numbers are units of the drawing, which is as wide as a phone: its letters stay readable there.
const WIDTH = 360;
const BOX = { width: 122, height: 92 } as const;
const ROW_HEIGHT = 104;
const LINK_FROM = BOX.width + 8;
const LINK_TO = WIDTH - BOX.width - 8;
const LINK_STEP = 31;
/** How many letters a box has room for. */
const MAX_LETTERS = 16;

/** The nodes of an instance: who has the addresses, what passes between them, what does not. */
export function Picture({ instance, status }: { instance: InstanceStatus; status: NodeStatus }) {
  const picture = pictureOf(instance, status);
  const height = picture.others.length * ROW_HEIGHT;
  const address = instance.addresses[0]?.address ?? null;
  return (
    <figure class="picture">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={pictureText(picture)}>
        <Box node={picture.first} x={1} y={(height - ROW_HEIGHT) / 2 + 6} address={address} />
        {picture.others.map(({ node, links }, index) => (
          <g key={node.name}>
            <Box
              node={node}
              x={WIDTH - BOX.width - 1}
              y={index * ROW_HEIGHT + 6}
              address={address}
            />
            {links.map((link, place) => (
              <Link
                key={link.what}
                link={link}
                y={index * ROW_HEIGHT + 53 + (place - (links.length - 1) / 2) * LINK_STEP + 4}
              />
            ))}
          </g>
        ))}
      </svg>
      <figcaption class="muted">{instance.name}</figcaption>
    </figure>
  );
}

function Box({ node, x, y, address }: {
  node: PicturedNode;
  x: number;
  y: number;
  address: string | null;
}) {
  const { name, role, detail } = node;
  const middle = x + BOX.width / 2;
  const has = role === "serves" || role === "silent" || role === "holds";
  return (
    <g class={`node ${role}`}>
      <rect x={x} y={y} width={BOX.width} height={BOX.height} rx={9} />
      <text x={middle} y={y + 22} class="name">{shortened(name)}</text>
      <text x={middle} y={y + 45} class="role">{ROLE_WORDS[role]}</text>
      {has && address !== null
        ? (
          <>
            <rect class="vip" x={x + 6} y={y + 58} width={BOX.width - 12} height={24} rx={12} />
            <text class="vip" x={middle} y={y + 74}>{shortened(address)}</text>
          </>
        )
        : <text x={middle} y={y + 70}>{shortened(detail)}</text>}
    </g>
  );
}

const MARKS = { passes: "✓", fails: "✕", unknown: "?" } as const;

function Link({ link: { what, passes, forward }, y }: { link: PicturedLink; y: number }) {
  const state = passes === null ? "unknown" : passes ? "passes" : "fails";
  const middle = (LINK_FROM + LINK_TO) / 2;
  const [tip, back] = forward ? [LINK_TO, LINK_TO - 7] : [LINK_FROM, LINK_FROM + 7];
  return (
    <g class={`link ${state}`}>
      <path d={`M${LINK_FROM} ${y}H${LINK_TO}`} />
      <path class="tip" d={`M${back} ${y - 4}L${tip} ${y}L${back} ${y + 4}`} />
      <text x={middle} y={y - 5}>{MARKS[state]} {what}</text>
    </g>
  );
}

/** The middle goes, because names and addresses differ at their ends. */
function shortened(text: string): string {
  if (text.length <= MAX_LETTERS) return text;
  const half = MAX_LETTERS / 2;
  return `${text.slice(0, half)}…${text.slice(1 - half)}`;
}
