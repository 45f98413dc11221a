import { createLog } from "./log.ts";
import { captureConsole } from "./processOutput.ts";

// Loaded before a thread of Temporal's SDK and the publisher's, with the parameters of `threadLogging`.

const [logLevel = "info", role = "all"] = process.argv.slice(-2);
captureConsole(createLog({ logLevel, role }));
