import { expect } from "bun:test";
import { ConfigError, loadConfig } from "../../../src/config.ts";

/** The error message of the configuration for this environment. */
export function refusalOf(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error("The configuration was accepted");
}
