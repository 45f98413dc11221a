import { connect } from "node:net";
import {
  type Client,
  defaultPayloadConverter,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { v7 as uuidv7 } from "uuid";
import type { CarrierInput } from "../ledger/carriers.ts";
import type { Operation } from "../ledger/operations.ts";
import { withTimeout } from "../lib/timeout.ts";
import type { carrier } from "../workflows/carrier.ts";
import { carrierType, isCarrierType, TASK_QUEUE } from "../workflows/contract.ts";
import { memo, searchAttributes, searchValues, summarize } from "../workflows/display.ts";
import type { reservation } from "../workflows/reservation.ts";
import { DispatchError } from "./dispatchError.ts";

const CONNECT_TIMEOUT_MS = 300;
/** How long the client retries a start of unknown outcome, under the same id. */
const START_TIMEOUT_MS = 2_000;
const READ_TIMEOUT_MS = 1_500;

export type Carriers = ReturnType<typeof createCarriers>;

export type CarriersOptions = {
  /** Undefined until the first connection to Temporal. */
  client(): Client | undefined;
  /** host:port of the Temporal frontend. */
  temporalAddress: string;
  currency: string;
  /** Eager start: the response contains the first workflow task. Needs a worker that shares the client's connection. */
  eager: boolean;
};

/** Starts carriers on Temporal and reads their state. */
export function createCarriers({ client, temporalAddress, currency, eager }: CarriersOptions) {
  function connectedClient(): Client {
    const connected = client();
    if (!connected) throw new DispatchError("temporal_unavailable");
    return connected;
  }

  /** Whether the last start failed. Only then the next start probes the server's port first. */
  let hasFailed = false;

  async function startAs(workflowId: string, input: CarrierInput, requestIds: readonly string[]): Promise<string> {
    const { operations, isAtomic } = input;
    const started = connectedClient().workflow.start<typeof carrier | typeof reservation>(carrierType(operations), {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [input],
      // An atomic batch's id depends on all its operations: a running carrier has the same. A saga's id depends only on
      // its first reservation.
      workflowIdConflictPolicy: isAtomic ? "USE_EXISTING" : "FAIL",
      workflowIdReusePolicy: "ALLOW_DUPLICATE",
      requestEagerStart: eager,
      staticSummary: summarize(operations, currency),
      typedSearchAttributes: searchAttributes(searchValues(operations)),
      memo: memo(requestIds),
    });
    await withTimeout("Temporal", START_TIMEOUT_MS, started);
    return workflowId;
  }

  return {
    /**
     * Starts the carrier for the requests with these ids. The client retries a start without a response under the same
     * id.
     * @returns the carrier's id, a new one where a running saga has the given id
     * @throws DispatchError `temporal_unavailable` where nothing was sent or the server refused the start;
     * `outcome_unknown` where the start may have arrived
     */
    async start(workflowId: string, input: CarrierInput, requestIds: readonly string[]): Promise<string> {
      // The client's errors do not prove that nothing was sent: it retries refused starts itself.
      if (hasFailed) await assertReachable(temporalAddress);
      try {
        const id = await startAs(workflowId, input, requestIds).catch((error: unknown) => {
          // A request repeats a reservation whose saga is running; that saga has other operations.
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          return startAs(`reservation-${uuidv7()}`, input, requestIds);
        });
        hasFailed = false;
        return id;
      } catch (error) {
        hasFailed = true;
        if (error instanceof DispatchError) throw error;
        throw new DispatchError(wasRefused(error) ? "temporal_unavailable" : "outcome_unknown", { cause: error });
      }
    },

    /** Whether the workflow is a running carrier. @throws where Temporal does not respond in time */
    async isRunning(workflowId: string): Promise<boolean> {
      try {
        const handle = connectedClient().workflow.getHandle(workflowId);
        const { status, type } = await withTimeout("Temporal", READ_TIMEOUT_MS, handle.describe());
        return status.name === "RUNNING" && isCarrierType(type);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    /**
     * The operations in the workflow's input, empty if it is not a carrier.
     * @throws where Temporal does not respond in time
     */
    async readOperations(workflowId: string): Promise<Operation[]> {
      const { workflowService, options } = connectedClient();
      const { history } = await withTimeout(
        "Temporal",
        READ_TIMEOUT_MS,
        workflowService.getWorkflowExecutionHistory({
          namespace: options.namespace,
          execution: { workflowId },
          maximumPageSize: 1,
        }),
      );
      const payload = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
      return payload ? (defaultPayloadConverter.fromPayload<Partial<CarrierInput>>(payload).operations ?? []) : [];
    },
  };
}

/**
 * gRPC statuses that prove that the server did not start the workflow. A setting is wrong or a limit reached:
 * INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, UNAUTHENTICATED.
 */
const REFUSALS: ReadonlySet<number> = new Set([3, 5, 7, 8, 9, 16]);

function wasRefused(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && REFUSALS.has(cause.code);
}

/** Probes the server by a TCP connection. @throws DispatchError where it fails; then nothing was sent */
async function assertReachable(temporalAddress: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${temporalAddress}`);
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error) => {
      socket.destroy();
      reject(new DispatchError("temporal_unavailable", { cause }));
    };
    const socket = connect({ host: hostname, port: Number(port), timeout: CONNECT_TIMEOUT_MS }, () => {
      socket.destroy();
      resolve();
    });
    socket.on("timeout", () => refuse(new Error(`${temporalAddress} did not answer within ${CONNECT_TIMEOUT_MS} ms`)));
    socket.on("error", refuse);
  });
}
