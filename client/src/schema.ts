// Generated from docs/reference/openapi.json by ./dev contracts.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check whether the process is alive
         * @description Needs no token.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check whether the process accepts requests, with the state of its dependencies
         * @description Needs no token.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the metrics in the Prometheus text format
         * @description Needs no token.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deposits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Credit a user
         * @description Money that comes in from outside, for example from a card. The first credit creates the account.
         *
         *     Scope: `funds:write`.
         */
        post: operations["deposit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/withdrawals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Debit a user
         * @description Money that is paid out, for example to a card. Declined where the available balance does not cover it.
         *
         *     Scope: `funds:write`.
         */
        post: operations["withdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/transfers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move money from one user to another
         * @description One transaction: the debit and the credit happen together or not at all. Creates the receiver's account.
         *
         *     Scope: `funds:write`.
         */
        post: operations["transfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find reservations of all users
         * @description By `state`, by `orderId`, or by both. Those of an order come by user, service and age. Expired ones come with the latest deadline first, open and overdue ones with the earliest. An extension moves a reservation to its new deadline.
         *
         *     Scope: `operations:read`.
         */
        get: operations["findReservations"];
        put?: never;
        /**
         * Reserve a user's money for a service of an order
         * @description Moves the amount from available to reserved, until it is recognized or released, or expires.
         *
         *     Scope: `reservations:write`.
         */
        post: operations["reserve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reservations/{reservationId}/recognitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Recognize reserved money as revenue: the remainder, or a part
         * @description Money that is not recognized is released at once, or stays reserved with `final: false`.
         *
         *     Scope: `reservations:write`.
         */
        post: operations["recognizeReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reservations/{reservationId}/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release reserved money to the user: the remainder, or a part
         * @description Scope: `reservations:write`.
         */
        post: operations["releaseReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reservations/{reservationId}/extensions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend the deadline of a reservation
         * @description The new deadline is now + `ttlSeconds`, or the old one if that is later.
         *
         *     Scope: `reservations:write`.
         */
        post: operations["extendReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reservations/{reservationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a reservation and its operations
         * @description Scope: `balance:read`.
         */
        get: operations["getReservation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{userId}/reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the reservations of a user, the newest first
         * @description Scope: `balance:read`.
         */
        get: operations["listReservations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recognitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Recognize a reservation by its four fields
         * @description Of the open reservations with exactly this amount, it takes the one with the earliest deadline.
         *
         *     Scope: `reservations:write`.
         */
        post: operations["recognizeByFields"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release a reservation by its three fields
         * @description Takes the only open reservation. Of several with the same amount, it takes the one with the earliest deadline.
         *
         *     Scope: `reservations:write`.
         */
        post: operations["releaseByFields"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refund recognized money to the user
         * @description All that is not refunded yet, or a part. Repeatable; the sum never exceeds the recognized amount.
         *
         *     Scope: `refunds:write` or `funds:write`.
         */
        post: operations["refund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit many operations in one request
         * @description Up to 1000 operations of any kind in one workflow, applied in order, each with its own key and outcome. `atomic: true` completes all of them or none. Each operation needs the scope of its kind.
         *
         *     Scope: `funds:write` or `reservations:write` or `refunds:write`.
         */
        post: operations["submitBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/{operationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the state of an operation
         * @description Its outcome in the ledger, or `pending` while the workflow named in the query is running. 404 is no proof of failure: repeat the POST with the same key.
         *
         *     Scope: `balance:read`.
         */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find operations of all users, the newest first
         * @description Completed and declined ones that match all filters. Needs one of `orderId`, `userId`, `reservationId`, `serviceId`, `workflowId`, `reference`, `idempotencyKey`. A page may have fewer items than `limit` before the last one, where few operations match.
         *
         *     Scope: `operations:read`.
         */
        get: operations["listOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{userId}/balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the balance of a user
         * @description From the cache, which lags behind the ledger by milliseconds. `consistency=strong` reads the ledger. `at` reads the balance of a past time, which never changes afterwards.
         *
         *     Scope: `balance:read`.
         */
        get: operations["getBalance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{userId}/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the entries of a user's account
         * @description Send `nextCursor` as `cursor`, with the same order and filters, until it is null. Pages neither skip nor repeat an entry while new entries arrive; a list that starts again includes these. With `Accept: text/csv` the answer is the whole statement, without `limit` and `cursor`.
         *
         *     Scope: `balance:read`.
         */
        get: operations["listTransactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/services/{serviceId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Name or rename a service
         * @description The name applies from now on: statements show the present name, closed months keep theirs. Safe to repeat. A `serviceName` in a reservation names a service without a name, and never renames one.
         *
         *     Scope: `reservations:write`.
         */
        put: operations["nameService"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the services that have names, in the order of ids
         * @description Any token will do.
         */
        get: operations["listServices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/revenue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the revenue of a month
         * @description The first request for a month that has ended closes it, and waits up to 10 s for that. From then on, its report never changes. Refunds count in the month in which they are made. The file has one line for each service, or with `detail=orders` one for each recognition and refund.
         *
         *     Scope: `reports:read`.
         */
        get: operations["getRevenueReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/balances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the money owed to users before and after a month
         * @description The first request for a month that has ended closes it, and waits up to 10 s for that. From then on, its report never changes. opening + deposits − withdrawals − revenue + refunds = closing, and revenue − refunds is the total of the revenue report.
         *
         *     Scope: `reports:read`.
         */
        get: operations["getBalancesReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/revenue/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the revenue of a month by a signed link
         * @description CSV in UTF-8 with semicolons: `service name;total` in each line, no header. Of orders, a header and `service id;service name;order;user;operation;amount;time`.
         *
         *     Needs no token.
         */
        get: operations["downloadRevenueReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/balances/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the balances of a month by a signed link
         * @description CSV in UTF-8 with semicolons: a header and one line.
         *
         *     Needs no token.
         */
        get: operations["downloadBalancesReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Audit the ledger, the cache and the events now
         * @description Starts an audit, or joins the one that is running. It reports broken promises and publishes missing events. A schedule starts one every hour.
         *
         *     Scope: `audit`.
         */
        post: operations["runAudit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audits/latest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the result of the last finished audit
         * @description Scope: `audit`.
         */
        get: operations["getLatestAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AcceptedOperation: {
            operationId: components["schemas"]["OperationId"];
            workflowId: components["schemas"]["WorkflowId"];
            kind: components["schemas"]["SubmittedKind"];
            /** @enum {string} */
            status: "pending";
            reservationId?: components["schemas"]["ReservationId"];
            links: components["schemas"]["OperationLinks"];
        };
        /**
         * @description A decimal string greater than zero, with at most two decimals.
         * @example 150.00
         */
        Amount: string;
        Audit: {
            /**
             * Format: uuid
             * @description The run id of the audit workflow.
             * @example 019ab5a6-7c2e-7d6c-9f0e-3b5a3c6f1d20
             */
            auditId: string;
            /** @example audit */
            workflowId: string;
            /** @enum {string} */
            status: "finished";
            /**
             * @description `broken` with any finding; else `incomplete` if a part could not be checked; else `clean`.
             * @enum {string}
             */
            verdict: "clean" | "broken" | "incomplete";
            startedAt: components["schemas"]["Time"];
            finishedAt: components["schemas"]["Time"];
            /**
             * @description The number of checked items, by type.
             * @example {
             *       "accounts": 2,
             *       "entries": 14,
             *       "operations": 12,
             *       "reservations": 3,
             *       "cachedBalances": 2,
             *       "events": 14,
             *       "foreignEvents": 0
             *     }
             */
            checked: {
                [key: string]: number;
            };
            /** @description The parts that were unavailable, and are not checked. */
            notChecked: ("cache" | "events")[];
            /**
             * @description The number of findings; `findings` lists the first hundred.
             * @example 0
             */
            findingsTotal: number;
            findings: components["schemas"]["AuditFinding"][];
            /** @description The position up to which events are compared. After a clean audit, the next one starts there. */
            watermark: {
                /**
                 * @description The offsets by partition of `saldo.operations`.
                 * @example {
                 *       "0": "14"
                 *     }
                 */
                offsets: {
                    [key: string]: string;
                };
                ledgerAt: components["schemas"]["Time"];
            } | null;
            links: components["schemas"]["AuditLinks"];
        };
        AuditFinding: {
            /**
             * @description The number of the broken promise: see docs/operating/audit.md.
             * @example 2
             */
            promise: number;
            /**
             * @description The finding as a sentence.
             * @example Entry 3 of account anna has no entry 2 before it.
             */
            sentence: string;
            /**
             * @description The user of the account.
             * @example anna
             */
            accountId?: string;
            /** @example 6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11 */
            operationId?: string;
            /** @example b3410ed0-8de4-8f8a-bf54-4a34642bf289 */
            reservationId?: string;
            /**
             * @description The carrier with events that are not published.
             * @example carrier-1
             */
            workflowId?: string;
            /** @example 2026-10 */
            month?: string;
        };
        AuditLinks: {
            /**
             * @description The last finished audit.
             * @example /v1/audits/latest
             */
            audit: string;
            /**
             * @description The workflow in the Temporal Web UI.
             * @example http://localhost:8233/namespaces/default/workflows/audit
             */
            temporal: string;
        };
        AuditRunning: {
            /**
             * Format: uuid
             * @description The run id of the audit workflow.
             * @example 019ab5a6-7c2e-7d6c-9f0e-3b5a3c6f1d20
             */
            auditId: string;
            /** @example audit */
            workflowId: string;
            /** @enum {string} */
            status: "running";
            links: components["schemas"]["AuditLinks"];
        };
        /** @description The balance at the time `asOf`. */
        Balance: {
            userId: components["schemas"]["UserId"];
            available: components["schemas"]["Money"];
            reserved: components["schemas"]["Money"];
            /**
             * @description The number of entries of the account up to this balance; 0 before the first.
             * @example 7
             */
            version: number;
            /**
             * @description The currency of all amounts.
             * @example RUB
             */
            currency: string;
            asOf: components["schemas"]["Time"];
            /**
             * @description The store that the balance was read from.
             * @enum {string}
             */
            source: "cache" | "ledger";
        };
        /** @description The balance after the operation; after a transfer, the sender's. */
        BalanceAfter: {
            available: components["schemas"]["Money"];
            reserved: components["schemas"]["Money"];
            /**
             * @description The account's version: the number of its entries up to this balance.
             * @example 7
             */
            version: number;
        };
        /** @description closing = opening + deposits − withdrawals − revenue + refunds. */
        BalancesReport: {
            month: components["schemas"]["Month"];
            status: components["schemas"]["ReportStatus"];
            /**
             * @description A link to the file. It needs no token, and is valid for an hour unless configured otherwise.
             * @example http://localhost:3000/v1/reports/balances/2026-10.csv?expires=1793530800&signature=…
             */
            url: string;
            sha256: components["schemas"]["Sha256"];
            generatedAt: components["schemas"]["Time"];
            currency: components["schemas"]["Currency"];
            opening: components["schemas"]["Owed"];
            /**
             * @description Deposited in the month.
             * @example 2500.00
             */
            deposits: string;
            /**
             * @description Withdrawn in the month.
             * @example 400.00
             */
            withdrawals: string;
            /**
             * @description Recognized in the month, refunds not deducted.
             * @example 1520.00
             */
            revenue: string;
            /**
             * @description Refunded in the month.
             * @example 20.00
             */
            refunds: string;
            closing: components["schemas"]["Owed"];
        };
        BatchAnswer: {
            /** @description The workflow that carries, or carried, the batch. */
            workflowId: string;
            links: components["schemas"]["BatchLinks"];
            /** @description In the order of the request. */
            operations: components["schemas"]["BatchedOperation"][];
        };
        BatchItem: components["schemas"]["BatchedDeposit"] | components["schemas"]["BatchedWithdrawal"] | components["schemas"]["BatchedTransfer"] | components["schemas"]["BatchedReservation"] | components["schemas"]["BatchedRecognition"] | components["schemas"]["BatchedRelease"] | components["schemas"]["BatchedExtension"] | components["schemas"]["BatchedRefund"] | components["schemas"]["BatchedRecognitionById"] | components["schemas"]["BatchedReleaseById"];
        BatchLinks: {
            /** @description The workflow in the Temporal Web UI. */
            temporal: string;
        };
        BatchRequest: {
            /** @description Applied in this order. */
            operations: components["schemas"]["BatchItem"][];
            /** @description Whether all operations complete or none does; false by default. */
            atomic?: boolean;
        };
        BatchedDeposit: {
            /** @enum {string} */
            kind: "deposit";
            idempotencyKey: components["schemas"]["BatchedKey"];
            userId: components["schemas"]["UserId"];
            amount: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            source?: components["schemas"]["Source"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        BatchedExtension: {
            /** @enum {string} */
            kind: "extension";
            idempotencyKey: components["schemas"]["BatchedKey"];
            reservationId: components["schemas"]["ReservationId"];
            ttlSeconds: components["schemas"]["TtlSeconds"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        /**
         * @description The operation's own Idempotency-Key.
         * @example payout-2026-11-23-0001
         */
        BatchedKey: string;
        BatchedOperation: components["schemas"]["AcceptedOperation"] | components["schemas"]["CompletedOperation"] | components["schemas"]["DeclinedOperation"] | components["schemas"]["MismatchedOperation"];
        BatchedRecognition: {
            /** @enum {string} */
            kind: "recognition";
            idempotencyKey: components["schemas"]["BatchedKey"];
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            orderId: components["schemas"]["OrderId"];
            amount: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        BatchedRecognitionById: {
            /** @enum {string} */
            kind: "recognition";
            idempotencyKey: components["schemas"]["BatchedKey"];
            reservationId: components["schemas"]["ReservationId"];
            amount?: components["schemas"]["Amount"];
            /**
             * @description Whether the remainder is released at once (the default) or stays reserved.
             * @example true
             */
            final?: boolean;
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        BatchedRefund: {
            /** @enum {string} */
            kind: "refund";
            idempotencyKey: components["schemas"]["BatchedKey"];
            recognitionId: components["schemas"]["RecognitionId"];
            amount?: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        BatchedRelease: {
            /** @enum {string} */
            kind: "release";
            idempotencyKey: components["schemas"]["BatchedKey"];
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            orderId: components["schemas"]["OrderId"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        BatchedReleaseById: {
            /** @enum {string} */
            kind: "release";
            idempotencyKey: components["schemas"]["BatchedKey"];
            reservationId: components["schemas"]["ReservationId"];
            amount?: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        BatchedReservation: {
            /** @enum {string} */
            kind: "reservation";
            idempotencyKey: components["schemas"]["BatchedKey"];
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            serviceName?: components["schemas"]["NewServiceName"];
            orderId: components["schemas"]["OrderId"];
            amount: components["schemas"]["Amount"];
            ttlSeconds?: components["schemas"]["TtlSeconds"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        BatchedTransfer: {
            /** @enum {string} */
            kind: "transfer";
            idempotencyKey: components["schemas"]["BatchedKey"];
            fromUserId: components["schemas"]["UserId"];
            toUserId: components["schemas"]["ReceiverId"];
            amount: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        BatchedWithdrawal: {
            /** @enum {string} */
            kind: "withdrawal";
            idempotencyKey: components["schemas"]["BatchedKey"];
            userId: components["schemas"]["UserId"];
            amount: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            destination?: components["schemas"]["Destination"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        /**
         * @description The reason of the operation, shown to the user.
         * @example Top-up by card
         */
        Comment: string;
        CompletedDeposit: components["schemas"]["DepositFields"] & {
            /** @enum {string} */
            status: "completed";
            balance: components["schemas"]["BalanceAfter"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "deposit";
        };
        CompletedExpiry: components["schemas"]["ExpiryFields"] & components["schemas"]["Subject"] & {
            /** @enum {string} */
            status: "completed";
            amount: components["schemas"]["Money"];
            /**
             * @description `expiry`, `sweep`, or the operator's name, where no caller asked for it.
             * @example expiry
             */
            by?: string;
            /**
             * @description The operator's reason.
             * @example The order was given up
             */
            reason?: string;
            balance: components["schemas"]["BalanceAfter"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "expiry";
        };
        CompletedExtension: components["schemas"]["ExtensionFields"] & components["schemas"]["Subject"] & {
            /** @enum {string} */
            status: "completed";
            expiresAt: components["schemas"]["Time"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "extension";
        };
        CompletedOperation: components["schemas"]["CompletedDeposit"] | components["schemas"]["CompletedWithdrawal"] | components["schemas"]["CompletedTransfer"] | components["schemas"]["CompletedReservation"] | components["schemas"]["CompletedRecognition"] | components["schemas"]["CompletedRelease"] | components["schemas"]["CompletedExtension"] | components["schemas"]["CompletedRefund"] | components["schemas"]["CompletedExpiry"];
        CompletedRecognition: components["schemas"]["RecognitionFields"] & components["schemas"]["Subject"] & {
            /** @enum {string} */
            status: "completed";
            amount: components["schemas"]["Money"];
            /**
             * @description The refunded part, as of the answer.
             * @example 1150.00
             */
            refunded: string;
            /**
             * @description The part that can still be refunded.
             * @example 1150.00
             */
            refundable: string;
            /**
             * @description The part that a final recognition released to the user.
             * @example 1150.00
             */
            released?: string;
            balance: components["schemas"]["BalanceAfter"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "recognition";
        };
        CompletedRefund: components["schemas"]["RefundFields"] & components["schemas"]["Subject"] & {
            /** @enum {string} */
            status: "completed";
            amount: components["schemas"]["Money"];
            balance: components["schemas"]["BalanceAfter"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "refund";
        };
        CompletedRelease: components["schemas"]["ReleaseFields"] & components["schemas"]["Subject"] & {
            /** @enum {string} */
            status: "completed";
            amount: components["schemas"]["Money"];
            /**
             * @description `expiry`, `sweep`, or the operator's name, where no caller asked for it.
             * @example expiry
             */
            by?: string;
            /**
             * @description The operator's reason.
             * @example The order was given up
             */
            reason?: string;
            balance: components["schemas"]["BalanceAfter"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "release";
        };
        CompletedReservation: components["schemas"]["ReservationFields"] & components["schemas"]["Subject"] & {
            /** @enum {string} */
            status: "completed";
            expiresAt: components["schemas"]["Time"];
            balance: components["schemas"]["BalanceAfter"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "reservation";
        };
        CompletedTransfer: components["schemas"]["TransferFields"] & {
            /** @enum {string} */
            status: "completed";
            balance: components["schemas"]["BalanceAfter"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "transfer";
        };
        CompletedWithdrawal: components["schemas"]["WithdrawalFields"] & {
            /** @enum {string} */
            status: "completed";
            balance: components["schemas"]["BalanceAfter"];
            completedAt: components["schemas"]["Time"];
        } & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "withdrawal";
        };
        /**
         * @description The currency of all amounts. A request in another one is refused.
         * @example RUB
         * @enum {string}
         */
        Currency: "RUB";
        /**
         * @description The reason for a decline.
         * @enum {string}
         */
        DeclineCode: "account_not_found" | "insufficient_funds" | "balance_limit_exceeded" | "reservation_not_found" | "reservation_ambiguous" | "reservation_settled" | "reservation_expired" | "amount_mismatch" | "exceeds_remaining" | "recognition_not_found" | "exceeds_recognized" | "batch_aborted" | "refused_by_ledger";
        Declined: {
            /** @enum {string} */
            status: "declined";
            code: components["schemas"]["DeclineCode"];
            /** @description The candidates: open reservations of this user, service and order. Of more than 100, those with the earliest deadlines. */
            reservationIds?: components["schemas"]["ReservationId"][];
            completedAt: components["schemas"]["Time"];
        };
        DeclinedDeposit: components["schemas"]["DepositFields"] & components["schemas"]["Declined"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "deposit";
        };
        DeclinedExtension: components["schemas"]["ExtensionFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Declined"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "extension";
        };
        DeclinedOperation: components["schemas"]["DeclinedDeposit"] | components["schemas"]["DeclinedWithdrawal"] | components["schemas"]["DeclinedTransfer"] | components["schemas"]["DeclinedReservation"] | components["schemas"]["DeclinedRecognition"] | components["schemas"]["DeclinedRelease"] | components["schemas"]["DeclinedExtension"] | components["schemas"]["DeclinedRefund"];
        DeclinedRecognition: components["schemas"]["RecognitionFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Declined"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "recognition";
        };
        DeclinedRefund: components["schemas"]["RefundFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Declined"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "refund";
        };
        DeclinedRelease: components["schemas"]["ReleaseFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Declined"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "release";
        };
        DeclinedReservation: components["schemas"]["ReservationFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Declined"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "reservation";
        };
        DeclinedTransfer: components["schemas"]["TransferFields"] & components["schemas"]["Declined"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "transfer";
        };
        DeclinedWithdrawal: components["schemas"]["WithdrawalFields"] & components["schemas"]["Declined"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "withdrawal";
        };
        /**
         * @description The change of the balance, negative for a debit.
         * @example -150.00
         */
        Delta: string;
        DepositFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "deposit";
            userId: components["schemas"]["UserId"];
            comment?: components["schemas"]["Comment"];
            source?: components["schemas"]["Source"];
            amount: components["schemas"]["Money"];
        };
        DepositRequest: {
            userId: components["schemas"]["UserId"];
            amount: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            source?: components["schemas"]["Source"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        /**
         * @description The destination of the money.
         * @example mastercard
         */
        Destination: string;
        ExpiryFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "expiry";
            reservationId: components["schemas"]["ReservationId"];
        };
        ExtendReservationRequest: {
            ttlSeconds: components["schemas"]["TtlSeconds"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        ExtensionFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "extension";
            reservationId: components["schemas"]["ReservationId"];
            ttlSeconds: components["schemas"]["TtlSeconds"];
        };
        FieldError: {
            /** @example amount */
            field: string;
            /** @example is required */
            message: string;
        };
        Health: {
            /** @enum {string} */
            status: "alive";
        };
        /** @description Identifies the operation: 1 to 255 visible ASCII characters. The same key from the same caller is the same operation, and its outcome never changes. A value in double quotes is the key inside them. */
        IdempotencyKey: string;
        /**
         * @description RFC 3339, with any offset.
         * @example 2026-11-01T00:00:00Z
         */
        Instant: string;
        /**
         * @description Names and values of the caller, at most 20 pairs.
         * @example {
         *       "campaign": "spring"
         *     }
         */
        Metadata: {
            [key: string]: string;
        };
        /** @description The key was used for another request, and this one was not recorded. */
        MismatchedOperation: {
            operationId: components["schemas"]["OperationId"];
            workflowId: components["schemas"]["WorkflowId"];
            kind: components["schemas"]["SubmittedKind"];
            /** @enum {string} */
            status: "mismatched";
            reservationId?: components["schemas"]["ReservationId"];
            links: components["schemas"]["OperationLinks"];
            /** @enum {string} */
            code: "idempotency_payload_mismatch";
            differingFields: string[];
        };
        /**
         * @description A decimal string with two decimals.
         * @example 1150.00
         */
        Money: string;
        /**
         * @description A calendar month in the time zone of the reports.
         * @example 2026-10
         */
        Month: string;
        NameServiceRequest: {
            name: components["schemas"]["NewServiceName"];
        };
        /**
         * @description The name of the service, shown to users and in revenue reports.
         * @example Ad promotion
         */
        NewServiceName: string;
        Operation: components["schemas"]["PendingOperation"] | components["schemas"]["CompletedOperation"] | components["schemas"]["DeclinedOperation"];
        OperationBase: {
            operationId: components["schemas"]["OperationId"];
            workflowId: components["schemas"]["WorkflowId"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency: components["schemas"]["Currency"];
            createdAt: components["schemas"]["Time"];
            links: components["schemas"]["OperationLinks"];
        };
        /**
         * Format: uuid
         * @description The operation's id.
         * @example 6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11
         */
        OperationId: string;
        OperationLinks: {
            /**
             * @description The address of the operation.
             * @example /v1/operations/6f7f5a3c-…
             */
            operation: string;
            /**
             * @description The workflow in the Temporal Web UI.
             * @example http://localhost:8233/namespaces/default/workflows/carrier-019aafb6-…
             */
            temporal: string;
        };
        /** @description A page of the list. */
        OperationList: {
            items: components["schemas"]["Operation"][];
            /** @description Null on the last page. */
            nextCursor: string | null;
        };
        /**
         * @description The id of the order, which may contain the same service twice.
         * @example order-1001
         */
        OrderId: string;
        /** @description The money owed to all users. */
        Owed: {
            /**
             * @description Free to spend.
             * @example 800.00
             */
            available: string;
            /**
             * @description Reserved for orders.
             * @example 200.00
             */
            reserved: string;
            /**
             * @description Both together.
             * @example 1000.00
             */
            total: string;
        };
        /** @description The subject, as far as it is known. */
        PartialSubject: {
            userId?: components["schemas"]["UserId"];
            serviceId?: components["schemas"]["ServiceId"];
            serviceName?: components["schemas"]["ServiceName"];
            orderId?: components["schemas"]["OrderId"];
            reservationId?: components["schemas"]["ReservationId"];
        };
        Pending: {
            /** @enum {string} */
            status: "pending";
        };
        PendingDeposit: components["schemas"]["DepositFields"] & components["schemas"]["Pending"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "deposit";
        };
        PendingExtension: components["schemas"]["ExtensionFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Pending"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "extension";
        };
        PendingOperation: components["schemas"]["PendingDeposit"] | components["schemas"]["PendingWithdrawal"] | components["schemas"]["PendingTransfer"] | components["schemas"]["PendingReservation"] | components["schemas"]["PendingRecognition"] | components["schemas"]["PendingRelease"] | components["schemas"]["PendingExtension"] | components["schemas"]["PendingRefund"];
        PendingRecognition: components["schemas"]["RecognitionFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Pending"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "recognition";
        };
        PendingRefund: components["schemas"]["RefundFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Pending"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "refund";
        };
        PendingRelease: components["schemas"]["ReleaseFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Pending"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "release";
        };
        PendingReservation: components["schemas"]["ReservationFields"] & components["schemas"]["PartialSubject"] & components["schemas"]["Pending"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "reservation";
        };
        PendingTransfer: components["schemas"]["TransferFields"] & components["schemas"]["Pending"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "transfer";
        };
        PendingWithdrawal: components["schemas"]["WithdrawalFields"] & components["schemas"]["Pending"] & {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "withdrawal";
        };
        /** @description RFC 9457. `x-codes` of a response lists the codes of its route. */
        Problem: {
            /**
             * @description A URN that contains the code.
             * @example urn:saldo:problem:insufficient_funds
             */
            type: string;
            /** @example The available balance does not cover the amount */
            title: string;
            /** @example 422 */
            status: number;
            /**
             * @description The remedy, or the exact error.
             * @example Nothing changed. The same key always gets this answer; a new attempt needs a new key.
             */
            detail: string;
            /**
             * @description The path of the request.
             * @example /v1/deposits
             */
            instance: string;
            code: components["schemas"]["ProblemCode"];
            /**
             * @description Whether to repeat the request with the same key.
             * @example false
             */
            retryable: boolean;
            /** @description Of 400 and 415: the wrong fields, parameters or headers. */
            errors?: components["schemas"]["FieldError"][];
            operationId?: components["schemas"]["OperationId"];
            /** @description Of a decline: the workflow that carried the operation. */
            workflowId?: string;
            /** @description The candidates: open reservations of this user, service and order. Of more than 100, those with the earliest deadlines. */
            reservationIds?: components["schemas"]["ReservationId"][];
            /** @description Of `idempotency_payload_mismatch`: the fields that differ. */
            differingFields?: string[];
            links?: components["schemas"]["BatchLinks"];
            /** @description Of `batch_aborted`: the operations of the batch. */
            operations?: components["schemas"]["BatchedOperation"][];
            /** @description Of `internal`: the id of the request in the log. */
            requestId?: string;
        };
        /**
         * @description Stable: decide on this value.
         * @example insufficient_funds
         * @enum {string}
         */
        ProblemCode: "invalid_request" | "invalid_cursor" | "idempotency_key_required" | "idempotency_key_invalid" | "unauthenticated" | "insufficient_scope" | "link_invalid" | "link_expired" | "account_unknown" | "reservation_unknown" | "operation_unknown" | "audit_unknown" | "not_found" | "method_not_allowed" | "body_too_large" | "unsupported_media_type" | "rate_limited" | "insufficient_funds" | "account_not_found" | "balance_limit_exceeded" | "reservation_not_found" | "reservation_ambiguous" | "reservation_settled" | "reservation_expired" | "amount_mismatch" | "exceeds_remaining" | "recognition_not_found" | "exceeds_recognized" | "batch_aborted" | "refused_by_ledger" | "idempotency_payload_mismatch" | "internal" | "backpressure" | "temporal_unavailable" | "ledger_unavailable" | "outcome_unknown";
        /** @description `kafka` is that of a process with workers, checked every 5 s. */
        Readiness: {
            /** @enum {string} */
            status: "ready";
            parts: {
                /** @enum {string} */
                postgres: "up" | "down";
                /** @enum {string} */
                redis: "up" | "down";
                /** @enum {string} */
                temporal: "up" | "down";
                /** @enum {string} */
                kafka?: "up" | "down";
            };
        };
        /**
         * @description The id of a user, assigned by another service; compared byte for byte.
         * @example boris
         */
        ReceiverId: string;
        RecognitionFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "recognition";
            userId?: components["schemas"]["UserId"];
            serviceId?: components["schemas"]["ServiceId"];
            orderId?: components["schemas"]["OrderId"];
            comment?: components["schemas"]["Comment"];
            reservationId?: components["schemas"]["ReservationId"];
            /**
             * @description Whether the remainder is released at once (the default) or stays reserved.
             * @example true
             */
            final?: boolean;
            amount?: components["schemas"]["Money"];
        };
        /**
         * Format: uuid
         * @description The recognition's id: its operation id.
         * @example 6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11
         */
        RecognitionId: string;
        RecognizeByFieldsRequest: {
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            orderId: components["schemas"]["OrderId"];
            amount: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        RecognizeReservationRequest: {
            amount?: components["schemas"]["Amount"];
            /**
             * @description Whether the remainder is released at once (the default) or stays reserved.
             * @example true
             */
            final?: boolean;
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        /**
         * @description An id of the caller's world, such as a payment provider's. Not unique; operations are found by it.
         * @example visa-7f3a-2026-11-23
         */
        Reference: string;
        RefundFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "refund";
            recognitionId: components["schemas"]["RecognitionId"];
            comment?: components["schemas"]["Comment"];
            amount?: components["schemas"]["Money"];
        };
        RefundRequest: {
            recognitionId: components["schemas"]["RecognitionId"];
            amount?: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        ReleaseByFieldsRequest: {
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            orderId: components["schemas"]["OrderId"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        ReleaseFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "release";
            userId?: components["schemas"]["UserId"];
            serviceId?: components["schemas"]["ServiceId"];
            orderId?: components["schemas"]["OrderId"];
            comment?: components["schemas"]["Comment"];
            reservationId?: components["schemas"]["ReservationId"];
            amount?: components["schemas"]["Money"];
        };
        ReleaseReservationRequest: {
            amount?: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        /**
         * @description `final` once the month is closed: the report then never changes. The current month is `provisional`.
         * @enum {string}
         */
        ReportStatus: "final" | "provisional";
        Reservation: components["schemas"]["ReservationSummary"] & {
            /** @description In the order of posting. */
            operations: components["schemas"]["Operation"][];
        };
        ReservationFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "reservation";
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            serviceName?: components["schemas"]["ServiceName"];
            orderId: components["schemas"]["OrderId"];
            ttlSeconds?: components["schemas"]["TtlSeconds"];
            comment?: components["schemas"]["Comment"];
            amount: components["schemas"]["Money"];
        };
        /**
         * Format: uuid
         * @description The reservation's id: the id of the operation that created it.
         * @example 6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11
         */
        ReservationId: string;
        ReservationLinks: {
            reservation: string;
            temporal: string;
        };
        ReservationSummary: {
            reservationId: components["schemas"]["ReservationId"];
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            orderId: components["schemas"]["OrderId"];
            /**
             * @description Open until nothing remains.
             * @enum {string}
             */
            state: "open" | "settled";
            reserved: components["schemas"]["Money"];
            recognized: components["schemas"]["Money"];
            released: components["schemas"]["Money"];
            expired: components["schemas"]["Money"];
            /**
             * @description The part of `recognized` that was refunded.
             * @example 1150.00
             */
            refunded: string;
            remaining: components["schemas"]["Money"];
            expiresAt: components["schemas"]["Time"];
            createdAt: components["schemas"]["Time"];
            /** @description The saga that watches over the reservation. */
            workflowId: string;
            links: components["schemas"]["ReservationLinks"];
        };
        /** @description A page of the list. */
        ReservationSummaryList: {
            items: components["schemas"]["ReservationSummary"][];
            /** @description Null on the last page. */
            nextCursor: string | null;
        };
        ReserveRequest: {
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            serviceName?: components["schemas"]["NewServiceName"];
            orderId: components["schemas"]["OrderId"];
            amount: components["schemas"]["Amount"];
            ttlSeconds?: components["schemas"]["TtlSeconds"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        RevenueReport: {
            month: components["schemas"]["Month"];
            status: components["schemas"]["ReportStatus"];
            /**
             * @description A link to the file. It needs no token, and is valid for an hour unless configured otherwise.
             * @example http://localhost:3000/v1/reports/revenue/2026-10.csv?expires=1793530800&signature=…
             */
            url: string;
            sha256: components["schemas"]["Sha256"];
            generatedAt: components["schemas"]["Time"];
            /**
             * @description The revenue of all services less the refunds; negative where refunds exceed it.
             * @example 1500.00
             */
            total: string;
        };
        Service: {
            serviceId: components["schemas"]["ServiceId"];
            name: components["schemas"]["ServiceName"];
        };
        /**
         * @description The id of the service that the user pays for.
         * @example promotion
         */
        ServiceId: string;
        /** @description A page of the list. */
        ServiceList: {
            items: components["schemas"]["Service"][];
            /** @description Null on the last page. */
            nextCursor: string | null;
        };
        /**
         * @description The name of the service, shown to users and in revenue reports.
         * @example Ad promotion
         */
        ServiceName: string;
        /**
         * @description The SHA-256 of the file, in hexadecimal; null while provisional.
         * @example 6bdd2ef0ad48c44b5a45e0df1a8ba6cbcdc9e1df4b4b0d7b6ee4a1c3d3d7b1ff
         */
        Sha256: string | null;
        /**
         * @description The origin of the money.
         * @example visa
         */
        Source: string;
        StatementEntry: {
            operationId: components["schemas"]["OperationId"];
            /**
             * @description The workflow that carried the operation.
             * @example carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1
             */
            workflowId: string;
            /**
             * @description The kind of the operation. An extension moves no money, so it has no entry.
             * @example recognition
             * @enum {string}
             */
            kind: "deposit" | "withdrawal" | "transfer" | "reservation" | "recognition" | "release" | "refund" | "expiry";
            amount: components["schemas"]["Amount"];
            availableDelta: components["schemas"]["Delta"];
            reservedDelta: components["schemas"]["Delta"];
            availableAfter: components["schemas"]["Money"];
            reservedAfter: components["schemas"]["Money"];
            /**
             * @description The number of the entry in its account, without gaps.
             * @example 7
             */
            version: number;
            /**
             * @description The id of a user, assigned by another service; compared byte for byte.
             * @example anna
             */
            counterpartyUserId: string | null;
            /**
             * @description The id of the service that the user pays for.
             * @example promotion
             */
            serviceId: string | null;
            /**
             * @description The name of the service, shown to users and in revenue reports.
             * @example Ad promotion
             */
            serviceName: string | null;
            /**
             * @description The id of the order, which may contain the same service twice.
             * @example order-1001
             */
            orderId: string | null;
            /**
             * Format: uuid
             * @description The reservation's id: the id of the operation that created it.
             * @example 6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11
             */
            reservationId: string | null;
            /**
             * @description The origin of the money.
             * @example visa
             */
            source: string | null;
            /**
             * @description The destination of the money.
             * @example mastercard
             */
            destination: string | null;
            /**
             * @description The reason of the operation, shown to the user.
             * @example Top-up by card
             */
            comment: string | null;
            /**
             * @description An id of the caller's world, such as a payment provider's. Not unique; operations are found by it.
             * @example visa-7f3a-2026-11-23
             */
            reference: string | null;
            /**
             * @description Names and values of the caller, at most 20 pairs.
             * @example {
             *       "campaign": "spring"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * @description A sentence for the user, with the origin and the reason.
             * @example You paid 150.00 RUB for Ad promotion (order order-1001).
             */
            description: string;
            createdAt: components["schemas"]["Time"];
        };
        /** @description A page of the list. */
        StatementEntryList: {
            items: components["schemas"]["StatementEntry"][];
            /** @description Null on the last page. */
            nextCursor: string | null;
        };
        /** @description The process is stopping. It finishes accepted requests; new requests belong to another replica. */
        Stopping: {
            /** @enum {string} */
            status: "stopping";
        };
        /** @description The reservation concerned, and its purpose. */
        Subject: {
            userId: components["schemas"]["UserId"];
            serviceId: components["schemas"]["ServiceId"];
            serviceName?: components["schemas"]["ServiceName"];
            orderId: components["schemas"]["OrderId"];
            reservationId: components["schemas"]["ReservationId"];
        };
        /** @enum {string} */
        SubmittedKind: "deposit" | "withdrawal" | "transfer" | "reservation" | "recognition" | "release" | "extension" | "refund";
        /**
         * Format: date-time
         * @description RFC 3339, in UTC.
         * @example 2026-11-23T12:00:00.000Z
         */
        Time: string;
        TransferFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "transfer";
            fromUserId: components["schemas"]["UserId"];
            toUserId: components["schemas"]["ReceiverId"];
            comment?: components["schemas"]["Comment"];
            amount: components["schemas"]["Money"];
        };
        TransferRequest: {
            fromUserId: components["schemas"]["UserId"];
            toUserId: components["schemas"]["ReceiverId"];
            amount: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        /**
         * @description The time until the reservation expires, in seconds; at most 30 days.
         * @example 86400
         */
        TtlSeconds: number;
        /**
         * @description The id of a user, assigned by another service; compared byte for byte.
         * @example anna
         */
        UserId: string;
        WithdrawRequest: {
            userId: components["schemas"]["UserId"];
            amount: components["schemas"]["Amount"];
            comment?: components["schemas"]["Comment"];
            destination?: components["schemas"]["Destination"];
            reference?: components["schemas"]["Reference"];
            metadata?: components["schemas"]["Metadata"];
            currency?: components["schemas"]["Currency"];
        };
        WithdrawalFields: components["schemas"]["OperationBase"] & {
            /** @enum {string} */
            kind: "withdrawal";
            userId: components["schemas"]["UserId"];
            comment?: components["schemas"]["Comment"];
            destination?: components["schemas"]["Destination"];
            amount: components["schemas"]["Money"];
        };
        /**
         * @description The workflow that carries, or carried, the operation. Final once the operation is finished.
         * @example carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1
         */
        WorkflowId: string;
    };
    responses: {
        /** @description `account_unknown` */
        AccountUnknown: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `audit_unknown` */
        AuditUnknown: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `backpressure`, `temporal_unavailable`, `ledger_unavailable`, `outcome_unknown` */
        BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `body_too_large` */
        BodyTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `balance_limit_exceeded`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        DepositDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `reservation_not_found`, `reservation_settled`, `reservation_expired`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        ExtendReservationDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `insufficient_scope` */
        InsufficientScope: {
            headers: {
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `internal` */
        Internal: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `invalid_request` */
        InvalidRequest: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `invalid_request`, `idempotency_key_required`, `idempotency_key_invalid` */
        InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `invalid_request`, `invalid_cursor` */
        InvalidRequestOrInvalidCursor: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `ledger_unavailable` */
        LedgerUnavailable: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `link_invalid`, `link_expired` */
        LinkInvalidOrLinkExpired: {
            headers: {
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Accepted: a workflow carries it. This is not success; deliver nothing before `completed`. */
        OperationAccepted: {
            headers: {
                /**
                 * @description The preferences that were applied, where the request had any.
                 * @example respond-async
                 */
                "Preference-Applied"?: string;
                /**
                 * @description The seconds until the state is worth reading.
                 * @example 1
                 */
                "Retry-After": number;
                /**
                 * @description The address of the operation.
                 * @example /v1/operations/06a3a4a4-7a6f-8b3b-9a4e-6f9a0d7e5a11?workflowId=carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1
                 */
                Location: string;
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "operationId": "dd6bf0d0-cd1d-86c4-adf1-8c8caf20ea05",
                 *       "workflowId": "carrier-01a20847-01e8-76c4-adf1-8c8caf20ea05",
                 *       "kind": "deposit",
                 *       "status": "pending",
                 *       "links": {
                 *         "operation": "/v1/operations/dd6bf0d0-cd1d-86c4-adf1-8c8caf20ea05?workflowId=carrier-01a20847-01e8-76c4-adf1-8c8caf20ea05",
                 *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-01e8-76c4-adf1-8c8caf20ea05"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["AcceptedOperation"];
            };
        };
        /** @description `operation_unknown` */
        OperationUnknown: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `rate_limited` */
        RateLimited: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `amount_mismatch`, `reservation_not_found`, `reservation_settled`, `reservation_expired`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        RecognizeByFieldsDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `reservation_not_found`, `reservation_settled`, `reservation_expired`, `exceeds_remaining`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        RecognizeReservationDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `recognition_not_found`, `exceeds_recognized`, `balance_limit_exceeded`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        RefundDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `reservation_ambiguous`, `reservation_not_found`, `reservation_settled`, `reservation_expired`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        ReleaseByFieldsDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `reservation_not_found`, `reservation_settled`, `reservation_expired`, `exceeds_remaining`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        ReleaseReservationDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `reservation_unknown` */
        ReservationUnknown: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `account_not_found`, `insufficient_funds`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        ReserveDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `batch_aborted` */
        SubmitBatchDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `temporal_unavailable` */
        TemporalUnavailable: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `temporal_unavailable`, `ledger_unavailable` */
        TemporalUnavailableOrLedgerUnavailable: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `account_not_found`, `insufficient_funds`, `balance_limit_exceeded`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        TransferDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unauthenticated` */
        Unauthenticated: {
            headers: {
                /**
                 * @description The challenge of RFC 6750. `error="invalid_token"` where a token was sent; with `insufficient_scope`, the missing `scope`.
                 * @example Bearer realm="saldo"
                 */
                "WWW-Authenticate": string;
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unsupported_media_type` */
        UnsupportedMediaType: {
            headers: {
                /**
                 * @description The media type of bodies.
                 * @example application/json
                 */
                "Accept-Post": string;
                /**
                 * @description The content coding of bodies.
                 * @example identity
                 */
                "Accept-Encoding": string;
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `account_not_found`, `insufficient_funds`, `refused_by_ledger`, `idempotency_payload_mismatch` */
        WithdrawDeclined: {
            headers: {
                "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /**
         * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
         * @example wait=5
         */
        Prefer: string;
        /** @description `nextCursor` of the previous page. */
        cursor: string;
        /** @description When the link expires, in seconds since 1970. */
        expires: string;
        /**
         * @description The month, followed by `.csv`; of orders by `-orders.csv`.
         * @example 2026-10.csv
         */
        file: string;
        /** @description The maximum number of items on the page. */
        limit: number;
        /**
         * @description A calendar month in the time zone of the reports.
         * @example 2026-10
         */
        month: components["schemas"]["Month"];
        /**
         * @description The id of the order, which may contain the same service twice.
         * @example order-1001
         */
        orderId: components["schemas"]["OrderId"];
        /**
         * @description The reservation's id: the id of the operation that created it.
         * @example c6054971-f0d8-8ab5-bc56-c3b60961ad39
         */
        reservationId: components["schemas"]["ReservationId"];
        /** @description The id of the service that the user pays for. */
        serviceId: components["schemas"]["ServiceId"];
        /** @description The signature of the link. */
        signature: string;
        /**
         * @description The id of a user, assigned by another service; compared byte for byte.
         * @example anna
         */
        userId: components["schemas"]["UserId"];
    };
    requestBodies: never;
    headers: {
        /**
         * @description Present where the response repeats the outcome of an earlier identical request.
         * @example true
         */
        "Idempotency-Replayed": "true";
        /**
         * @description The `wait` preference that was applied, where the request had one. At most `wait=30`.
         * @example wait=5
         */
        "Preference-Applied": string;
        /**
         * @description The seconds to wait before a retry.
         * @example 2
         */
        "Retry-After": number;
        /**
         * @description The challenge of RFC 6750. `error="invalid_token"` where a token was sent; with `insufficient_scope`, the missing `scope`.
         * @example Bearer realm="saldo", error="insufficient_scope", scope="funds:write"
         */
        "WWW-Authenticate": string;
        /**
         * @description The request's `X-Request-Id` if it was 1 to 128 visible ASCII characters, else a new one.
         * @example 5c2d9a4e-0b1f-4f7e-8a53-2f6f0f4f1d11
         */
        "X-Request-Id": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `kafka` is that of a process with workers, checked every 5 s. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description The process is stopping. It finishes accepted requests; new requests belong to another replica. */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stopping"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    deposit: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example deposit-0001
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "userId": "anna",
                 *       "amount": "1000.00",
                 *       "comment": "Top-up by card",
                 *       "source": "visa"
                 *     }
                 */
                "application/json": components["schemas"]["DepositRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "dd6bf0d0-cd1d-86c4-adf1-8c8caf20ea05",
                     *       "workflowId": "carrier-01a20847-01e8-76c4-adf1-8c8caf20ea05",
                     *       "kind": "deposit",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "amount": "1000.00",
                     *       "comment": "Top-up by card",
                     *       "source": "visa",
                     *       "currency": "RUB",
                     *       "createdAt": "2026-11-23T12:00:01.000Z",
                     *       "completedAt": "2026-11-23T12:00:01.021Z",
                     *       "balance": {
                     *         "available": "1000.00",
                     *         "reserved": "0.00",
                     *         "version": 1
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/dd6bf0d0-cd1d-86c4-adf1-8c8caf20ea05?workflowId=carrier-01a20847-01e8-76c4-adf1-8c8caf20ea05",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-01e8-76c4-adf1-8c8caf20ea05"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedDeposit"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["DepositDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    withdraw: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example withdrawal-0001
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "userId": "anna",
                 *       "amount": "100.00",
                 *       "comment": "Payout",
                 *       "destination": "mastercard"
                 *     }
                 */
                "application/json": components["schemas"]["WithdrawRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "5db0e8be-2583-8cea-acb1-99ea0c4c4b43",
                     *       "workflowId": "carrier-01a20847-05d0-7cea-acb1-99ea0c4c4b43",
                     *       "kind": "withdrawal",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "amount": "100.00",
                     *       "comment": "Payout",
                     *       "destination": "mastercard",
                     *       "currency": "RUB",
                     *       "createdAt": "2026-11-23T12:00:02.000Z",
                     *       "completedAt": "2026-11-23T12:00:02.021Z",
                     *       "balance": {
                     *         "available": "900.00",
                     *         "reserved": "0.00",
                     *         "version": 2
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/5db0e8be-2583-8cea-acb1-99ea0c4c4b43?workflowId=carrier-01a20847-05d0-7cea-acb1-99ea0c4c4b43",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-05d0-7cea-acb1-99ea0c4c4b43"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedWithdrawal"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["WithdrawDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    transfer: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example transfer-0001
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "fromUserId": "anna",
                 *       "toUserId": "boris",
                 *       "amount": "150.00",
                 *       "comment": "For the tickets"
                 *     }
                 */
                "application/json": components["schemas"]["TransferRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "ad3f57a5-0a47-88ac-b219-78451b70211f",
                     *       "workflowId": "carrier-01a20847-09b8-78ac-b219-78451b70211f",
                     *       "kind": "transfer",
                     *       "status": "completed",
                     *       "fromUserId": "anna",
                     *       "toUserId": "boris",
                     *       "amount": "150.00",
                     *       "comment": "For the tickets",
                     *       "currency": "RUB",
                     *       "createdAt": "2026-11-23T12:00:03.000Z",
                     *       "completedAt": "2026-11-23T12:00:03.021Z",
                     *       "balance": {
                     *         "available": "750.00",
                     *         "reserved": "0.00",
                     *         "version": 3
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/ad3f57a5-0a47-88ac-b219-78451b70211f?workflowId=carrier-01a20847-09b8-78ac-b219-78451b70211f",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-09b8-78ac-b219-78451b70211f"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedTransfer"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["TransferDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    findReservations: {
        parameters: {
            query?: {
                /** @description `overdue`: open, past the deadline. `expired`: a part of it, or all, returned to the user by time. `settled` needs an `orderId`. */
                state?: "open" | "settled" | "expired" | "overdue";
                /**
                 * @description The id of the order, which may contain the same service twice.
                 * @example order-1001
                 */
                orderId?: components["parameters"]["orderId"];
                /** @description The maximum number of items on the page. */
                limit?: components["parameters"]["limit"];
                /** @description `nextCursor` of the previous page. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationSummaryList"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidCursor"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
    reserve: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example reservation-0001
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "userId": "anna",
                 *       "serviceId": "promotion",
                 *       "serviceName": "Ad promotion",
                 *       "orderId": "order-1001",
                 *       "amount": "600.00",
                 *       "ttlSeconds": 86400,
                 *       "comment": "Four weeks at the top"
                 *     }
                 */
                "application/json": components["schemas"]["ReserveRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "workflowId": "reservation-c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "kind": "reservation",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "serviceId": "promotion",
                     *       "serviceName": "Ad promotion",
                     *       "orderId": "order-1001",
                     *       "reservationId": "c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "amount": "600.00",
                     *       "ttlSeconds": 86400,
                     *       "comment": "Four weeks at the top",
                     *       "currency": "RUB",
                     *       "expiresAt": "2026-11-24T12:00:04.021Z",
                     *       "createdAt": "2026-11-23T12:00:04.000Z",
                     *       "completedAt": "2026-11-23T12:00:04.021Z",
                     *       "balance": {
                     *         "available": "150.00",
                     *         "reserved": "600.00",
                     *         "version": 4
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/c6054971-f0d8-8ab5-bc56-c3b60961ad39?workflowId=reservation-c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/reservation-c6054971-f0d8-8ab5-bc56-c3b60961ad39"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedReservation"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ReserveDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    recognizeReservation: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example recognition-0001
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path: {
                /**
                 * @description The reservation's id: the id of the operation that created it.
                 * @example c6054971-f0d8-8ab5-bc56-c3b60961ad39
                 */
                reservationId: components["parameters"]["reservationId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "amount": "150.00",
                 *       "final": false,
                 *       "comment": "The first week"
                 *     }
                 */
                "application/json": components["schemas"]["RecognizeReservationRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "1916d1cf-d90f-829e-9a6c-5d66fdfc8c4b",
                     *       "workflowId": "carrier-01a20847-1188-729e-9a6c-5d66fdfc8c4b",
                     *       "kind": "recognition",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "serviceId": "promotion",
                     *       "serviceName": "Ad promotion",
                     *       "orderId": "order-1001",
                     *       "reservationId": "c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "amount": "150.00",
                     *       "final": false,
                     *       "comment": "The first week",
                     *       "currency": "RUB",
                     *       "refunded": "0.00",
                     *       "refundable": "150.00",
                     *       "createdAt": "2026-11-23T12:00:05.000Z",
                     *       "completedAt": "2026-11-23T12:00:05.021Z",
                     *       "balance": {
                     *         "available": "150.00",
                     *         "reserved": "450.00",
                     *         "version": 5
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/1916d1cf-d90f-829e-9a6c-5d66fdfc8c4b?workflowId=carrier-01a20847-1188-729e-9a6c-5d66fdfc8c4b",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-1188-729e-9a6c-5d66fdfc8c4b"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedRecognition"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RecognizeReservationDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    releaseReservation: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example release-0001
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path: {
                /**
                 * @description The reservation's id: the id of the operation that created it.
                 * @example c6054971-f0d8-8ab5-bc56-c3b60961ad39
                 */
                reservationId: components["parameters"]["reservationId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "amount": "50.00",
                 *       "comment": "A discount"
                 *     }
                 */
                "application/json": components["schemas"]["ReleaseReservationRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "34dbce19-c9d6-8520-9c0b-1bd27953f234",
                     *       "workflowId": "carrier-01a20847-1570-7520-9c0b-1bd27953f234",
                     *       "kind": "release",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "serviceId": "promotion",
                     *       "serviceName": "Ad promotion",
                     *       "orderId": "order-1001",
                     *       "reservationId": "c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "amount": "50.00",
                     *       "comment": "A discount",
                     *       "currency": "RUB",
                     *       "createdAt": "2026-11-23T12:00:06.000Z",
                     *       "completedAt": "2026-11-23T12:00:06.021Z",
                     *       "balance": {
                     *         "available": "200.00",
                     *         "reserved": "400.00",
                     *         "version": 6
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/34dbce19-c9d6-8520-9c0b-1bd27953f234?workflowId=carrier-01a20847-1570-7520-9c0b-1bd27953f234",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-1570-7520-9c0b-1bd27953f234"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedRelease"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ReleaseReservationDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    extendReservation: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example extension-0001
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path: {
                /**
                 * @description The reservation's id: the id of the operation that created it.
                 * @example c6054971-f0d8-8ab5-bc56-c3b60961ad39
                 */
                reservationId: components["parameters"]["reservationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ttlSeconds": 604800
                 *     }
                 */
                "application/json": components["schemas"]["ExtendReservationRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "df4839bf-727a-86ff-8c95-3697ebb6e0d5",
                     *       "workflowId": "carrier-01a20847-1958-76ff-8c95-3697ebb6e0d5",
                     *       "kind": "extension",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "serviceId": "promotion",
                     *       "serviceName": "Ad promotion",
                     *       "orderId": "order-1001",
                     *       "reservationId": "c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "ttlSeconds": 604800,
                     *       "currency": "RUB",
                     *       "expiresAt": "2026-11-30T12:00:07.021Z",
                     *       "createdAt": "2026-11-23T12:00:07.000Z",
                     *       "completedAt": "2026-11-23T12:00:07.021Z",
                     *       "links": {
                     *         "operation": "/v1/operations/df4839bf-727a-86ff-8c95-3697ebb6e0d5?workflowId=carrier-01a20847-1958-76ff-8c95-3697ebb6e0d5",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-1958-76ff-8c95-3697ebb6e0d5"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedExtension"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ExtendReservationDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    getReservation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The reservation's id: the id of the operation that created it.
                 * @example c6054971-f0d8-8ab5-bc56-c3b60961ad39
                 */
                reservationId: components["parameters"]["reservationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            404: components["responses"]["ReservationUnknown"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
    listReservations: {
        parameters: {
            query?: {
                /** @description Only reservations in this state; both states by default. */
                state?: "open" | "settled";
                /** @description The maximum number of items on the page. */
                limit?: components["parameters"]["limit"];
                /** @description `nextCursor` of the previous page. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The id of a user, assigned by another service; compared byte for byte.
                 * @example anna
                 */
                userId: components["parameters"]["userId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationSummaryList"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidCursor"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            404: components["responses"]["AccountUnknown"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
    recognizeByFields: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example recognition-0002
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "userId": "anna",
                 *       "serviceId": "promotion",
                 *       "orderId": "order-1001",
                 *       "amount": "400.00",
                 *       "comment": "The other weeks"
                 *     }
                 */
                "application/json": components["schemas"]["RecognizeByFieldsRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "900cb4a5-31b0-8e08-997d-197a9a9f2a46",
                     *       "workflowId": "carrier-01a20847-1d40-7e08-997d-197a9a9f2a46",
                     *       "kind": "recognition",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "serviceId": "promotion",
                     *       "serviceName": "Ad promotion",
                     *       "orderId": "order-1001",
                     *       "reservationId": "c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "amount": "400.00",
                     *       "comment": "The other weeks",
                     *       "currency": "RUB",
                     *       "refunded": "0.00",
                     *       "refundable": "400.00",
                     *       "released": "0.00",
                     *       "createdAt": "2026-11-23T12:00:08.000Z",
                     *       "completedAt": "2026-11-23T12:00:08.021Z",
                     *       "balance": {
                     *         "available": "200.00",
                     *         "reserved": "0.00",
                     *         "version": 7
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/900cb4a5-31b0-8e08-997d-197a9a9f2a46?workflowId=carrier-01a20847-1d40-7e08-997d-197a9a9f2a46",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-1d40-7e08-997d-197a9a9f2a46"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedRecognition"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RecognizeByFieldsDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    releaseByFields: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example release-0002
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "userId": "anna",
                 *       "serviceId": "promotion",
                 *       "orderId": "order-1001",
                 *       "comment": "The order was given up"
                 *     }
                 */
                "application/json": components["schemas"]["ReleaseByFieldsRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "1e067868-ca7a-825d-9d12-44784ece68f9",
                     *       "workflowId": "carrier-01a20847-2128-725d-9d12-44784ece68f9",
                     *       "kind": "release",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "serviceId": "promotion",
                     *       "serviceName": "Ad promotion",
                     *       "orderId": "order-1001",
                     *       "reservationId": "c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "comment": "The order was given up",
                     *       "amount": "400.00",
                     *       "currency": "RUB",
                     *       "createdAt": "2026-11-23T12:00:09.000Z",
                     *       "completedAt": "2026-11-23T12:00:09.021Z",
                     *       "balance": {
                     *         "available": "600.00",
                     *         "reserved": "0.00",
                     *         "version": 7
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/1e067868-ca7a-825d-9d12-44784ece68f9?workflowId=carrier-01a20847-2128-725d-9d12-44784ece68f9",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-2128-725d-9d12-44784ece68f9"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedRelease"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ReleaseByFieldsDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    refund: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Identifies the operation.
                 * @example refund-0001
                 */
                "Idempotency-Key": components["schemas"]["IdempotencyKey"];
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "recognitionId": "1916d1cf-d90f-829e-9a6c-5d66fdfc8c4b",
                 *       "amount": "50.00",
                 *       "comment": "A day was missing"
                 *     }
                 */
                "application/json": components["schemas"]["RefundRequest"];
            };
        };
        responses: {
            /** @description The operation is in the ledger. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "operationId": "7c51b666-2455-842f-a5a2-ee6d22fd8fc2",
                     *       "workflowId": "carrier-01a20847-2510-742f-a5a2-ee6d22fd8fc2",
                     *       "kind": "refund",
                     *       "status": "completed",
                     *       "userId": "anna",
                     *       "serviceId": "promotion",
                     *       "serviceName": "Ad promotion",
                     *       "orderId": "order-1001",
                     *       "reservationId": "c6054971-f0d8-8ab5-bc56-c3b60961ad39",
                     *       "recognitionId": "1916d1cf-d90f-829e-9a6c-5d66fdfc8c4b",
                     *       "amount": "50.00",
                     *       "comment": "A day was missing",
                     *       "currency": "RUB",
                     *       "createdAt": "2026-11-23T12:00:10.000Z",
                     *       "completedAt": "2026-11-23T12:00:10.021Z",
                     *       "balance": {
                     *         "available": "250.00",
                     *         "reserved": "0.00",
                     *         "version": 8
                     *       },
                     *       "links": {
                     *         "operation": "/v1/operations/7c51b666-2455-842f-a5a2-ee6d22fd8fc2?workflowId=carrier-01a20847-2510-742f-a5a2-ee6d22fd8fc2",
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/carrier-01a20847-2510-742f-a5a2-ee6d22fd8fc2"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CompletedRefund"];
                };
            };
            202: components["responses"]["OperationAccepted"];
            400: components["responses"]["InvalidRequestOrIdempotencyKeyRequiredOrIdempotencyKeyInvalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RefundDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    submitBatch: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description `wait=N`: wait N seconds for the outcome, at most 30, before a 202. `respond-async`: 202 at once. Without either the answer waits for the service's default, 5 seconds unless configured.
                 * @example wait=5
                 */
                Prefer?: components["parameters"]["Prefer"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "operations": [
                 *         {
                 *           "kind": "deposit",
                 *           "idempotencyKey": "batch-0001-deposit",
                 *           "userId": "vera",
                 *           "amount": "500.00",
                 *           "source": "visa"
                 *         },
                 *         {
                 *           "kind": "transfer",
                 *           "idempotencyKey": "batch-0001-transfer",
                 *           "fromUserId": "vera",
                 *           "toUserId": "gleb",
                 *           "amount": "20.00"
                 *         }
                 *       ],
                 *       "atomic": true
                 *     }
                 */
                "application/json": components["schemas"]["BatchRequest"];
            };
        };
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "workflowId": "batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *       "links": {
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/batch-9344bda3-73b5-8027-bc9b-7f52e34817e2"
                     *       },
                     *       "operations": [
                     *         {
                     *           "operationId": "b55c1443-c98f-8d34-9828-5feb07035aad",
                     *           "workflowId": "batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *           "kind": "deposit",
                     *           "status": "completed",
                     *           "userId": "vera",
                     *           "amount": "500.00",
                     *           "source": "visa",
                     *           "currency": "RUB",
                     *           "createdAt": "2026-11-23T12:00:11.000Z",
                     *           "completedAt": "2026-11-23T12:00:11.021Z",
                     *           "balance": {
                     *             "available": "500.00",
                     *             "reserved": "0.00",
                     *             "version": 1
                     *           },
                     *           "links": {
                     *             "operation": "/v1/operations/b55c1443-c98f-8d34-9828-5feb07035aad?workflowId=batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *             "temporal": "http://localhost:8233/namespaces/default/workflows/batch-9344bda3-73b5-8027-bc9b-7f52e34817e2"
                     *           }
                     *         },
                     *         {
                     *           "operationId": "bdab5b8c-e1d3-88ba-b7d5-6480c70c257b",
                     *           "workflowId": "batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *           "kind": "transfer",
                     *           "status": "completed",
                     *           "fromUserId": "vera",
                     *           "toUserId": "gleb",
                     *           "amount": "20.00",
                     *           "currency": "RUB",
                     *           "createdAt": "2026-11-23T12:00:12.000Z",
                     *           "completedAt": "2026-11-23T12:00:12.021Z",
                     *           "balance": {
                     *             "available": "480.00",
                     *             "reserved": "0.00",
                     *             "version": 2
                     *           },
                     *           "links": {
                     *             "operation": "/v1/operations/bdab5b8c-e1d3-88ba-b7d5-6480c70c257b?workflowId=batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *             "temporal": "http://localhost:8233/namespaces/default/workflows/batch-9344bda3-73b5-8027-bc9b-7f52e34817e2"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BatchAnswer"];
                };
            };
            /** @description The response. */
            202: {
                headers: {
                    /**
                     * @description The preferences that were applied, where the request had any.
                     * @example respond-async
                     */
                    "Preference-Applied"?: string;
                    /**
                     * @description The seconds until the state is worth reading.
                     * @example 1
                     */
                    "Retry-After": number;
                    /**
                     * @description The address of the operations that its workflow has finished.
                     * @example /v1/operations?workflowId=carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1
                     */
                    Location: string;
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "workflowId": "batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *       "links": {
                     *         "temporal": "http://localhost:8233/namespaces/default/workflows/batch-9344bda3-73b5-8027-bc9b-7f52e34817e2"
                     *       },
                     *       "operations": [
                     *         {
                     *           "operationId": "b55c1443-c98f-8d34-9828-5feb07035aad",
                     *           "workflowId": "batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *           "kind": "deposit",
                     *           "status": "pending",
                     *           "links": {
                     *             "operation": "/v1/operations/b55c1443-c98f-8d34-9828-5feb07035aad?workflowId=batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *             "temporal": "http://localhost:8233/namespaces/default/workflows/batch-9344bda3-73b5-8027-bc9b-7f52e34817e2"
                     *           }
                     *         },
                     *         {
                     *           "operationId": "bdab5b8c-e1d3-88ba-b7d5-6480c70c257b",
                     *           "workflowId": "batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *           "kind": "transfer",
                     *           "status": "pending",
                     *           "links": {
                     *             "operation": "/v1/operations/bdab5b8c-e1d3-88ba-b7d5-6480c70c257b?workflowId=batch-9344bda3-73b5-8027-bc9b-7f52e34817e2",
                     *             "temporal": "http://localhost:8233/namespaces/default/workflows/batch-9344bda3-73b5-8027-bc9b-7f52e34817e2"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BatchAnswer"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["SubmitBatchDeclined"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["BackpressureOrTemporalUnavailableOrLedgerUnavailableOrOutcomeUnknown"];
        };
    };
    getOperation: {
        parameters: {
            query?: {
                /** @description The workflow of the 202 response. It is queried while the ledger does not contain the operation. */
                workflowId?: string;
            };
            header?: {
                /**
                 * @description `wait=N`: respond once a pending operation is finished, or after N seconds, at most 30. Without it the answer is at once.
                 * @example wait=5
                 */
                Prefer?: string;
            };
            path: {
                /**
                 * @description The operation's id.
                 * @example dd6bf0d0-cd1d-86c4-adf1-8c8caf20ea05
                 */
                operationId: components["schemas"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            404: components["responses"]["OperationUnknown"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["TemporalUnavailableOrLedgerUnavailable"];
        };
    };
    listOperations: {
        parameters: {
            query?: {
                /**
                 * @description The id of the order, which may contain the same service twice.
                 * @example order-1001
                 */
                orderId?: components["parameters"]["orderId"];
                /** @description The id of a user, assigned by another service; compared byte for byte. */
                userId?: components["schemas"]["UserId"];
                /** @description The reservation's id: the id of the operation that created it. */
                reservationId?: components["schemas"]["ReservationId"];
                /** @description The id of the service that the user pays for. */
                serviceId?: components["parameters"]["serviceId"];
                /** @description The workflow that carried the operations. */
                workflowId?: string;
                /** @description An id of the caller's world, such as a payment provider's. Not unique; operations are found by it. */
                reference?: components["schemas"]["Reference"];
                /** @description The key of a request of the token's `sub`, or of `caller`. */
                idempotencyKey?: string;
                /** @description The `sub` of the token that used the key; by default the one of this request. */
                caller?: string;
                /** @description Only operations of these kinds. */
                kind?: ("deposit" | "withdrawal" | "transfer" | "reservation" | "recognition" | "release" | "extension" | "refund" | "expiry")[];
                /** @description Only completed or only declined operations. */
                status?: "completed" | "declined";
                /** @description The reason for a decline. */
                code?: components["schemas"]["DeclineCode"];
                /** @description Only operations that were completed at this time or later. */
                from?: components["schemas"]["Instant"];
                /** @description Only operations that were completed before this time. */
                to?: components["schemas"]["Instant"];
                /** @description The maximum number of items on the page. */
                limit?: components["parameters"]["limit"];
                /** @description `nextCursor` of the previous page. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidCursor"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
    getBalance: {
        parameters: {
            query?: {
                /** @description `strong` reads the ledger, never the cache. */
                consistency?: "strong";
                /** @description The balance as of the last entry before this time, from the ledger. Not in the future. */
                at?: components["schemas"]["Instant"];
            };
            header?: never;
            path: {
                /**
                 * @description The id of a user, assigned by another service; compared byte for byte.
                 * @example anna
                 */
                userId: components["parameters"]["userId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The balance at the time `asOf`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Balance"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            404: components["responses"]["AccountUnknown"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
    listTransactions: {
        parameters: {
            query?: {
                /** @description `date`, the default, sorts by the account's versions; `amount` by the amount of the operation, then by version. */
                sort?: "date" | "amount";
                /** @description Descending by default: the newest, or the largest, first. */
                order?: "asc" | "desc";
                /** @description Only entries of these kinds. An extension moves no money, so it has no entry. */
                kind?: ("deposit" | "withdrawal" | "transfer" | "reservation" | "recognition" | "release" | "refund" | "expiry")[];
                /** @description Only entries at this time or later. */
                from?: components["schemas"]["Instant"];
                /** @description Only entries before this time. */
                to?: components["schemas"]["Instant"];
                /** @description The id of the service that the user pays for. */
                serviceId?: components["parameters"]["serviceId"];
                /** @description The id of the order, which may contain the same service twice. */
                orderId?: components["schemas"]["OrderId"];
                /** @description The maximum number of items on the page. */
                limit?: components["parameters"]["limit"];
                /** @description `nextCursor` of the previous page. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The id of a user, assigned by another service; compared byte for byte.
                 * @example anna
                 */
                userId: components["parameters"]["userId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatementEntryList"];
                    /**
                     * @example operationId;workflowId;kind;amount;availableDelta;reservedDelta;availableAfter;reservedAfter;version;counterpartyUserId;serviceId;serviceName;orderId;reservationId;source;destination;comment;reference;metadata;description;createdAt
                     *     dd6bf0d0-cd1d-86c4-adf1-8c8caf20ea05;carrier-01a20847-01e8-76c4-adf1-8c8caf20ea05;deposit;1000.00;1000.00;0.00;1000.00;0.00;1;;;;;;visa;;Top-up by card;;;You received 1000.00 RUB from visa. Comment: “Top-up by card”;2026-11-23T12:00:01.021Z
                     */
                    "text/csv": string;
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidCursor"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            404: components["responses"]["AccountUnknown"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
    nameService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The id of the service that the user pays for.
                 * @example promotion
                 */
                serviceId: components["schemas"]["ServiceId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Ad promotion"
                 *     }
                 */
                "application/json": components["schemas"]["NameServiceRequest"];
            };
        };
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Service"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
    listServices: {
        parameters: {
            query?: {
                /** @description The maximum number of items on the page. */
                limit?: components["parameters"]["limit"];
                /** @description `nextCursor` of the previous page. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceList"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidCursor"];
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
    getRevenueReport: {
        parameters: {
            query: {
                /**
                 * @description A calendar month in the time zone of the reports.
                 * @example 2026-10
                 */
                month: components["parameters"]["month"];
                /** @description With `orders`, the file has one line for each recognition and refund. */
                detail?: "orders";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevenueReport"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["TemporalUnavailableOrLedgerUnavailable"];
        };
    };
    getBalancesReport: {
        parameters: {
            query: {
                /**
                 * @description A calendar month in the time zone of the reports.
                 * @example 2026-10
                 */
                month: components["parameters"]["month"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description closing = opening + deposits − withdrawals − revenue + refunds. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BalancesReport"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["TemporalUnavailableOrLedgerUnavailable"];
        };
    };
    downloadRevenueReport: {
        parameters: {
            query?: {
                /** @description When the link expires, in seconds since 1970. */
                expires?: components["parameters"]["expires"];
                /** @description The signature of the link. */
                signature?: components["parameters"]["signature"];
            };
            header?: never;
            path: {
                /**
                 * @description The month, followed by `.csv`; of orders by `-orders.csv`.
                 * @example 2026-10.csv
                 */
                file: components["parameters"]["file"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One line for each service: its name, or its id if it has none, and its revenue. Of orders, a header and one line for each recognition and refund. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
            403: components["responses"]["LinkInvalidOrLinkExpired"];
            500: components["responses"]["Internal"];
            503: components["responses"]["TemporalUnavailableOrLedgerUnavailable"];
        };
    };
    downloadBalancesReport: {
        parameters: {
            query?: {
                /** @description When the link expires, in seconds since 1970. */
                expires?: components["parameters"]["expires"];
                /** @description The signature of the link. */
                signature?: components["parameters"]["signature"];
            };
            header?: never;
            path: {
                /**
                 * @description The month, followed by `.csv`; of orders by `-orders.csv`.
                 * @example 2026-10.csv
                 */
                file: components["parameters"]["file"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A header, and one line with the balances and movements of the month. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
            403: components["responses"]["LinkInvalidOrLinkExpired"];
            500: components["responses"]["Internal"];
            503: components["responses"]["TemporalUnavailableOrLedgerUnavailable"];
        };
    };
    runAudit: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description `wait=N`: respond with the result of the audit if it finishes within N seconds, at most 30, instead of 202 at once.
                 * @example wait=5
                 */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Audit"];
                };
            };
            /** @description The response. */
            202: {
                headers: {
                    /**
                     * @description The preferences that were applied, where the request had any.
                     * @example respond-async
                     */
                    "Preference-Applied"?: string;
                    /**
                     * @description The address of the audit's result, once it has finished.
                     * @example /v1/audits/latest
                     */
                    Location: string;
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditRunning"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["TemporalUnavailable"];
        };
    };
    getLatestAudit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The response. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Audit"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["InsufficientScope"];
            404: components["responses"]["AuditUnknown"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["LedgerUnavailable"];
        };
    };
}
