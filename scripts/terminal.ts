/** Writes one line for the person at the terminal. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** A line about one part: what it is, then what happened to it. */
export function printPart(name: string, text: string): void {
  print(`${name.padEnd(12)} ${text}`);
}
