import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { brokerCommand, formatLog, installKafka, toProperties } from "./kafkaPrograms.ts";
import { type Part, plainEnvironment } from "./part.ts";
import type { Site } from "./site.ts";

/** Settings of a broker of a test, beyond those of the local stack. */
interface Further {
  settings: Record<string, string>;
  ports: number[];
  storageOptions: string[];
}

const brokerNames = ["kafka", "kafka-2", "kafka-3"] as const;
type BrokerName = (typeof brokerNames)[number];

/** The brokers of the stack: one, or three in a cluster. */
export function brokerPorts(site: Site): number[] {
  const count = site.isCluster ? brokerNames.length : 1;
  return Array.from({ length: count }, (_, index) => site.ports.kafka + 2 * index);
}

/** All brokers that a stack can have. */
export function createKafkaBrokers(site: Site): Record<BrokerName, Part> {
  const parts = brokerNames.map((name) => [name, createKafka(site, undefined, name)]);
  return Object.fromEntries(parts) as Record<BrokerName, Part>;
}

/**
 * A broker that is also a controller (KRaft).
 * In a cluster two of three store each message before its acknowledgement.
 */
export function createKafka(
  site: Site,
  further: Further = { settings: {}, ports: [], storageOptions: [] },
  name: BrokerName = "kafka",
): Part {
  const nodeId = brokerNames.indexOf(name) + 1;
  const port = site.ports.kafka + 2 * (nodeId - 1);
  const controllerPort = port + 1;
  const ports = brokerPorts(site);
  const replicas = `${ports.length}`;
  const insyncReplicasMin = `${Math.ceil(ports.length / 2)}`;
  const directory = site.dataDirectory(name);
  const settingsFile = join(directory, "server.properties");
  const logDirectory = join(directory, "log");
  const settings = {
    "node.id": `${nodeId}`,
    "process.roles": "broker,controller",
    "controller.quorum.voters": ports.map((one, index) => `${index + 1}@127.0.0.1:${one + 1}`).join(","),
    "controller.listener.names": "CONTROLLER",
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "log.dirs": logDirectory,
    "default.replication.factor": replicas,
    "min.insync.replicas": insyncReplicasMin,
    // Saldo creates its topic: any other topic is a mistake.
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": replicas,
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": insyncReplicasMin,
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": insyncReplicasMin,
    // A killed broker can register again only after its old session ends. The default is 9 s.
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "2000",
    // Groups have one consumer here, so the first one does not wait for others.
    "group.initial.rebalance.delay.ms": "0",
    ...further.settings,
  };

  return {
    name,
    title: name === "kafka" ? "Kafka" : `Kafka's broker ${nodeId}`,
    address: `127.0.0.1:${port}`,
    ports: [port, controllerPort, ...further.ports],
    programs: ["java"],
    stopSignal: "SIGTERM",
    async prepare() {
      await installKafka(checkBroker);
      mkdirSync(directory, { recursive: true });
      writeFileSync(settingsFile, toProperties(settings));
      await formatStorage(settingsFile, logDirectory, further.storageOptions);
    },
    async launch() {
      return {
        command: brokerCommand(settingsFile),
        environment: plainEnvironment,
        directory,
        revision: JSON.stringify(settings),
      };
    },
    check: () => checkBroker(port),
  };
}

/**
 * Checks the coordinator of consumer groups, which loads last.
 * The broker returns metadata earlier, before it can serve clients.
 */
async function checkBroker(port: number): Promise<void> {
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    clientId: "saldo-dev",
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    // kafkajs learns the brokers' addresses from the metadata, so that is read first.
    await admin.describeCluster();
    await admin.describeGroups(["saldo-dev"]);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Formats the log folder once, and then writes a marker file.
 * Kafka's own marker is written first, so it does not prove that formatting ended.
 */
async function formatStorage(settingsFile: string, logDirectory: string, options: string[]): Promise<void> {
  const formatted = join(logDirectory, "..", "formatted");
  if (existsSync(formatted)) return;
  rmSync(logDirectory, { recursive: true, force: true });
  await formatLog(settingsFile, options);
  writeFileSync(formatted, "");
}
