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
/** So long the client repeats a start of unknown outcome under the same id; then the caller has to. */
const START_TIMEOUT_MS = 2_000;
const LOOK_TIMEOUT_MS = 1_500;

export type Carriers = ReturnType<typeof createCarriers>;

export type CarriersOptions = {
  /** Undefined while Temporal has not been reached yet. */
  client(): Client | undefined;
  /** host:port of the Temporal frontend. */
  temporalAddress: string;
  currency: string;
  /** Whether a worker of this process shares the client's connection, and may be handed a workflow with the answer to its start. */
  eager: boolean;
};

/** Starts carriers on Temporal, and looks at them. */
export function createCarriers({ client, temporalAddress, currency, eager }: CarriersOptions) {
  function connectedClient(): Client {
    const connected = client();
    if (!connected) throw new DispatchError("temporal_unavailable");
    return connected;
  }

  /** Whether the last start failed: only then is the server's port probed before a start. */
  let hasFailed = false;

  async function startAs(workflowId: string, input: CarrierInput, requestIds: readonly string[]): Promise<string> {
    const { operations, isAtomic } = input;
    const started = connectedClient().workflow.start<typeof carrier | typeof reservation>(carrierType(operations), {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [input],
      // An atomic batch's id names all of its operations, so that a carrier that runs is enough. A saga's names only the first.
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
     * Starts the carrier for the requests with these ids. Where an answer is lost, the client repeats the start under the same id.
     * @returns the carrier's id: another one where a running saga has it already
     * @throws DispatchError `temporal_unavailable` where nothing was sent, or the server refused; `outcome_unknown` where a start may have
     * arrived
     */
    async start(workflowId: string, input: CarrierInput, requestIds: readonly string[]): Promise<string> {
      // The client's own errors cannot prove that nothing was sent: it repeats a refused start by itself for seconds.
      if (hasFailed) await assertReachable(temporalAddress);
      try {
        const id = await startAs(workflowId, input, requestIds).catch((error: unknown) => {
          // The first reservation of the list is repeated while its saga runs, which has other operations.
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

    /** Whether the workflow is a carrier that is under way. @throws where Temporal does not answer. */
    async isRunning(workflowId: string): Promise<boolean> {
      try {
        const handle = connectedClient().workflow.getHandle(workflowId);
        const { status, type } = await withTimeout("Temporal", LOOK_TIMEOUT_MS, handle.describe());
        return status.name === "RUNNING" && isCarrierType(type);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    /** The operations that the workflow was started with; none where it is no carrier. @throws where Temporal does not answer. */
    async readOperations(workflowId: string): Promise<Operation[]> {
      const { workflowService, options } = connectedClient();
      const { history } = await withTimeout(
        "Temporal",
        LOOK_TIMEOUT_MS,
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
 * The gRPC statuses with which a server says that it did not start the workflow, a setting being wrong or a limit reached:
 * INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, UNAUTHENTICATED.
 */
const REFUSALS: ReadonlySet<number> = new Set([3, 5, 7, 8, 9, 16]);

function wasRefused(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && REFUSALS.has(cause.code);
}

/** Opens a TCP connection to the server. @throws DispatchError where it does not: then nothing was sent */
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
