import { connect } from "node:net";
import {
  type Client,
  defaultPayloadConverter,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import type { Operation } from "../ledger/operations.ts";
import { withTimeLimit } from "../timeLimit.ts";
import type { carrier } from "../workflows/carrier.ts";
import { type CarrierInput, carrierType, isCarrierType, TASK_QUEUE } from "../workflows/contract.ts";
import { memo, searchAttributes, summarize } from "../workflows/display.ts";
import type { reservation } from "../workflows/reservation.ts";
import { DispatchError } from "./dispatchError.ts";

// Together below two seconds, the longest that a caller waits for a plain answer.
const CONNECT_TIMEOUT_MS = 300;
const START_TIMEOUT_MS = 1_500;
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

  return {
    /**
     * Starts the carrier for the requests with these ids. Where an answer is lost, the client repeats the start by itself, under the same id.
     * @throws DispatchError `temporal_unavailable` where nothing was sent, or the server said no; `outcome_unknown` where a start may
     * have arrived.
     */
    async start(workflowId: string, input: CarrierInput, requestIds: readonly string[]): Promise<void> {
      const { operations } = input;
      await assertReachable(temporalAddress);
      const started = connectedClient().workflow.start<typeof carrier | typeof reservation>(carrierType(operations), {
        workflowId,
        taskQueue: TASK_QUEUE,
        args: [input],
        // The same id means the same operations: one carrier that runs is enough, and one that is over does no harm, since the ledger
        // knows what it has stored.
        workflowIdConflictPolicy: "USE_EXISTING",
        workflowIdReusePolicy: "ALLOW_DUPLICATE",
        requestEagerStart: eager,
        staticSummary: summarize(operations, currency),
        typedSearchAttributes: searchAttributes(operations),
        memo: memo(requestIds),
      });
      try {
        await withTimeLimit("Temporal", START_TIMEOUT_MS, started);
      } catch (error) {
        throw new DispatchError(wasRefused(error) ? "temporal_unavailable" : "outcome_unknown", { cause: error });
      }
    },

    /** Whether the workflow is a carrier that is under way. @throws where Temporal does not answer. */
    async isRunning(workflowId: string): Promise<boolean> {
      try {
        const handle = connectedClient().workflow.getHandle(workflowId);
        const { status, type } = await withTimeLimit("Temporal", LOOK_TIMEOUT_MS, handle.describe());
        return status.name === "RUNNING" && isCarrierType(type);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    /** The operations that the workflow was started with; none where it is no carrier. @throws where Temporal does not answer. */
    async readOperations(workflowId: string): Promise<Operation[]> {
      const { workflowService, options } = connectedClient();
      const { history } = await withTimeLimit(
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

/**
 * A knock on Temporal's door before anything is sent, which is what lets an answer say for certain that nothing was. The client's own
 * errors cannot: it repeats a refused start by itself for seconds, and one of its repetitions may arrive after the caller was answered.
 */
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
