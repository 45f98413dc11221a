import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pollUntil } from "../../src/lib/polling.ts";
import { printPart } from "../terminal.ts";
import { devDirectory, rootDirectory, StackError } from "./site.ts";
import { ensureFolder, ensureTools, locateTool, runTool } from "./tools.ts";

/** The same version as in scripts/stack/kafka.pom.xml. */
const version = "4.1.1";
const jarDirectory = join(devDirectory, "kafka", version);
/** The classes of a broker, which the JVM maps into memory (class data sharing). */
const classArchive = join(devDirectory, "kafka", `${version}-classes`, "broker.jsa");

const clusterId = "c2FsZG8tbG9jYWwtMDAwMQ";
const START_TIMEOUT_MS = 60_000;

/** Installs Kafka. `check` succeeds once the broker at a port serves clients. */
export async function installKafka(check: (port: number) => Promise<void>): Promise<void> {
  await ensureTools("java");
  await ensureFolder(jarDirectory, download);
  await ensureFolder(dirname(classArchive), (folder) => archiveClasses(folder, check));
}

/** The command of a broker. A start without the archive, or with one of another JVM, takes twice the processor time. */
export function brokerCommand(settingsFile: string, archiving = `-XX:SharedArchiveFile=${classArchive}`): string[] {
  return [
    locateTool("java"),
    ...["-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", archiving],
    ...["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"],
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
    ...["-cp", join(jarDirectory, "*"), "kafka.Kafka", settingsFile],
  ];
}

/** Formats the log folder that the settings name. */
export async function formatLog(settingsFile: string, options: string[]): Promise<void> {
  const jvm = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", `-XX:SharedArchiveFile=${classArchive}`];
  const tool = [...jvm, "-cp", join(jarDirectory, "*"), "kafka.tools.StorageTool"];
  await runTool([...tool, "format", "--cluster-id", clusterId, "--config", settingsFile, ...options]);
}

/** Starts a broker, which writes the archive as it stops. */
async function archiveClasses(folder: string, check: (port: number) => Promise<void>): Promise<void> {
  printPart("kafka", "archiving its classes");
  const directory = join(folder, "broker");
  const settingsFile = join(directory, "server.properties");
  const [port, controllerPort] = [findFreePort(), findFreePort()];
  const settings = {
    "node.id": "1",
    "process.roles": "broker,controller",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "log.dirs": join(directory, "log"),
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
  };
  mkdirSync(directory);
  writeFileSync(settingsFile, toProperties(settings));
  await formatLog(settingsFile, []);
  const archiving = `-XX:ArchiveClassesAtExit=${join(folder, "broker.jsa")}`;
  const broker = Bun.spawn(brokerCommand(settingsFile, archiving), { stdio: ["ignore", "ignore", "ignore"] });
  try {
    const isUp = await pollUntil(50, Date.now() + START_TIMEOUT_MS, async () => {
      if (broker.exitCode !== null) throw new StackError("Kafka did not start.");
      return await check(port).then(
        () => true,
        () => undefined,
      );
    });
    if (!isUp) throw new StackError("Kafka did not start.");
  } finally {
    broker.kill("SIGTERM");
    await broker.exited;
  }
  rmSync(directory, { recursive: true });
}

export function toProperties(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

function findFreePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop();
  return listener.port;
}

async function download(folder: string): Promise<void> {
  printPart("kafka", `downloading ${version}`);
  await ensureTools("java", "mvn");
  await runTool([
    ...["mvn", "--quiet", "--batch-mode", "--file", join(rootDirectory, "scripts/stack/kafka.pom.xml")],
    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
    `-DoutputDirectory=${folder}`,
  ]);
}
