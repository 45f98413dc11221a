/** Writes one line to standard output. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line about one part: its name, then the event. */
export function printPart(name: string, text: string): void {
  print(`${name.padEnd(12)} ${text}`);
}
