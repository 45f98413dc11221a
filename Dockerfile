# The image of Saldo, on Debian, because Temporal's native library needs glibc.
# ROLE selects the part that a container runs: all, api or worker. All other settings are variables of src/config.ts.
FROM oven/bun:1.4.5-slim AS packages
WORKDIR /saldo
COPY package.json bun.lock bunfig.toml tsconfig.json ./
RUN bun install --frozen-lockfile --production

# Bundles the workflows once. A process starts sooner, and the image has no compiler.
FROM packages AS workflows
COPY src src
COPY scripts/image scripts/image
RUN bun scripts/image/bundleWorkflows.ts
# The console, with the client that it uses.
COPY console console
COPY client/src client/src
RUN bun scripts/image/buildConsole.ts

FROM packages AS pruned
COPY scripts/image scripts/image
RUN bun scripts/image/prunePackages.ts

FROM oven/bun:1.4.5-slim
WORKDIR /saldo
# The log is JSON only: Saldo logs the runtime's warnings itself.
ENV NODE_ENV=production NODE_NO_WARNINGS=1
COPY --from=pruned /saldo/node_modules node_modules
COPY --from=workflows /saldo/dist dist
COPY package.json tsconfig.json ./
COPY src src
# A deployment applies the migrations of the version that it starts.
COPY db/migrations db/migrations
# The root may be read-only: no cache of compiled sources.
ENV BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
USER bun
EXPOSE 3000
# Graceful shutdown: open requests are answered, running carriers are completed.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=5 \
  CMD ["bun", "--eval", "process.exit((await fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/readyz`)).ok ? 0 : 1)"]
CMD ["bun", "src/main.ts"]
