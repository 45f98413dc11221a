import { isDeepStrictEqual } from "node:util";
import { type TSchema, Type } from "@sinclair/typebox";
import type { Schema } from "./schemas.ts";

/** The parts of the document that routes refer to by name. */
type Section = "schemas" | "responses" | "parameters" | "headers";
type Reference = { $ref: string };

/** A part of a route that other routes may have too. */
type Place = { title: string; part: unknown; replace(reference: Reference): void };
type Response = { headers?: Schema };
type Route = { parameters?: { name: string }[]; responses?: Record<string, Response> };
type Paths = Record<string, Record<string, Route>>;

export type Components = ReturnType<typeof createComponents>;

/** Words as one name: `completed` and `deposit` are `CompletedDeposit`. */
export function titleOf(...words: string[]): string {
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** The schema that has this title elsewhere in the document. `description` is that of the response. */
export function named<Shape = unknown>(title: string, description?: string) {
  return Type.Unsafe<Shape>({ ...referTo("schemas", title), ...(description && { description }) });
}

/** One of several schemas with titles. Generated clients narrow it by the values that differ. */
export function oneOf<Shape>(title: string, ...schemas: TSchema[]) {
  return Type.Unsafe<Shape>({ title, oneOf: schemas });
}

/** One of several objects with titles, by the value of a property. */
export function oneOfBy<Shape>(propertyName: string, title: string, schemas: Record<string, TSchema>) {
  const mapping = Object.entries(schemas).map(([value, schema]) => [value, referTo("schemas", schema.title!).$ref]);
  const discriminator = { propertyName, mapping: Object.fromEntries(mapping) };
  return Type.Unsafe<Shape>({ title, oneOf: Object.values(schemas), discriminator });
}

/** All members of several schemas. */
export function allOf<Shape>(title: string, ...schemas: TSchema[]) {
  return Type.Unsafe<Shape>({ title, allOf: schemas });
}

function referTo(section: Section, name: string): Reference {
  return { $ref: `#/components/${section}/${name}` };
}

/** Collects the named parts of a document. */
export function createComponents() {
  const components = {
    schemas: {} as Record<string, unknown>,
    responses: {} as Record<string, Response>,
    parameters: {} as Record<string, unknown>,
    headers: {} as Record<string, unknown>,
  } satisfies Record<Section, unknown>;

  /** Adds a part, and returns the reference to it. @throws if another part has the name */
  function name(section: Section, title: string, part: unknown): Reference {
    const parts: Record<string, unknown> = components[section];
    parts[title] ??= part;
    if (!isDeepStrictEqual(parts[title], part)) {
      throw new Error(
        `Two different ${section} of the API document have the name ${title}. Give one of them another title:\n` +
          `${JSON.stringify(parts[title])}\n${JSON.stringify(part)}`,
      );
    }
    return referTo(section, title);
  }

  /** Replaces each schema that has a title by a reference, the inner ones first. Examples stay as they are. */
  function nameSchemas<Part>(part: Part): Part {
    return nameIn(part) as Part;
  }

  function nameIn(part: unknown): unknown {
    if (Array.isArray(part)) return part.map(nameIn);
    if (typeof part !== "object" || part === null) return part;
    const members = Object.entries(part).map(([member, inner]) =>
      member === "example" || member === "examples" ? [member, inner] : [member, nameIn(inner)],
    );
    const { title, ...schema } = Object.fromEntries(members) as Schema;
    return typeof title === "string" ? name("schemas", title, schema) : Object.fromEntries(members);
  }

  /** Names the parts that several places have: of those with one title, the most frequent. */
  function nameShared(section: Section, places: Place[]): void {
    for (const [title, ofTitle] of Map.groupBy(places, (place) => place.title)) {
      const groups = [...Map.groupBy(ofTitle, ({ part }) => JSON.stringify(part)).values()];
      const [largest = []] = groups.toSorted((a, b) => b.length - a.length);
      if (largest.length < 2) continue;
      for (const { part, replace } of largest) replace(name(section, title, part));
    }
  }

  /** Names the schemas, the parameters and the headers of the routes. Returns the routes and all named parts. */
  function nameParts(unnamed: Paths) {
    const paths = nameSchemas(unnamed);
    components.responses = nameSchemas(components.responses);
    const routes = Object.values(paths).flatMap((methods) => Object.values(methods));
    nameShared("parameters", routes.flatMap(placesOfParameters));
    const responses = routes.flatMap((route) => Object.values(route.responses ?? {}));
    nameShared("headers", [...responses, ...Object.values(components.responses)].flatMap(placesOfHeaders));
    const sections = Object.entries(components).map(([section, parts]) => [section, sorted(parts)]);
    return { paths, components: Object.fromEntries(sections) as Schema };
  }

  return { name, nameParts };
}

function placesOfParameters({ parameters = [] }: Route): Place[] {
  return parameters.map((part, index) => ({
    title: part.name,
    part,
    replace: (reference) => Object.assign(parameters, { [index]: reference }),
  }));
}

function placesOfHeaders({ headers = {} }: Response): Place[] {
  return Object.entries(headers).map(([title, part]) => ({
    title,
    part,
    replace: (reference) => Object.assign(headers, { [title]: reference }),
  }));
}

function sorted(parts: Schema): Schema {
  return Object.fromEntries(Object.entries(parts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
