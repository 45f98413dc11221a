import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv";
import schema from "../../node_modules/dclint/schemas/compose.schema.json" with { type: "json" };
import { readKeys } from "../../scripts/keys.ts";
import { createSite, rootDirectory } from "../../scripts/stack/site.ts";
import { createTemporal } from "../../scripts/stack/temporal.ts";
import { runTool } from "../../scripts/stack/tools.ts";
import { loadConfig } from "../../src/config.ts";
import { readConfigSources } from "../support/config/sources.ts";

type Service = {
  image: string;
  command?: string[];
  environment?: Record<string, string | number>;
  ports?: string[];
  volumes?: string[];
  secrets?: string[];
  networks: string[] | Record<string, { ipv4_address?: string } | null>;
  restart: string;
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  logging?: { options: Record<string, string> };
  deploy?: { resources: { limits: Record<string, string> } };
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
};
type Compose = { services: Record<string, Service>; secrets: Record<string, { file: string }> };

const readCompose = async (path: string) => Bun.YAML.parse(await Bun.file(join(rootDirectory, path)).text()) as Compose;
const local = await readCompose("docker-compose.yml");
const production = await readCompose("docker-compose.production.yml");
const { services, secrets } = production;
const entries = Object.entries(services);
const isStep = ({ healthcheck }: Service) => healthcheck?.test[0] === "NONE";
const running = entries.filter(([, service]) => !isStep(service));
const saldos = [services["saldo-1"]!, services["saldo-2"]!];

/** Replaces the shell's variables as Compose does: needed ones, and those with a default. */
const replace = (value: string | number) =>
  `${value}`.replace(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}/g, (_, name, fallback) => fallback ?? SET[name] ?? "");
const SET: Record<string, string> = {
  JWT_ISSUER: "issuer",
  PUBLIC_URL: "https://saldo.example",
  SALDO_VERSION: "1.2.3",
};

test("both compose files keep to the schema of the Compose Specification", () => {
  const validate = new Ajv({ strict: false, validateFormats: false, validateSchema: false }).compile(schema);
  for (const file of [local, production]) expect([validate(file), validate.errors]).toEqual([true, null]);
  expect(validate({ services: { saldo: { ...saldos[0], restrat: "always" } } })).toBe(false);
});

test("images are those of the local file, and Temporal's have the versions of its binary", async () => {
  for (const name of ["postgres", "migrate", "redis", "kafka"]) {
    expect([name, services[name]!.image]).toEqual([name, local.services[name]!.image]);
  }
  expect(services["temporal-postgres"]!.image).toBe(services.postgres!.image);
  const temporal = createTemporal(createSite("demo"));
  await temporal.prepare();
  const version = await runTool([(await temporal.launch()).command[0]!, "--version"]);
  const [, server, ui] = /Server (\S+), UI (\S+)\)/.exec(version)!;
  expect(services.temporal!.image).toBe(`temporalio/server:${server}`);
  expect(services["temporal-ui"]!.image).toBe(`temporalio/ui:${ui}`);
  for (const name of ["temporal-schema", "temporal-namespace"]) {
    expect(services[name]!.image).toBe(`temporalio/admin-tools:${server}`);
  }
  for (const [name, { image }] of entries)
    expect([name, image]).toEqual([name, expect.stringMatching(/:(\d+\.)+\d+$|^saldo:/)]);
}, 120_000);

test("only the front is published, and stores have no network with a way out", async () => {
  expect(entries.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(["front"]);
  const networksOf = ({ networks }: Service) => (Array.isArray(networks) ? networks : Object.keys(networks));
  const open = entries.filter(([, service]) => networksOf(service).includes("front")).map(([name]) => name);
  expect(open).toEqual(["front", "saldo-1", "saldo-2", "temporal-ui"]);
  const listen = await Bun.file(join(rootDirectory, "deploy/front/compose/listen.conf")).text();
  expect(services.front!.ports![0]!.split(":").at(-1)).toBe(/listen (\d+) ssl/.exec(listen)![1]);
});

test("a running service restarts, has limits, rotates its log and has a health check", async () => {
  expect(running.length).toBeGreaterThan(7);
  for (const [name, service] of running) {
    expect([name, service.restart]).toEqual([name, "unless-stopped"]);
    const limits = { cpus: expect.stringMatching(/^\d+$/), memory: expect.stringMatching(/^\d+[mg]$/) };
    expect([name, service.deploy?.resources.limits]).toEqual([name, limits]);
    expect([name, service.logging?.options]).toEqual([name, { "max-size": "20m", "max-file": "5" }]);
    expect([name, service.security_opt]).toEqual([name, ["no-new-privileges:true"]]);
    expect([name, name.startsWith("saldo") || (service.healthcheck?.test.length ?? 0) > 1]).toEqual([name, true]);
  }
  for (const service of [...saldos, services.front!]) {
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
  }
});

test("a service starts after its dependencies are healthy or have completed", () => {
  for (const [name, { depends_on = {} }] of entries) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const expected = isStep(services[other]!) ? "service_completed_successfully" : "service_healthy";
      expect([name, other, condition]).toEqual([name, other, expected]);
    }
  }
  const needs = (name: string): string[] =>
    Object.keys(services[name]!.depends_on ?? {}).flatMap((other) => [other, ...needs(other)]);
  const others = entries.map(([name]) => name).filter((name) => name !== "front" && name !== "temporal-ui");
  expect(new Set(needs("front"))).toEqual(new Set(others));
});

