/** The state of a named object: the beginning of its row in a list. */
export function Verdict({ state, shape, name, type }: {
  state: string;
  /** Shows the state without colour. */
  shape: string;
  name: string;
  type: string;
}) {
  return (
    <>
      <span class={`verdict ${state}`}>
        <span aria-hidden="true">{shape}</span> {state}
      </span>
      <span>
        <strong>{name}</strong> <span class="muted">{type}</span>
      </span>
    </>
  );
}
