import { beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { readKeys } from "../../scripts/keys.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { loadConfig } from "../../src/config.ts";
import { readConfigSources } from "../support/config/sources.ts";
import { buildKustomization, type Manifest, validateObjects } from "../support/deploy/kubernetes.ts";

const EXAMPLE = "deploy/kubernetes/overlays/example";
/** The oldest supported version of Kubernetes, and the newest that the validator has schemas of. */
const VERSIONS = ["1.34", "1.37"];

const read = (path: string) => Bun.file(join(rootDirectory, path)).text();
type Built = Awaited<ReturnType<typeof buildKustomization>>;
let service: Built;
let migrate: Built;
let all: Manifest[];

beforeAll(async () => {
  [service, migrate] = await Promise.all([buildKustomization(EXAMPLE), buildKustomization(`${EXAMPLE}/migrate`)]);
  all = [...service.objects, ...migrate.objects];
}, 300_000);

function find(kind: string, name: string): Manifest {
  const found = all.find((one) => one.kind === kind && one.metadata.name.replace(/-[a-z0-9]{10}$/, "") === name);
  if (!found) throw new Error(`There is no ${kind} ${name}`);
  return found;
}

const podOf = (kind: string, name: string) => find(kind, name).spec.template.spec;
const pods = () => [podOf("Deployment", "saldo"), podOf("Deployment", "saldo-front"), podOf("Job", "saldo-migrate")];
const containersOf = (pod: ReturnType<typeof podOf>) => [...(pod.initContainers ?? []), ...pod.containers];
const policyPorts = (rules: { ports: { port: number }[] }[]) =>
  rules.flatMap(({ ports }) => ports.map(({ port }) => port));

test("the built kustomization is valid for the API of each supported Kubernetes version", async () => {
  const folder = mkdtempSync(join(tmpdir(), "saldo-kubernetes."));
  try {
    const [valid, broken] = [join(folder, "valid.yaml"), join(folder, "broken.yaml")];
    await Bun.write(valid, `${service.text}---\n${migrate.text}`);
    await Bun.write(broken, service.text.replace("minReadySeconds", "minReadySecond"));
    await Promise.all(VERSIONS.map((version) => validateObjects(valid, version)));
    await expect(validateObjects(broken, VERSIONS[0]!)).rejects.toThrow("minReadySecond");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);

test("the configuration is one that Saldo starts with, its secrets from mounted files", async () => {
  const { data = {} } = find("ConfigMap", "saldo");
  const [container] = podOf("Deployment", "saldo").containers;
  expect(container.envFrom).toEqual([{ configMapRef: { name: find("ConfigMap", "saldo").metadata.name } }]);
  const [{ mountPath }] = container.volumeMounts;
  const folder = mkdtempSync(join(tmpdir(), "saldo-secrets."));
  try {
    const values = { database_url: "postgres://a@b/c", redis_url: "redis://r", signing_key: readKeys().SIGNING_KEY };
    for (const [name, value] of Object.entries(values)) await Bun.write(join(folder, name), value);
    const given = Object.entries(data).map(([name, value]) => [name, value.replace(mountPath, folder)]);
    const config = loadConfig(Object.fromEntries(given));
    expect([config.role, config.port]).toEqual(["all", container.ports[0].containerPort]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const source = await readConfigSources();
  for (const name of Object.keys(data)) {
    expect([name, source.includes(name.replace(/_FILE$/, ""))]).toEqual([name, true]);
  }
});

test("at least two processes stop within their grace period, and are probed on the health routes", () => {
  const { replicas, template } = find("Deployment", "saldo").spec;
  expect(replicas).toBeGreaterThanOrEqual(2);
  const stopDelay = Number(find("ConfigMap", "saldo").data!.STOP_DELAY);
  const pod = template.spec;
  expect(pod.terminationGracePeriodSeconds).toBe(stopDelay + 20);
  const [{ startupProbe, livenessProbe, readinessProbe }] = pod.containers;
  const paths = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => `${httpGet.path} ${httpGet.port}`);
  expect(paths).toEqual(["/healthz http", "/healthz http", "/readyz http"]);
  // A balancer has noticed the 503 of /readyz before the process takes no more connections.
  expect(readinessProbe.periodSeconds * readinessProbe.failureThreshold).toBeLessThan(stopDelay);
  for (const name of ["saldo", "saldo-front"]) expect(find("PodDisruptionBudget", name).spec.maxUnavailable).toBe(1);
});

test("every container is unprivileged, has a read-only root and limits, and no token of the cluster", () => {
  for (const pod of pods()) {
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext, resources } of containersOf(pod)) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(Object.keys(resources.limits)).toEqual(["cpu", "memory"]);
    }
  }
});

test("secrets are mounted read-only, and only the migration gets the owner's", () => {
  expect(all.filter(({ kind }) => kind === "Secret")).toEqual([]);
  const secretsOf = (pod: ReturnType<typeof podOf>) =>
    pod.volumes.flatMap(({ secret }: { secret?: { secretName: string } }) => secret?.secretName ?? []);
  expect(pods().map(secretsOf)).toEqual([["saldo"], [], ["saldo-owner"]]);
  for (const container of pods().flatMap(containersOf)) {
    const mounts = container.volumeMounts as { name: string; readOnly?: boolean; subPath?: string }[];
    for (const mount of mounts.filter(({ name }) => name === "secrets")) {
      expect([mount.readOnly, mount.subPath]).toEqual([true, undefined]);
    }
    expect(container.env).toBeUndefined();
  }
});

test("images have the versions of the compose files, and migration and processes the same", async () => {
  const images = pods()
    .flatMap(containersOf)
    .map(({ image }) => image);
  const compose = `${await read("docker-compose.yml")}${await read("docker-compose.production.yml")}`;
  const saldo = `registry.example.com/saldo:${manifest.version}`;
  expect(images.filter((image) => image === saldo)).toHaveLength(2);
  for (const image of images.filter((one) => one !== saldo)) expect(compose).toContain(`image: ${image}\n`);
});

test("the migration takes the files of its own image, with the options of the compose file", async () => {
  const { initContainers, containers } = podOf("Job", "saldo-migrate");
  const [, ...words] = initContainers[0].command;
  expect(words).toEqual(["-r", "db/migrations/.", "/migrations"]);
  expect(await read("Dockerfile")).toMatch(/^COPY db\/migrations db\/migrations$/m);
  const compose = Bun.YAML.parse(await read("docker-compose.production.yml")) as {
    services: { migrate: { entrypoint: string[]; command: string[] } };
  };
  const { entrypoint, command } = compose.services.migrate;
  expect(containers[0].args).toEqual(command);
  const script = (words: string[]) => words[2]!.replaceAll("$$", "$").replace("/saldo/", "/");
  expect(script(containers[0].command)).toBe(script(entrypoint));
});

test("requests reach Saldo only through the front, and metrics only Prometheus", async () => {
  const selectorOf = (name: string) => find("Deployment", name).spec.selector.matchLabels;
  const { ingress, podSelector, egress } = find("NetworkPolicy", "saldo-service").spec;
  expect(podSelector.matchLabels).toMatchObject(selectorOf("saldo"));
  const [front, prometheus] = ingress[0].from;
  expect(front.podSelector.matchLabels).toMatchObject(selectorOf("saldo-front"));
  expect(prometheus.namespaceSelector.matchLabels).toEqual({ "kubernetes.io/metadata.name": "monitoring" });
  expect([ingress.length, policyPorts(ingress)]).toEqual([1, [3000]]);
  expect(policyPorts(egress)).toEqual([5432, 6379, 9092, 7233, 443]);
  for (const name of ["saldo-front", "saldo-migrate", "saldo-default"]) find("NetworkPolicy", name);
  const backend = find("Ingress", "saldo").spec.rules[0].http.paths[0].backend.service;
  expect([backend.name, find("Service", backend.name).spec.ports[0].name]).toEqual(["saldo-front", backend.port.name]);
  const { template } = find("Deployment", "saldo").spec;
  expect(template.metadata.annotations).toMatchObject({
    "prometheus.io/scrape": "true",
    "prometheus.io/port": `${template.spec.containers[0].ports[0].containerPort}`,
    "prometheus.io/path": "/metrics",
  });
});

test("the front has the shared configuration, listens on its port and sends to Saldo's Service", async () => {
  const { data = {}, metadata } = find("ConfigMap", "saldo-front");
  expect(data["nginx.conf"]).toBe(await read("deploy/front/nginx.conf"));
  const pod = podOf("Deployment", "saldo-front");
  const [{ ports, livenessProbe, lifecycle, command }] = pod.containers;
  expect(data["listen.conf"]).toContain(`listen ${ports[0].containerPort};`);
  const { metadata: target, spec } = find("Service", "saldo");
  // Twice, since nginx with a single peer has no next one.
  const peer = `server ${target.name}:${spec.ports[0].port} max_fails=0;`;
  expect(data["upstream.conf"]!.match(/^server .*$/gm)).toEqual([peer, peer]);
  expect(data["nginx.conf"]).toContain(`location = ${livenessProbe.httpGet.path} {`);
  expect(pod.volumes[0].configMap.name).toBe(metadata.name);
  const seconds = (name: string) => Number(new RegExp(`${name} (\\d+)s;`).exec(data["nginx.conf"]!)![1]);
  const grace = lifecycle.preStop.sleep.seconds + seconds("worker_shutdown_timeout");
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(grace);
  expect(seconds("proxy_read_timeout")).toBeGreaterThan(30);
  const compose = await read("docker-compose.production.yml");
  expect(compose).toContain(`entrypoint: [${command.join(", ")}]`);
});
