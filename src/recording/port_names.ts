/** Names what is opened again and again, so that a recording can say of which one something was heard. */
export class PortNames {
  readonly #opened = new Map<string, number>();

  /** `eth1 ipv4`, then `eth1 ipv4 #2`. */
  next(name: string): string {
    const number = (this.#opened.get(name) ?? 0) + 1;
    this.#opened.set(name, number);
    return number === 1 ? name : `${name} #${number}`;
  }
}