test("PostgreSQL has the settings of the local file", () => {
  expect(services.postgres!.command).toEqual(local.services.postgres!.command!);
  const { POSTGRES_INITDB_ARGS } = local.services.postgres!.environment!;
  expect(services.postgres!.environment!.POSTGRES_INITDB_ARGS).toBe(POSTGRES_INITDB_ARGS!);
});

test("Temporal's dynamic settings and search attributes are those of the local file", async () => {
  const words = local.services.temporal!.command!;
  const settings = Bun.YAML.parse(await Bun.file(join(rootDirectory, "deploy/compose/temporal.yaml")).text());
  const dynamic = Object.entries(settings as Record<string, { value: number }[]>);
  expect(dynamic.length).toBeGreaterThan(0);
  for (const [key, [{ value }]] of dynamic as [string, [{ value: number }]][]) {
    expect(words).toContain(`--dynamic-config-value=${key}=${value}`);
  }
  const script = await Bun.file(join(rootDirectory, "deploy/compose/temporalNamespace.sh")).text();
  const registered = /for attribute in (.+);/.exec(script)![1]!.split(" ");
  const expected = words
    .filter((word) => word.startsWith("--search-attribute="))
    .map((word) => word.replace(/^.*?=/, ""));
  expect(registered).toEqual(expected);
});

test("both processes have one configuration, stand behind the front and end within their grace period", async () => {
  const [first, second] = saldos.map(({ networks, ...rest }) => rest);
  expect(first).toEqual(second!);
  const upstream = await Bun.file(join(rootDirectory, "deploy/front/compose/upstream.conf")).text();
  const addresses = saldos.map(
    ({ networks }) => (networks as Record<string, { ipv4_address: string }>).front!.ipv4_address,
  );
  const behind = [...upstream.matchAll(/^server (\S+):(\d+) max_fails=0;$/gm)].map(([, address]) => address);
  expect(behind).toEqual(addresses);
  const { STOP_DELAY } = saldos[0]!.environment!;
  expect(saldos[0]!.stop_grace_period).toBe(`${Number(STOP_DELAY) + 20}s`);
});

test("the files of the secrets script are those that the services mount, and Saldo starts with them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "saldo-secrets."));
  try {
    const script = join(rootDirectory, "deploy/compose/secrets.sh");
    expect(await runTool(["sh", script, folder])).toContain("jwt_public_key");
    await Bun.write(join(folder, "jwt_public_key"), readKeys().JWT_PUBLIC_KEY);
    const made = Object.fromEntries(readdirSync(folder).map((name) => [name, Bun.file(join(folder, name))]));
    const before = await made.database_url!.text();
    await runTool(["sh", script, folder]);
    expect(await made.database_url!.text()).toBe(before);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const missing = Object.keys(secrets).filter((name) => !(name in made));
    expect(new Set(missing)).toEqual(new Set(["front_certificate", "front_key"]));

    const [{ environment = {} }] = saldos as [Service];
    const given = Object.entries(environment).map(([name, value]) => [
      name,
      replace(value).replace("/run/secrets", folder),
    ]);
    expect(loadConfig(Object.fromEntries(given)).publicUrl).toBe(SET.PUBLIC_URL!);
    const [database, owner] = [new URL(before), new URL(await made.owner_database_url!.text())];
    expect(database.password).toBe(await made.postgres_service_password!.text());
    expect(owner.password).toBe(await made.postgres_owner_password!.text());
    expect([database.hostname, owner.hostname]).toEqual(["postgres", "postgres"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("every variable of a process is one that Saldo reads", async () => {
  const source = await readConfigSources();
  for (const name of Object.keys(saldos[0]!.environment!)) {
    expect([name, source.includes(name.replace(/_FILE$/, ""))]).toEqual([name, true]);
  }
});

test("every file and secret that a service mounts exists and is declared", () => {
  for (const [name, { volumes = [], secrets: used = [] }] of entries) {
    for (const volume of volumes.filter((one) => one.startsWith("./"))) {
      expect([name, volume, existsSync(join(rootDirectory, volume.split(":")[0]!))]).toEqual([name, volume, true]);
    }
    for (const secret of used) expect([name, secrets[secret]]).toEqual([name, { file: `./secrets/${secret}` }]);
  }
  const used = new Set(entries.flatMap(([, service]) => service.secrets ?? []));
  expect(used).toEqual(new Set(Object.keys(secrets)));
});
