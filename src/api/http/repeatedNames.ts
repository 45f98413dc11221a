import { visit } from "jsonc-parser";
import { formatFieldName, invalidRequest } from "./fieldErrors.ts";
import { Problem } from "./problems.ts";

/**
 * Refuses a JSON text for the first name that one object has twice.
 *
 * Names are compared as parsed, however they are escaped. The scan is several times slower than `JSON.parse`. It is
 * called only for a text that has such a name, and ends at it.
 *
 * @throws Problem `invalid_request`
 */
export function refuseRepeatedName(text: string): never {
  const objects: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => {
      objects.push(new Set());
    },
    onObjectEnd: () => {
      objects.pop();
    },
    onObjectProperty(name, _offset, _length, _line, _character, pathOf) {
      const names = objects.at(-1)!;
      if (names.has(name)) throw invalidRequest([{ field: formatPath(pathOf(), name), message: "is given twice" }]);
      names.add(name);
    },
  });
  throw new Problem("invalid_request", { detail: "The body has a name that is given twice in one object." });
}

/** The name with its place, like `operations[17].amount`. */
function formatPath(path: (string | number)[], name: string): string {
  let formatted = "";
  for (const segment of [...path, name]) {
    if (typeof segment === "number") formatted += `[${segment}]`;
    else formatted += `${formatted === "" ? "" : "."}${formatFieldName(segment)}`;
  }
  return formatted;
}
