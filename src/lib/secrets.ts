import { readFileSync } from "node:fs";

/**
 * A secret of the configuration, as plain data that a thread can take.
 * `value` is that of the start. With a `file` the present value is its content.
 */
export type Secret = { variable: string; value: string; file?: string };

/**
 * Returns the present value. A file is read anew each time, so that a rotated secret is used without a restart.
 * @throws with the variable's name where the file cannot be read
 */
export function readSecret({ variable, value, file }: Secret): string {
  return file === undefined ? value : readSecretFile(`${variable}_FILE`, file);
}

/**
 * Reads a file without the line break at its end.
 * The error contains neither a value nor the system's message, which may contain one.
 */
export function readSecretFile(fileVariable: string, file: string): string {
  let content: string;
  try {
    content = readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch {
    throw new Error(`${fileVariable}: must name a file that can be read`);
  }
  if (content === "") throw new Error(`${fileVariable}: must name a file that is not empty`);
  return content;
}
