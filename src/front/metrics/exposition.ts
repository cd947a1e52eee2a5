/**
 * Prometheus' text format, version 0.0.4: families of samples as the text that Prometheus scrapes.
 *
 * @module
 */

/** The media type of the format. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** One metric with all its samples. A counter's name ends with `_total`. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  /** One sentence for a person. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** One sample without labels. */
export function single(value: number): Sample[] {
  return [{ labels: {}, value }];
}

/** The family's lines; for a family without samples only its description. */
export function familyText({ name, type, help, samples }: Family): string {
  const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  return head + samples.map((sample) => sampleLine(name, sample)).join("");
}

function sampleLine(name: string, { labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(value: string | number): string {
  return String(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
