/** A code that links to what it means. */
export function CodeLink({ code }: { code: string }) {
  return (
    <a href={`v1/codes/${code}`} target="_blank" rel="noreferrer" title="What it means, what to do">
      <code>{code}</code>
    </a>
  );
}
